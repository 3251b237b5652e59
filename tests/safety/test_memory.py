"""Files that would fill the memory are refused, in a separate process with a limit that they would exceed."""

import subprocess
import sys

import h5py
import numpy as np
import pytest
from click.testing import CliRunner

from langevin.cli import main
from langevin.store import load, save
from tests.safety.hostile import array, attacked, meta, theory
from tests.synthetic import brownian

MIB = 2**20
#: Largest memory of a process, a fifth of which the libraries need, and seconds of processor time.
MOST, SECONDS = 1024 * MIB, 10
COMMAND = """
import json, resource, sys
from langevin.cli import main
resource.setrlimit(resource.RLIMIT_CPU, ({seconds}, {seconds}))
code = 0
try:
    main(sys.argv[1:])
except SystemExit as end:
    code = end.code
# the peak that getrusage gives begins with that of the process which started this one
peak = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")) * 1024
print(json.dumps([code, peak]))
"""


def zeros(file):
    """Gzipped zeros: 2 walkers at four million times."""
    del file["trajectory"], file["events"]
    rising = np.arange(4 * 10**6)
    for name, values in {"states": np.zeros((2, 4 * 10**6, 1)), "time": rising * 1.0, "step": rising}.items():
        file.create_dataset(f"trajectory/{name}", data=values, chunks=True, compression=1, shuffle=True)
    for name, kind in {"status": "u1", "step": "i8", "time": "f8"}.items():
        file.create_dataset(f"events/{name}", data=np.zeros(2, kind))


def many(file):
    """As many values of `samples` as walkers."""
    walkers = 200_000
    del file["trajectory/states"], file["events"]
    frames = len(file["trajectory/time"])
    file.create_dataset("trajectory/states", data=np.zeros((walkers, frames, 1)), chunks=True, compression=1)
    for name, kind in {"status": "u1", "step": "i8", "time": "f8", "target": "i8", "samples": "i8"}.items():
        values = np.arange(walkers) if name == "samples" else np.ones(walkers)
        file.create_dataset(f"events/{name}", data=values.astype(kind))


QUADRICS = {"dim": 2000, "equations": 3, "stiffness": 100.0, "radius": 1.0, "spread": 0.3, "seed": 0}
ATTACKS = {
    "large quadrics": meta(landscape="quadrics", dials=QUADRICS, dynamics="projected", measure="surface"),
    "gzipped zeros": zeros,
    "a million comparisons": theory(10**6),
    "frames without end": array("trajectory/time", (10**8,)),
    "many ensembles": many,
    "a long entry": meta(seed="x" * 2**24),
}


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    path = tmp_path_factory.mktemp("memory") / "good.h5"
    words = "simulate --potential quadratic --walkers 20 --frames 5 --horizon 1 --seed 1 -q --out"
    assert CliRunner().invoke(main, [*words.split(), str(path)]).exit_code == 0
    return path


@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is counted in kB on Linux")
@pytest.mark.parametrize("name", ATTACKS)
def test_no_file_takes_a_gibibyte_or_ten_seconds(name, good, tmp_path):
    import json

    path = attacked(good, tmp_path / "bad.h5", ATTACKS[name])
    command = [sys.executable, "-c", COMMAND.format(seconds=SECONDS), "compare", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    code, peak = json.loads(done.stdout.splitlines()[-1])
    assert peak < MOST, f"{peak / MIB:.0f} MiB"
    assert "Traceback" not in done.stderr
    assert code == (0 if name == "large quadrics" else 4), done.stderr


def test_a_landscape_larger_than_a_file_may_ask_for_is_given_again(tmp_path):
    run = brownian(3, 5, dim=300)
    said = {"landscape": "quadratic", "dials": {"dim": 300, "stiffness": 1.0, "condition": 1.0, "seed": 0}}
    said |= {
        "dynamics": "soft",
        "measure": None,
        "integrator": "euler_maruyama",
        "temperature": 1.0,
        "dt": 1e-5,
    }
    path = save(tmp_path / "run.h5", type(run)(**{**vars(run), "meta": {**run.meta, **said}}))
    asked = CliRunner().invoke(main, ["compare", str(path)])
    assert "--potential quadratic -p dim=300" in asked.output
    assert load(path).states.shape == (3, 5, 300)


@pytest.mark.parametrize("text", ["0:100000000", "0:9" + "9" * 20, "0:100000000:3"])
def test_a_long_range_of_samples_is_refused_before_it_is_made(text, tmp_path):
    words = ["simulate", "--manifold", "cube", "--samples", text, "--out", str(tmp_path / "x.h5")]
    refused = CliRunner().invoke(main, words)
    assert refused.exit_code == 2
    assert "at most 1000 values" in refused.stderr


def test_a_file_of_h5py_itself_shows_that_the_zeros_are_many(good, tmp_path):
    """Control: the file of zeros could be read completely."""
    path = attacked(good, tmp_path / "bad.h5", zeros)
    with h5py.File(path) as file:
        assert file["trajectory/states"].nbytes > 100 * path.stat().st_size / 2
