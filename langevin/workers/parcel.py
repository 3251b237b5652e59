"""What is sent to a worker once for many tasks: an object by the names of its functions, and hashes of its content."""

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

#: Content by name, as hashes or in words.
Hashes = Mapping[str, str]
#: Objects that a process keeps open.
MOST_OPEN = 8


@dataclass(frozen=True)
class Parcel:
    """An object as bytes, what it is called, hashes of its content, and folders of plugins that it may come from."""

    content: bytes
    what: str
    hashes: Hashes
    plugins: tuple[str, ...]


#: What this process has opened, by its bytes and hashes, the latest last: names alone do not tell versions apart.
_open: dict[tuple[bytes, str], Any] = {}
#: Held while one is opened: tasks of a worker may be threads.
_opening = threading.Lock()


def packed(
    executor: Executor,
    item: Any,
    what: str,
    hashes: Callable[[], Hashes],
    prepare: Callable[[Any], Any] | None = None,
) -> Any:
    """An object as it is handed to tasks of an executor: itself to threads of this process, a parcel to all others.

    Args:
        executor: whose workers get it.
        item: it.
        what: it is called in a sentence.
        hashes: gives its content, which a worker compares.
        prepare: as `by_name.dumps` has it.

    Raises:
        UsageError: it cannot be sent.
    """
    if type(executor) is ThreadPoolExecutor:
        return item
    content = dumps(item, what, prepare)
    return Parcel(content, what, hashes(), tuple(str(folder) for folder in folders()))


def opened(sent: Any, hashes_of: Callable[[Any], Hashes]) -> Any:
    """What was packed.

    Raises:
        UsageError: a module of it is not here, or its content is another.
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
