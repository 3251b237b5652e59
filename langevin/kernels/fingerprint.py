"""A hash of everything on which a compiled function depends, so that an outdated kernel is never loaded.

It covers, recursively: bytecode, constants, defaults, closure cells and referenced globals of plain functions,
with the name and the text of their file (which contains decorators, their options and Numba overloads); the
options of jitted ones; attributes reached through modules; the content of numbers, strings, containers
and arrays.
"""

from __future__ import annotations

import hashlib
import linecache
import sys
import types
from collections.abc import Iterable
from typing import Any

import numpy as np

#: Packages that enter by their version, which the caller hashes, and not by their content.
VERSIONED = frozenset({"numpy", "numba", "llvmlite", "math", "builtins"})
#: Types of values that are hashed by their text.
PLAIN = frozenset({type(None), type(Ellipsis), bool, int, float, complex, str, bytes})


class Unhashable(TypeError):
    """An object that is compiled in cannot be hashed: the kernel works, but must not be cached on disk."""


def fingerprint(*items: Any) -> tuple[str, bool]:
    """Return the hexadecimal SHA-256, and whether the module of every function can be imported again.

    Raises:
        Unhashable: an item refers to an object that cannot be hashed.
    """
    walk = _Walk()
    for item in items:
        walk.feed(item)
    return walk.digest(), walk.importable


class _Walk:
    """The state of one recursive walk: the pieces of the hash, and the objects that were already visited."""

    def __init__(self) -> None:
        self.parts: list[Any] = []
        self.seen: dict[int, tuple[int, Any]] = {}
        self.importable = True

    def digest(self) -> str:
        """Hash of all pieces, joined to one text, because hashing each piece would take twice as long."""
        return hashlib.sha256(repr(self.parts).encode()).hexdigest()

    def feed(self, item: Any) -> None:
        if type(item) in PLAIN:
            self._text(type(item).__name__, item)
        elif isinstance(item, types.FunctionType):
            self._function(item)
        elif hasattr(item, "py_func"):
            self._text("jit", sorted((key, repr(value)) for key, value in item.targetoptions.items()))
            self._function(item.py_func)
        elif isinstance(item, types.CodeType):
            self._code(item)
        elif isinstance(item, np.ndarray | np.generic) and not item.dtype.hasobject:
            self._text("array", item.dtype.str, item.shape)
            self._text(hashlib.sha256(np.ascontiguousarray(item).tobytes()).hexdigest())
        elif isinstance(item, tuple | list):
            self._text(type(item).__name__, len(item))
            self._all(item)
        elif isinstance(item, dict):
            self._all(sorted(item.items()))
        elif isinstance(item, frozenset):
            self._all(sorted(item, key=repr))
        elif _root(item) in VERSIONED:
            self._text("library", getattr(item, "__module__", ""), getattr(item, "__name__", repr(item)))
        else:
            raise Unhashable(f"{item!r} of type {type(item).__name__}")

    def _function(self, function: types.FunctionType) -> None:
        if id(function) in self.seen:
            self._text("again", self.seen[id(function)][0])
            return
        self.seen[id(function)] = len(self.seen), function
        self.importable &= function.__module__ in sys.modules
        self._text("function", function.__module__, function.__qualname__)
        digest, used = _unchanging(function.__code__)
        self._text(digest)
        self.feed(function.__defaults__)
        self.feed(function.__kwdefaults__)
        for cell in function.__closure__ or ():
            self._reached(cell.cell_contents, used)
        known = function.__globals__
        self._text("builtins and attributes", [name for name in used if name not in known])
        for name in used:
            if name in known:
                self._text("global", name)
                self._reached(known[name], used)

    def _reached(self, value: Any, used: list[str], through: tuple[types.ModuleType, ...] = ()) -> None:
        """Feed a value that code refers to; for a module, feed the attributes that the names `used` can reach."""
        if not isinstance(value, types.ModuleType):
            self.feed(value)
            return
        self._text("module", value.__name__)
        if value.__name__.partition(".")[0] not in VERSIONED and value not in through:
            for name in used:
                if hasattr(value, name):
                    self._text("attribute", name)
                    self._reached(getattr(value, name), used, (*through, value))

    def _code(self, code: types.CodeType) -> None:
        self._text(code.co_code, code.co_names, code.co_varnames, code.co_freevars)
        self._all(code.co_consts)

    def _all(self, items: Iterable[Any]) -> None:
        for item in items:
            self.feed(item)

    def _text(self, *values: Any) -> None:
        self.parts.append(values)


def _root(item: Any) -> str:
    module = getattr(item, "__module__", None) or type(item).__module__
    return str(module).partition(".")[0]


#: Results of `_unchanging` by the identity of the code object; the object is kept, so no other gets its identity.
_known: dict[int, tuple[types.CodeType, str, list[str]]] = {}


def _unchanging(code: types.CodeType) -> tuple[str, list[str]]:
    """Constant properties of a code object: a hash of it and of its source, and the names it uses."""
    if id(code) not in _known:
        walk = _Walk()
        walk.feed(code)
        walk.feed(_source(code))
        _known[id(code)] = code, walk.digest(), _names(code)
    return _known[id(code)][1:]


def _source(code: types.CodeType) -> str:
    """Text of the file, or the notebook's cell, that contains a function."""
    linecache.checkcache(code.co_filename)  # `inspect` would look through all modules first
    return "".join(linecache.getlines(code.co_filename))


def _names(code: types.CodeType) -> list[str]:
    """Every global or attribute name used in the code, nested functions included."""
    names = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            names.update(_names(constant))
    return sorted(names)
