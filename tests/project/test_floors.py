"""Imports go down only, and each heavy library is imported by one package only."""

import ast
import shutil
import subprocess
import sys

import pytest

from tests.project.documents import ROOT

#: For each library the only folders of langevin that may import it.
HOMES = {
    "matplotlib": {"figures"},
    "h5py": {"store"},
    "jax": {"formulas", "sgld", "observables", "measure/networks"},
    "click": {"cli"},
}


LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"


def lint_imports(folder):
    command = [sys.executable, "-c", LINT, "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def imported(path):
    """First names of all modules that a file imports, at the top or inside functions."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


def test_imports_go_down_only():
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("theory/gibbs/quadratures.py", "import langevin.measure"),
        ("measure/moments.py", "import langevin.theory"),
        ("theories/__init__.py", "import langevin.measure"),
        ("kernels/streams.py", "import langevin.manifolds"),
        ("attic/__init__.py", ""),
    ],
)
def test_an_import_upwards_or_a_package_without_a_floor_is_caught(file, line, tmp_path):
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(ROOT / "langevin", tmp_path / "langevin", ignore=shutil.ignore_patterns("__pycache__"))
    path = tmp_path / "langevin" / file
    path.parent.mkdir(exist_ok=True)
    with path.open("a") as source:
        source.write(f"\n{line}\n")
    done = lint_imports(tmp_path)
    assert done.returncode == 1
    assert "BROKEN" in done.stdout


@pytest.mark.parametrize("library", HOMES)
def test_a_heavy_library_is_imported_by_its_own_package_only(library):
    users = {
        path.relative_to(ROOT / "langevin").parent.as_posix()
        for path in (ROOT / "langevin").rglob("*.py")
        if library in set(imported(path))
    }
    assert users == HOMES[library]


def test_a_toy_run_and_the_estimators_import_no_jax():
    code = "import sys, langevin.measure, langevin.experiment, langevin.cli; assert 'jax' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
