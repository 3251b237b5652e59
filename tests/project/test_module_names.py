"""Modules and files that documents and docstrings name between backticks, or as a path, exist."""

import importlib
import re
from pathlib import Path

import pytest

from tests.project.documents import FENCE, ROOT

#: Folders below the root whose modules are named with them, and packages of langevin, named with or without it.
TOPS = ("langevin", "models", "sims", "benchmarks", "docs", "tests")
PACKAGES = sorted(path.parent.name for path in (ROOT / "langevin").glob("*/__init__.py"))
STARTS = "|".join((*TOPS, *PACKAGES))
DOTTED = re.compile(rf"`((?:{STARTS})(?:\.\w+)+)(?:\([^`]*)?`")
PATHS = re.compile(rf"(?<![\w/])((?:{STARTS})/[\w/]+\.py)\b")
PAGES = sorted(
    [*ROOT.glob("docs/**/*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md"]
)
SOURCES = sorted((ROOT / "langevin").glob("**/*.py"))
#: Parts of names that the user chooses, of a file that the user writes, and a group of entry points.
CHOSEN = ("NAME", "FLOOR", "KIND", "manifolds/ellipse.py", "langevin.models")


def lost(text):
    """The modules, names in modules, and files of a text that do not exist."""
    gone = {name for name in DOTTED.findall(text) if not is_there(name)}
    gone |= {name for name in PATHS.findall(text) if not has_file(name)}
    return sorted(name for name in gone if not any(word in name for word in CHOSEN))


def has_file(name):
    return any((home / name).exists() for home in (ROOT, ROOT / "langevin", ROOT / "tests/plugins"))


def is_there(name):
    """Whether a dotted name is a module, or a name in one."""
    parts = name.split(".") if name.split(".")[0] in TOPS else ["langevin", *name.split(".")]
    home = Path(ROOT, parts[0])
    used = 1
    while used < len(parts) and ((home / parts[used]).is_dir() or (home / f"{parts[used]}.py").exists()):
        home, used = home / parts[used], used + 1
    found = importlib.import_module(".".join(parts[:used]))
    for attribute in parts[used:]:
        if not hasattr(found, attribute):
            return attribute in getattr(found, "__annotations__", {})
        found = getattr(found, attribute)
    return True


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_modules_that_a_page_names_are_there(page):
    assert not lost(FENCE.sub("", page.read_text()))


def test_the_modules_that_docstrings_name_are_there():
    found = {str(path.relative_to(ROOT)): lost(path.read_text()) for path in SOURCES}
    assert not {path: names for path, names in found.items() if names}


def test_a_module_that_is_gone_is_noticed():
    text = "`cli.point`, `langevin.cli.sweep_point`, `registry.names`, kernels/gone.py, kernels/streams.py"
    assert lost(text) == ["cli.point", "kernels/gone.py"]
