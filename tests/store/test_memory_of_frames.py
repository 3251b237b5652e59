"""The memory of a run that is kept does not grow with its frames, nor does that of its file."""

import subprocess
import sys

import pytest

#: Peak memory in KiB of a run with so many frames of 312 KiB, kept while it is made, saved, and read again.
RUN = """
import resource, sys
from pathlib import Path
from langevin import Problem, Watch, measure, potentials, simulate
from langevin.store import Walks, discard, load, save
path = Path(sys.argv[2])
watch = Watch(journal=Walks(path).next()) if sys.argv[3] == "kept" else None
run = simulate(Problem(potentials.quadratic(dim=10), 0.5), walkers=4000, steps=4 * int(sys.argv[1]), every=4,
               dt=0.01, seed=1, watch=watch)
save(path, run)
discard(path)
measure.time_mean(load(path), lambda states: states[..., 0] ** 2, 0.5)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def peak(frames, path, how):
    words = [sys.executable, "-c", RUN, str(frames), str(path), how]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    path.unlink()
    return int(done.stdout) * (1 if sys.platform != "darwin" else 1 / 1024)


@pytest.mark.slow
def test_three_times_the_frames_take_the_same_memory(tmp_path):
    """300 and 900 MiB of frames; the companion is a run that nobody keeps, which holds them all."""
    few, many = (peak(frames, tmp_path / "run.h5", "kept") for frames in (1000, 3000))
    assert many < 1.1 * few
    assert peak(1000, tmp_path / "run.h5", "held") > few + 150 * 2**10
