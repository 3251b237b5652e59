"""Which files define an object with the name of the file: read as text, so that a list of names imports nothing."""

from __future__ import annotations

import ast
import os
import re
from functools import cache, lru_cache
from pathlib import Path

import langevin
from langevin.errors import UsageError

#: Folder of the package.
OWN = Path(langevin.__file__).parent


def built_in(kind: str) -> Path:
    """Folder of the built-in objects of a kind."""
    return OWN / kind


def stems(folder: Path) -> list[str]:
    """Names of the files of a folder that define an object with the name of the file; none if there is no folder.

    Raises:
        UsageError: a file is no Python.
    """
    return _own_stems(folder) if folder.parent == OWN else _stems(folder)


def _stems(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.py") if holds_its_name(path))


#: Cache for the built-in folders, which do not change during a process: a sweep asks at every point.
_own_stems = cache(_stems)


def literal(path: Path, keyword: str) -> str | None:
    """The first value of a keyword in the file, as in name="drift" or rank=50; None if it is not a plain value.

    The value shows which files need not be imported.
    """
    facts = path.stat()
    return _literal(path, keyword, (facts.st_mtime_ns, facts.st_size))


@lru_cache(maxsize=1024)
def _literal(path: Path, keyword: str, version: tuple[int, int]) -> str | None:
    """The same, with one reading for each version of the file: a sweep needs it at every point."""
    found = re.search(
        rf'^    {keyword}=(?:"([^"]*)"|(-?\d+)),$', path.read_text(encoding="utf-8"), re.MULTILINE
    )
    return (found[1] if found[1] is not None else found[2]) if found else None


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

    Raises:
        UsageError: the file is not valid Python, or cannot be read.
    """
    if not _is_public(path):
        return False
    try:
        body = ast.parse(path.read_bytes()).body
    except (OSError, SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None) or 1
        raise UsageError(
            f"{path.name}, line {line}, fails: {type(error).__name__}: {_first_line(error)}",
            "a file that is Python",
            "mend it there",
        ) from error
    return any(name in _defined(statement) for statement in body)


def _is_public(path: Path) -> bool:
    return path.stem.isidentifier() and not path.stem.startswith("_") and os.path.isfile(path)


def _first_line(error: Exception) -> str:
    said = error.msg if isinstance(error, SyntaxError) else str(error)
    return said.strip().partition("\n")[0]


def _defined(statement: ast.stmt) -> list[str]:
    """Names of the functions or constants that a statement defines."""
    if isinstance(statement, ast.FunctionDef):
        return [statement.name]
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    if isinstance(statement, ast.AnnAssign) and statement.value is not None:
        targets = [statement.target]
    return [target.id for target in targets if isinstance(target, ast.Name)]
