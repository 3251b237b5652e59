"""Modules are imported only if they are needed: the command line starts quickly, landscape runs import no JAX."""

import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = "import sys; from langevin.cli import main; sys.argv[1:] = {arguments!r}.split(); main()"
SIMULATE = "simulate --potential quadratic --walkers 10 --horizon 0.1 --seed 1 --quiet"
ANY = {"numpy", "numba", "scipy", "jax", "h5py", "matplotlib", "pandas", "xarray", "tqdm"}
#: Parts of SciPy that take a quarter of a second each, and that this run does not use.
PARTS = {"scipy.optimize", "scipy.integrate", "scipy.spatial", "scipy.sparse"}
#: Packages that a run of each kind must not import.
LEFT_ALONE = {
    "import langevin": ANY | {"click"},
    COMMAND.format(arguments="--help"): ANY,
    COMMAND.format(arguments="simulate --help"): ANY,
    COMMAND.format(arguments=SIMULATE): {"jax", "matplotlib", "pandas", "xarray", "sklearn", *PARTS},
}


@pytest.mark.parametrize("script", LEFT_ALONE)
def test_only_what_is_needed_is_imported(script, tmp_path):
    watch = f"import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr)); {script}"
    done = subprocess.run(
        [sys.executable, "-c", watch], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found = set(done.stderr.split())
    assert "langevin" in found
    assert not LEFT_ALONE[script] & found


def rooms_of_theory():
    from langevin import theory

    return {name: getattr(theory, name) for name in theory.__all__}


def test_the_rooms_of_theory_are_its_folders():
    from langevin import theory

    folders = sorted(path.parent.name for path in Path(theory.__file__).parent.glob("*/__init__.py"))
    assert folders == sorted(theory.__all__)


def test_no_public_name_of_theory_is_hidden_by_a_module():
    """A submodule that has been imported becomes an attribute of its package."""
    for room in rooms_of_theory().values():
        modules = {path.stem for path in Path(room.__file__).parent.glob("*.py")}
        assert not modules & set(room.__all__)


def test_each_room_of_theory_exports_functions_and_records():
    for name, room in rooms_of_theory().items():
        assert room.__all__ == sorted(room.__all__), name
        assert all(callable(getattr(room, item)) or item == "EULER" for item in room.__all__), name
