"""Networks and sims that come with langevin: the folders `models` and `sims`.

In a checkout they are next to the package. A wheel holds copies in `langevin/_content`, so that it installs one
top-level name. Their modules are called `models.parity` and `sims.connectivity` in both places: a run file of one
continues in the other, a sim imports networks and parts of other sims as it does in the checkout, and processes that a
sim starts find its functions. For this the folder that holds them is the last one of `sys.path` from the first
import of one of them. A finder for imports would have to be installed again in each of these processes, which copy the
path. The working directory comes first: its `models` and `sims` hide what they contain, and nothing else.
"""

from __future__ import annotations

import ast
import importlib
import sys
from functools import cache
from pathlib import Path

from langevin.registry.kinds import OWN, arguments, defines

#: The folders, with the name of the function that a module of each defines.
FOLDERS = {"models": "model", "sims": "answer"}


def content_home() -> Path:
    """The folder that contains `models`, `sims` and `results`: of the package in a wheel, else of the checkout."""
    copies = OWN / "_content"
    return copies if copies.is_dir() else OWN.parent


def content_names(folder: str) -> list[str]:
    """Names of the modules of a folder that are networks, or sims; nothing is imported."""
    return list(_texts(folder))


def content_text(folder: str, name: str) -> str:
    """The docstring of the module of a network or a sim, read from its text.

    Args:
        folder: `models` or `sims`.
        name: of the module.
    """
    return _texts(folder)[name]


def content_dials(folder: str, name: str) -> list[str]:
    """Names of the arguments of a network or a sim, also of a file in the working directory; nothing is imported.

    Args:
        folder: models or sims.
        name: as `dotted` takes it.

    Raises:
        UsageError: the file is not valid Python, or cannot be read.
    """
    head, _, function = name.partition(":")
    stem = head.removeprefix(f"{folder}.").replace("-", "_")
    if not stem.isidentifier():
        return []
    files = (Path(f"{stem}.py"), content_home() / folder / f"{stem}.py")
    return next((arguments(file, function or FOLDERS[folder]) for file in files if file.is_file()), [])


def dotted(folder: str, name: str) -> str:
    """The module's name: `parity` is `models.parity` unless the working directory has a module `parity` of its own.

    Args:
        folder: models or sims.
        name: of a network or a sim, with its folder or without; a function may follow after a colon.
    """
    head, colon, function = name.partition(":")
    plain = head.replace("-", "_")
    if not plain.isidentifier() or is_here(plain) or not _is_content(folder, plain):
        return name
    return f"{folder}.{plain}{colon}{function}"


def is_here(name: str) -> bool:
    """Whether the working directory has a module or a package of this name."""
    return Path(f"{name}.py").is_file() or Path(name, "__init__.py").is_file()


def reach(name: str) -> None:
    """Let a module of one of the folders be imported by its dotted name; other names change nothing."""
    folder = name.partition(".")[0]
    if folder not in FOLDERS or folder == name:
        return
    home = content_home()
    if str(home) not in sys.path:
        sys.path.append(str(home))
    package = importlib.import_module(folder)
    places = [str(Path.cwd() / folder), *getattr(package, "__path__", ()), str(home / folder)]
    if hasattr(package, "__path__"):  # the user's folder and langevin's are one package
        package.__path__ = [place for place in dict.fromkeys(places) if Path(place).is_dir()]


def _is_content(folder: str, name: str) -> bool:
    return defines(content_home() / folder / f"{name}.py", FOLDERS[folder])


@cache
def _texts(folder: str) -> dict[str, str]:
    files = sorted((content_home() / folder).glob("[!_]*.py"))
    public = [file for file in files if defines(file, FOLDERS[folder])]
    return {file.stem: ast.get_docstring(ast.parse(file.read_bytes())) or "" for file in public}
