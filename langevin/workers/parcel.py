"""An object that is sent once to a worker for many tasks: with its functions by name, and hashes of its content.

A function that is sent by value has another identity on the worker, so no compiled kernel is found again, and it brings
code that the worker does not have. Here a worker takes every function from its own modules: the bytes of an object
contain functions by name, and for a closure its place in its module and its captured values.
"""

from __future__ import annotations

import inspect
import io
import os
import pickle
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from types import CellType, CodeType, FunctionType, ModuleType
from typing import Any

from langevin.errors import LangevinError, UsageError
from langevin.registry.by_module import module_here
from langevin.registry.plugins import add_plugins, folders

#: Parts of the content by name, as hashes or texts.
Hashes = Mapping[str, str]
#: Largest number of objects that a process keeps.
MOST_OPEN = 8
REMEDY = "write it in a module, a file that workers can import by its name, and import it from there"
#: Attributes of a function that are set after it is made.
ATTRIBUTES = ("__defaults__", "__kwdefaults__", "__module__", "__name__", "__qualname__")
HINT = "start the worker in the folder of the module, or install it there"


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

    Args:
        sent: a packed object; any other object is returned as it is.
        hashes_of: returns the hashes of the content of an object.

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


def dumps(item: Any, what: str, prepare: Callable[[Any], Any] | None = None) -> bytes:
    """The bytes of an object.

    Args:
        item: the object.
        what: its name in messages.
        prepare: a function, sent by name; the receiver calls it with each function that a closure captures.

    Raises:
        UsageError: the object contains a function that no other process can import, or something that cannot be sent.
    """
    stream = io.BytesIO()
    try:
        _Writer(stream, what, prepare).dump(item)
    except LangevinError:
        raise
    except Exception as error:  # each kind of object fails in its own way
        first = str(error).strip().partition("\n")[0]
        raise UsageError(
            f"{what} cannot be sent to another process: {type(error).__name__}: {first}",
            "numbers, arrays, records, and functions of modules",
            REMEDY,
        ) from error
    return stream.getvalue()


def loads(content: bytes) -> Any:
    """The object of `dumps`, with the functions of the modules of this process.

    Raises:
        UsageError: a module or a function does not exist here.
    """
    return _Reader(io.BytesIO(content)).load()


class _Writer(pickle.Pickler):
    def __init__(self, stream: io.BytesIO, what: str, prepare: Callable[[Any], Any] | None) -> None:
        super().__init__(stream, protocol=5)
        self.what, self.prepare = what, prepare

    def reducer_override(self, item: Any) -> Any:
        """How to make an item again; for all but functions and modules the usual way is used."""
        if isinstance(item, ModuleType):
            return _module, (item.__name__,)
        if isinstance(item, FunctionType) or hasattr(item, "py_func"):
            return self._function(item)
        return NotImplemented

    def _function(self, item: Any) -> Any:
        plain = getattr(item, "py_func", item)
        home = plain.__globals__.get(
            "__name__", ""
        )  # a wrapper also has the module name of the function that it wraps
        module = sys.modules.get(home)
        if module is None or home == "__main__":
            raise self._refusal(plain, home)
        name = _name(module, item, plain.__qualname__)
        if name is not None:
            return name if plain.__module__ == home else (_named, (home, name))
        place = _place(module, plain) if plain is item else None
        if place is None:
            raise self._refusal(plain, home)
        cells = tuple(_content(cell) for cell in plain.__closure__ or ())
        attributes = {name: getattr(plain, name) for name in ATTRIBUTES}
        return _closure, (home, *place), (attributes, cells, self.prepare), None, None, _fill

    def _refusal(self, function: FunctionType, home: str) -> UsageError:
        return UsageError(
            f"{function.__qualname__} of {self.what} is defined in {home}, which no other process can import",
            "functions of modules",
            REMEDY,
        )


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        """The object with this name in a module of this process."""
        return _named(module, name)


def _module(name: str) -> ModuleType:
    return sys.modules.get(name) or module_here(name, HINT)


def _attribute(home: Any, name: str) -> Any:
    if not hasattr(home, name):
        raise UsageError(
            f"{getattr(home, '__name__', home)} has no {name}", "the same modules on every worker", HINT
        )
    return getattr(home, name)


def _named(module: str, name: str) -> Any:
    found: Any = _module(module)
    for part in name.split("."):
        found = _attribute(found, part)
    return found


def _name(module: ModuleType, item: Any, qualified: str) -> str | None:
    """The name of a function in the module, or in the class that defines it; None if it has none."""
    home = qualified.rpartition(".")[0]
    for prefix, holder in (("", module), (f"{home}.", vars(module).get(home))):
        for name, found in vars(holder).items() if isinstance(holder, ModuleType | type) else ():
            if found is item:
                return f"{prefix}{name}"
    return None


def _place(module: ModuleType, function: FunctionType) -> tuple[str, str, int] | None:
    """Where the code of a function is: the outer function, the name, and the index among functions of this name."""
    qualified = function.__code__.co_qualname
    outer = qualified.partition(".<locals>")[0]
    for number, code in enumerate(_codes(module, outer, qualified)):
        if code == function.__code__:
            return outer, qualified, number
    return None


def _codes(module: ModuleType, outer: str, qualified: str) -> list[CodeType]:
    """All code objects of a qualified name in the outer function of a module; empty if there is no such function."""
    home: Any = module
    for part in outer.split("."):
        home = getattr(home, part, None)
    home = inspect.unwrap(getattr(home, "py_func", home)) if callable(home) else None
    code = getattr(home, "__code__", None)
    return [one for one in _nested(code) if one.co_qualname == qualified] if code else []


def _nested(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _nested(constant)


def _closure(module: str, outer: str, qualified: str, number: int) -> FunctionType:
    """A function of a module of this process, without captured values."""
    home = _module(module)
    found = _codes(home, outer, qualified)
    if number >= len(found):
        raise UsageError(f"module {module} here has no {qualified}", "the same modules on every worker", HINT)
    code = found[number]
    return FunctionType(code, vars(home), code.co_name, None, tuple(CellType() for _ in code.co_freevars))


def _content(cell: CellType) -> tuple[Any, ...]:
    """The contents of a cell, or an empty tuple."""
    try:
        return (cell.cell_contents,)
    except ValueError:
        return ()


def _fill(function: FunctionType, state: tuple[Any, ...]) -> None:
    """Give a new function the captured values of the function that was sent."""
    attributes, cells, prepare = state
    for name, value in attributes.items():
        setattr(function, name, value)
    if len(cells) != len(function.__closure__ or ()):
        raise UsageError(
            f"{function.__qualname__} here captures other names", "the same modules on every worker", HINT
        )
    for cell, content in zip(function.__closure__ or (), cells):
        if content:
            (value,) = content
            cell.cell_contents = prepare(value) if prepare and isinstance(value, FunctionType) else value
