"""Names and entries of every kind: first the built-in ones, then those of folders of plugins and of distributions."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from langevin.errors import UsageError
from langevin.registry.by_module import guarded, own
from langevin.registry.installed import Offer, brought, offers, usable
from langevin.registry.kinds import arguments, built_in, called, check_record, holds_its_name, literal, stems
from langevin.registry.plugins import PLUGINS, folders, load

#: Prefix of a name that is a formula, and the kinds that can be made from a formula.
FORMULA, OF_FORMULAS = "expr:", ("manifolds", "potentials")


def names(kind: str) -> list[str]:
    """Names of all entries of a kind, as written on the command line; nothing is imported.

    Raises:
        UsageError: there is no such kind, or a file is not valid Python.
    """
    return sorted({*file_names(kind), *offers(kind)})


def file_names(kind: str) -> list[str]:
    """The same without what installed distributions offer: names of built-in entries, and of folders of plugins.

    Raises:
        UsageError: as `names`.
    """
    called(kind)
    return sorted(stem.replace("_", "-") for _, folder in _homes(kind) for stem in stems(folder))


def factory(kind: str, name: str) -> Callable[..., Any]:
    """The factory called `name`: built-in, from a plugin, user-defined as `module:name`, or `expr:FORMULA`.

    The arguments of built-in factories are checked (`langevin.arguments`). Other factories are wrapped as well: a
    failure is reported in one sentence, and their result must be a record of the kind. A ready record counts as a
    factory without dials.

    Args:
        kind: kind of the entry, such as `manifolds`.
        name: of the factory.

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
    build = guarded(kind, name, found, offered(kind, name))
    if package:
        build.__module__, build.__qualname__ = f"{package}.{_plain(name)}", _plain(name)
    return build


def dial_names(kind: str, name: str) -> list[str]:
    """Names of the dials of an entry that has a file; none of another one. The text is read, and nothing is imported.

    Args:
        kind: kind of the entry, such as `manifolds`.
        name: of the entry.

    Raises:
        UsageError: as `names`.
    """
    called(kind)
    files = [folder / f"{_plain(name)}.py" for _, folder in _homes(kind)]
    return next((arguments(file, file.stem) for file in files if file.is_file()), [])


def entry(kind: str, name: str) -> Any:
    """The object in the file called `name` that has the name of the file, or the user-defined object `module:name`.

    The object is a record, or a function that makes one.

    Args:
        kind: kind of the entry, such as `manifolds`.
        name: of the entry; or `module:name` of a user-defined one.

    Raises:
        UsageError: there is no such entry or module, or it is a record of another kind; the message lists the known
            names.
    """
    _, found = _found(kind, name)
    if not callable(found):
        check_record(kind, f"{name} is not", found)
    return found


def literals(kind: str, keyword: str) -> dict[str, str | None]:
    """The value of a keyword in the record of each entry of a kind, by name.

    That of a file is read from its text (`registry.kinds.literal`); records of distributions are imported, and those
    that fail are left out.

    Args:
        kind: kind of the entry, such as `manifolds`.
        keyword: of the record, such as `rank`.
    """
    brought_in = {name: getattr(record, keyword, None) for name, record in usable(kind).items()}
    of_files = {
        stem.replace("_", "-"): literal(folder / f"{stem}.py", keyword)
        for _, folder in _homes(kind)
        for stem in stems(folder)
    }
    return {name: None if value is None else str(value) for name, value in brought_in.items()} | of_files


def offered(kind: str, name: str) -> Offer | None:
    """What a distribution offers under this name, None if it is not used: there is none, or a file has the name.

    Args:
        kind: kind of the entry, such as `manifolds`.
        name: of the entry.
    """
    spelled = name.replace("_", "-")
    return None if spelled in file_names(kind) else offers(kind).get(spelled)


def entries(kind: str) -> dict[str, Any]:
    """All entries of a kind by their names; the first call imports them.

    What an installed distribution offers and cannot be used is left out.

    Raises:
        UsageError: there is no such kind, or a file of a folder of plugins fails.
    """
    return dict(sorted((usable(kind) | _entries(kind, tuple(folders()))).items()))


@cache
def _entries(kind: str, added: tuple[Path, ...]) -> dict[str, Any]:
    return {name: entry(kind, name) for name in file_names(kind)}


def _homes(kind: str) -> list[tuple[str, Path]]:
    """Packages and folders in which files of a kind are searched."""
    plugins = [(f"{PLUGINS}.{kind}", folder / kind) for folder in folders()]
    return [(f"langevin.{kind}", built_in(kind)), *plugins]


def _found(kind: str, name: str) -> tuple[str, Any]:
    """(package of the file, object in it); the package is empty for module:name and for a distribution's."""
    one = called(kind)
    if ":" in name:
        return "", own(name)
    plain = _plain(name)
    for package, folder in _homes(kind) if plain.isidentifier() else ():
        if holds_its_name(folder / f"{plain}.py"):
            bring = load if package.startswith(PLUGINS) else importlib.import_module
            found = getattr(bring(f"{package}.{plain}"), plain)
            return package, _with_checks(found, package) if package == f"langevin.{kind}" else found
    offer = offers(kind).get(name.replace("_", "-"))
    if offer is not None:
        return "", brought(offer)
    raise UsageError(
        _unknown(one, name, names(kind)),
        f"it must be a name of `langevin list {kind}`",
        _other_kind(kind, name),
    )


def _with_checks(found: Any, package: str) -> Any:
    from langevin.arguments import with_checks  # the checks need NumPy, the names do not

    return found if isinstance(found, type) or not callable(found) else with_checks(found, package)


def _plain(name: str) -> str:
    """The name as a Python identifier."""
    return name.replace("-", "_")


def _other_kind(kind: str, name: str) -> str:
    """Advice for a loss that is named as a manifold, or the reverse; empty for all other names."""
    other = {"manifolds": "potentials", "potentials": "manifolds"}.get(kind, "")
    if not other or name.replace("_", "-") not in names(other):
        return ""
    return f"{name} is one of the {other}: give it by --{other.removesuffix('s')}"


def _unknown(one: str, name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]}? " if near else ""
    choice = f"choose one of {', '.join(known)}, or your own" if known else "give your own"
    return f"there is no {one} {name!r}; {hint}{choice} as module:name or in a folder of --plugins"
