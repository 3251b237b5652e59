"""What is not needed is not imported: the command line answers at once, toy runs know no JAX."""

import subprocess
import sys

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
