"""Neither the process that keeps a run nor its workers need more memory for more frames."""

import subprocess
import sys

import pytest

#: Peak memory in KiB, of this process and of its workers, for a kept run with a number of frames of 312 KiB.
RUN = """
import resource, sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from langevin import Problem, Watch, potentials, simulate
from langevin.store import Walks, discard, save
path = Path(sys.argv[2])
watch = Watch(journal=Walks(path).next()) if sys.argv[3] == "kept" else None
with ProcessPoolExecutor(2, get_context("spawn")) as executor:
    run = simulate(Problem(potentials.quadratic(dim=10), 0.5), walkers=4000, steps=4 * int(sys.argv[1]), every=4,
                   dt=0.01, seed=1, watch=watch, executor=executor)
save(path, run)
discard(path)
print(*(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))
"""


def peaks(frames, path, how):
    words = [sys.executable, "-c", RUN, str(frames), str(path), how]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    path.unlink()
    return [int(peak) for peak in done.stdout.split()]


@pytest.mark.slow
def test_three_times_the_frames_take_the_same_memory_here_and_at_the_workers(tmp_path):
    """150 and 450 MiB of frames; the control is a run without a journal, which holds them all in memory."""
    few, many, held = (
        peaks(*arguments, how) for *arguments, how in
        [(500, tmp_path / "run.h5", "kept"), (1500, tmp_path / "run.h5", "kept"), (1500, tmp_path / "run.h5", "held")]
    )  # fmt: skip
    assert many[0] < 1.15 * few[0]
    assert many[1] < 1.15 * few[1]
    assert held[0] > many[0] + 300 * 2**10
