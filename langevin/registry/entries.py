"""Names and entries of every kind: first the built-in ones, then those of plugins."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from langevin.errors import UsageError
from langevin.registry.files import built_in, holds_its_name, literal, stems
from langevin.registry.kinds import called, check_record
from langevin.registry.own import guarded, own
from langevin.registry.plugins import PLUGINS, folders, load

#: Prefix of a name that is a formula, and the kinds that can be made from a formula.
FORMULA, OF_FORMULAS = "expr:", ("manifolds", "potentials")


def names(kind: str) -> list[str]:
    """Names of all entries of a kind, as written on the command line; nothing is imported.

    Raises:
        UsageError: there is no such kind, or a file is not valid Python.
    """
    called(kind)
    return sorted(stem.replace("_", "-") for _, folder in _homes(kind) for stem in stems(folder))


def factory(kind: str, name: str) -> Callable[..., Any]:
    """The factory called `name`: built-in, from a plugin, user-defined as `module:name`, or `expr:FORMULA`.

    The arguments of built-in factories are checked (`langevin.doors`). Other factories are wrapped as well: a failure
    is reported in one sentence, and their result must be a record of the kind. A ready record counts as a factory
    without dials.

    Raises:
        UsageError: there is no such factory or module; the message lists the known names.
    """
    if kind in OF_FORMULAS and name.startswith(FORMULA):
        of_formula: Callable[..., Any] = importlib.import_module("langevin.formulas.factory").factory_of(
            kind, name
        )
        return of_formula
    package, found = _found(kind, name)
    if package == f"langevin.{kind}":
        make: Callable[..., Any] = found
        return make
    build = guarded(kind, name, found)
    if package:
        build.__module__, build.__qualname__ = f"{package}.{_plain(name)}", _plain(name)
    return build


def entry(kind: str, name: str) -> Any:
    """The object in the file called `name` that has the name of the file, or the user-defined object `module:name`.

    The object is a record, or a function that makes one.

    Raises:
        UsageError: there is no such entry or module, or it is a record of another kind; the message lists the known
            names.
    """
    _, found = _found(kind, name)
    if not callable(found):
        check_record(kind, f"{name} is not", found)
    return found


def literals(kind: str, keyword: str) -> dict[str, str | None]:
    """The value of a keyword in the record of each file of a kind, by name; read from the text (`files.literal`)."""
    return {
        stem.replace("_", "-"): literal(folder / f"{stem}.py", keyword)
        for _, folder in _homes(kind)
        for stem in stems(folder)
    }


def entries(kind: str) -> dict[str, Any]:
    """All entries of a kind by their names; the first call imports them.

    Raises:
        UsageError: there is no such kind, or a plugin fails.
    """
    return dict(_entries(kind, tuple(folders())))


@cache
def _entries(kind: str, added: tuple[Path, ...]) -> dict[str, Any]:
    return {name: entry(kind, name) for name in names(kind)}


def _homes(kind: str) -> list[tuple[str, Path]]:
    """Packages and folders in which files of a kind are searched."""
    plugins = [(f"{PLUGINS}.{kind}", folder / kind) for folder in folders()]
    return [(f"langevin.{kind}", built_in(kind)), *plugins]


def _found(kind: str, name: str) -> tuple[str, Any]:
    """(package of the file, object in it); for an object given as module:name the package is empty."""
    one = called(kind)
    if ":" in name:
        return "", own(name)
    plain = _plain(name)
    for package, folder in _homes(kind) if plain.isidentifier() else ():
        if holds_its_name(folder / f"{plain}.py"):
            bring = load if package.startswith(PLUGINS) else importlib.import_module
            found = getattr(bring(f"{package}.{plain}"), plain)
            return package, _behind_door(found, package) if package == f"langevin.{kind}" else found
    raise UsageError(
        _unknown(one, name, names(kind)), f"a name of `langevin list {kind}`", "give one of these"
    )


def _behind_door(found: Any, package: str) -> Any:
    from langevin.doors import door  # the door needs NumPy, the names do not

    return found if isinstance(found, type) or not callable(found) else door(found, package)


def _plain(name: str) -> str:
    """The name as a Python identifier."""
    return name.replace("-", "_")


def _unknown(one: str, name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]}? " if near else ""
    choice = f"choose one of {', '.join(known)}, or your own" if known else "give your own"
    return f"there is no {one} {name!r}; {hint}{choice} as module:name or in a folder of --plugins"
