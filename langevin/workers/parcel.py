"""An object that is sent once to a worker for many tasks: with its functions by name, and hashes of its content."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from langevin.errors import UsageError
from langevin.registry.plugins import add_plugins, folders
from langevin.workers.by_name import dumps, loads

#: Parts of the content by name, as hashes or texts.
Hashes = Mapping[str, str]
#: Largest number of objects that a process keeps.
MOST_OPEN = 8


@dataclass(frozen=True)
class Parcel:
    """An object as bytes, its name in messages, hashes of its content, and folders of plugins that it may need."""

    content: bytes
    what: str
    hashes: Hashes
    plugins: tuple[str, ...]


#: Objects that this process has opened, by bytes and hashes, the latest last: names do not distinguish versions.
_open: dict[tuple[bytes, str], Any] = {}
#: Lock while an object is opened: tasks of a worker may be threads.
_opening = threading.Lock()


def packed(
    executor: Executor,
    item: Any,
    what: str,
    hashes: Callable[[], Hashes],
    prepare: Callable[[Any], Any] | None = None,
) -> Any:
    """The form of an object for tasks of an executor: the object itself for threads of this process, else a parcel.

    Args:
        executor: its workers receive the object.
        item: the object.
        what: its name in messages.
        hashes: returns hashes of its content, which a worker compares.
        prepare: as in `by_name.dumps`.

    Raises:
        UsageError: the object cannot be sent.
    """
    if type(executor) is ThreadPoolExecutor:
        return item
    content = dumps(item, what, prepare)
    return Parcel(content, what, hashes(), tuple(str(folder) for folder in folders()))


def opened(sent: Any, hashes_of: Callable[[Any], Hashes]) -> Any:
    """The object that was packed.

    Raises:
        UsageError: one of its modules does not exist here, or its content differs.
    """
    if not isinstance(sent, Parcel):
        return sent
    key = sent.content, repr(sent.hashes)
    with _opening:
        if key not in _open:
            _open[key] = _checked(sent, hashes_of)
            while len(_open) > MOST_OPEN:
                del _open[next(iter(_open))]
        return _open[key]


def _checked(parcel: Parcel, hashes_of: Callable[[Any], Hashes]) -> Any:
    worker = f"worker {socket.gethostname()}, process {os.getpid()},"
    try:
        for folder in parcel.plugins:
            add_plugins(folder)
        item = loads(parcel.content)
        here = hashes_of(item)
    except UsageError as error:
        raise UsageError(f"{worker} cannot make {parcel.what}: {error}") from error
    others = [name for name, content in parcel.hashes.items() if here.get(name) != content]
    if others:
        raise UsageError(
            f"{worker} has another version of {' and '.join(f'the {name}' for name in others)} of {parcel.what}",
            "the same modules and packages on every machine",
            "install the same there, or start the worker anew if files have changed since",
        )
    return item
