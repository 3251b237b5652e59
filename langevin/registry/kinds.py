"""The kinds of objects that are found by name: their record types, and the files that define them.

Files are read as text, so that a list of names imports nothing.
"""

from __future__ import annotations

import ast
import os
import re
from functools import cache, lru_cache
from pathlib import Path

import langevin
from langevin.errors import UsageError

#: Folder of each kind, and the word for one object in it.
KINDS = {
    "manifolds": "manifold",
    "potentials": "potential",
    "integrators": "integrator",
    "dynamics": "law of motion",
    "questions": "question",
    "theories": "theory",
    "observables": "observable",
    "delays": "theory of the delay",
}
#: Type of the record of a question, which is defined on a higher floor.
QUESTION = "Question"

#: Folder of the package.
OWN = Path(langevin.__file__).parent


def called(kind: str) -> str:
    """The word for one object of this kind.

    Raises:
        UsageError: there is no such kind.
    """
    if kind not in KINDS:
        raise UsageError(
            f"there is no kind {kind!r}",
            "it must be the name of a kind",
            f"choose one of {', '.join(KINDS)}",
        )
    return KINDS[kind]


def record_types(kind: str) -> tuple[type, ...]:
    """Types of the records that an object of this kind is or makes; none if every object is allowed."""
    from langevin.types import (
        DelayTheory,
        Dynamics,
        Integrator,
        Landscape,
        Observable,
        Theory,
        WhetherTheory,
    )  # the types need NumPy, the names do not

    records: dict[str, tuple[type, ...]] = {
        "manifolds": (Landscape,),
        "potentials": (Landscape,),
        "integrators": (Integrator,),
        "dynamics": (Dynamics,),
        "theories": (Theory,),
        "observables": (Observable,),
        "delays": (DelayTheory, WhetherTheory),
    }
    return records.get(kind, ())


def check_record(kind: str, subject: str, item: object) -> None:
    """Refuse an object that is not a record of this kind; `subject` and its verb begin the sentence.

    Args:
        kind: kind of the entry, such as `manifolds`.
        subject: beginning of the sentence, with its verb.
        item: the object.

    Raises:
        UsageError: the object has another type.
    """
    wanted = record_types(kind)
    words = " or ".join(_with_article(record.__name__.lower()) for record in wanted) or _with_article(
        "question"
    )
    if not isinstance(item, wanted) if wanted else type(item).__name__ != QUESTION:
        raise UsageError(
            f"{subject} {words}, but something of type {type(item).__name__}",
            f"it must be {words}",
            "return or name one",
        )


def built_in(kind: str) -> Path:
    """Folder of the built-in objects of a kind."""
    return OWN / kind


def stems(folder: Path) -> list[str]:
    """Names of the files of a folder that define an object with the name of the file; none if there is no folder.

    Raises:
        UsageError: a file is no Python.
    """
    return _own_stems(folder) if folder.parent == OWN else _stems(folder)


def literal(path: Path, keyword: str) -> str | None:
    """The first value of a keyword in the file, as in name="drift" or rank=50; None if it is not a plain value.

    The value shows which files need not be imported.

    Args:
        path: of the file.
        keyword: of the record.
    """
    facts = path.stat()
    return _literal(path, keyword, (facts.st_mtime_ns, facts.st_size))


def holds_its_name(path: Path) -> bool:
    """Whether a function or a constant at the top level of the file has the name of the file.

    Raises:
        UsageError: the file is not valid Python, or cannot be read.
    """
    if path.parent.parent == OWN:  # a built-in registry folder contains only such files; a test checks it
        return _is_public(path)
    return defines(path, path.stem)


def defines(path: Path, name: str) -> bool:
    """Whether the file of a public module defines a function or a constant of this name at its top level.

    Args:
        path: of the file.
        name: of the function or constant.

    Raises:
        UsageError: the file is not valid Python, or cannot be read.
    """
    return _is_public(path) and any(name in _defined(statement) for statement in _body(path))


def arguments(path: Path, name: str) -> list[str]:
    """Names of the arguments of a function at the top level of a file; none if there is no such function.

    Args:
        path: of the file.
        name: of the function.

    Raises:
        UsageError: the file is not valid Python, or cannot be read.
    """
    found = [one.args for one in _body(path) if isinstance(one, ast.FunctionDef) and one.name == name]
    return [argument.arg for one in found for argument in (*one.posonlyargs, *one.args, *one.kwonlyargs)]


def _body(path: Path) -> list[ast.stmt]:
    """The statements at the top level of a file."""
    try:
        return ast.parse(path.read_bytes()).body
    except (OSError, SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None) or 1
        raise UsageError(
            f"{path.name}, line {line}, fails: {type(error).__name__}: {_first_line(error)}",
            "the file must be valid Python",
            "correct it there",
        ) from error


def _with_article(word: str) -> str:
    return f"an {word}" if word[0] in "aeiou" else f"a {word}"


def _stems(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.py") if holds_its_name(path))


@lru_cache(maxsize=1024)
def _literal(path: Path, keyword: str, version: tuple[int, int]) -> str | None:
    """The same, with one reading for each version of the file: a sweep needs it at every point."""
    found = re.search(
        rf'^    {keyword}=(?:"([^"]*)"|(-?\d+)),$', path.read_text(encoding="utf-8"), re.MULTILINE
    )
    return (found[1] if found[1] is not None else found[2]) if found else None


def _is_public(path: Path) -> bool:
    return path.stem.isidentifier() and not path.stem.startswith("_") and os.path.isfile(path)


def _first_line(error: Exception) -> str:
    message = error.msg if isinstance(error, SyntaxError) else str(error)
    return message.strip().partition("\n")[0]


def _defined(statement: ast.stmt) -> list[str]:
    """Names of the functions or constants that a statement defines."""
    if isinstance(statement, ast.FunctionDef):
        return [statement.name]
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    if isinstance(statement, ast.AnnAssign) and statement.value is not None:
        targets = [statement.target]
    return [target.id for target in targets if isinstance(target, ast.Name)]


#: Cache for the built-in folders, which do not change during a process: a sweep looks names up at every point.
_own_stems = cache(_stems)
