"""User-defined folders with objects of every kind: FOLDER/manifolds/helix.py is the manifold helix.

They are imported by dotted names below `langevin_plugins`. This package is created here, and its path contains the
folders. A file that is loaded by its path would have no name by which another process can import it, and the disk cache
of Numba keeps only functions that can be imported again.
"""

from __future__ import annotations

import importlib
import os
import sys
import traceback
from pathlib import Path
from types import ModuleType

from langevin.errors import LangevinError, UsageError
from langevin.registry.kinds import KINDS, built_in

#: Package of all plugins.
PLUGINS = "langevin_plugins"


def add_plugins(folder: str | Path) -> None:
    """Let the files in the folders `manifolds`, `potentials` ... of a folder be found by name.

    A file is imported when its object is needed, which runs its code: name only folders that you trust. A file may
    import another file of its folder by a relative import.

    Args:
        folder: contains at least one folder with the name of a kind. A folder that was added before changes nothing.

    Raises:
        UsageError: there is no such folder, or it contains no folder of a kind; a file has the name of a built-in
            object or of a file in a folder that was added before.
    """
    wanted = os.path.expanduser(folder)
    if not os.path.isdir(wanted):
        raise UsageError(
            f"there is no folder {folder}",
            "a folder",
            f"give --plugins a folder with one of {', '.join(KINDS)}",
        )
    home = Path(wanted).resolve()
    kinds = [kind for kind in KINDS if (home / kind).is_dir()]
    if not kinds:
        raise UsageError(
            f"{folder} holds no plugins",
            "it must contain folders with files",
            f"put them into folders in it, named {', '.join(KINDS)}",
        )
    if home in folders():
        return
    for module in sorted(_modules(home)):
        if len(module.parts) > 1 and (built_in(module.parts[0]) / f"{module.name}.py").is_file():
            raise UsageError(
                f"{module}.py in {folder} has the name of one of langevin's own",
                "a name of its own",
                "give it another",
            )
        if any(module in _modules(other) for other in folders()):
            raise UsageError(
                f"{module}.py is in {folder} and in another folder of plugins",
                "a name of its own",
                "rename one of them",
            )
    package = _mount(PLUGINS, home)
    for kind in KINDS:
        setattr(package, kind, _mount(f"{PLUGINS}.{kind}", home / kind))
    importlib.invalidate_caches()


def folders() -> list[Path]:
    """The folders that were added."""
    return [Path(folder) for folder in getattr(sys.modules.get(PLUGINS), "__path__", ())]


def load(name: str) -> ModuleType:
    """Import a plugin's module by its dotted name.

    Raises:
        UsageError: the module fails; the sentence contains the line of its file.
    """
    try:
        return importlib.import_module(name)
    except LangevinError:
        raise
    except Exception as error:
        path = Path(*name.split(".")[1:]).with_suffix(".py")
        lines = [
            frame.lineno
            for frame in traceback.extract_tb(error.__traceback__)
            if any(Path(frame.filename) == folder / path for folder in folders())
        ]
        first = str(error).strip().partition("\n")[0]
        place = f"{path.name}, line {lines[-1]}," if lines else f"{path.name}"
        raise UsageError(
            f"{place} fails: {type(error).__name__}: {first}",
            "Python must be able to import the file",
            "correct it there",
        ) from error


def _mount(name: str, folder: Path) -> ModuleType:
    """The package of this name with the folder on its path; it is made if there is none."""
    module = sys.modules.setdefault(name, ModuleType(name))
    module.__path__ = [*getattr(module, "__path__", ()), str(folder)]
    return module


def _modules(home: Path) -> set[Path]:
    """Modules that a folder adds, in the folders of kinds and at its top, as relative paths without suffix."""
    places = [home, *(home / kind for kind in KINDS)]
    files = [path.with_suffix("") for place in places for path in place.glob("*.py")]
    packages = [path.parent for place in places for path in place.glob("*/__init__.py")]
    found = {path.relative_to(home) for path in files + packages}
    return {path for path in found if not path.name.startswith("__") and str(path) not in KINDS}
