"""What is not needed is not imported: the command line answers at once, toy runs know no JAX."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = "import sys; from langevin.cli import main; sys.argv[1:] = {arguments!r}.split(); main()"
SIMULATE = "simulate --potential quadratic --walkers 10 --horizon 0.1 --seed 1 --quiet"
ANY = {"numpy", "numba", "scipy", "jax", "h5py", "matplotlib", "pandas", "xarray", "tqdm"}
#: Packages that a run of each kind must leave alone.
LEFT_ALONE = {
    "import langevin": ANY | {"click"},
    COMMAND.format(arguments="--help"): ANY,
    COMMAND.format(arguments="simulate --help"): ANY,
    COMMAND.format(arguments=SIMULATE): {"jax", "matplotlib", "pandas", "xarray", "sklearn"},
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


def test_no_public_name_of_theory_is_hidden_by_a_module():
    """A submodule that has been imported becomes an attribute of its package, before `__getattr__` is asked."""
    from langevin import theory

    modules = {path.stem for path in Path(theory.__file__).parent.glob("*.py")}
    assert not modules & set(theory.__all__)


def test_type_checkers_read_the_names_of_theory_that_there_are():
    from langevin import theory

    stub = Path(theory.__file__).with_suffix(".pyi").read_text()
    read = {}
    for module, names in re.findall(r"from langevin\.theory\.(\w+) import (\([^)]*\)|.*)", stub):
        read |= {name: module for name in re.findall(r"(\w+) as \1", names)}
    assert read == theory._MODULE
    for name in theory.__all__:
        assert callable(getattr(theory, name)) or name == "EULER"
