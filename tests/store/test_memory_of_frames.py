"""The memory of a run that is kept does not grow with its frames, nor does that of its file."""

import subprocess
import sys

import pytest

#: Peak memory in KiB of a run with a number of frames of 312 KiB, kept while it is made, saved, and, if requested,
#: measured from its file.
RUN = """
import resource, sys
from pathlib import Path
from langevin import Problem, Watch, measure, potentials, simulate
from langevin.store import Walks, discard, load, save
path = Path(sys.argv[2])
watch = None if sys.argv[3] == "held" else Watch(journal=Walks(path).next())
run = simulate(Problem(potentials.quadratic(dim=10), 0.5), walkers=4000, steps=4 * int(sys.argv[1]), every=4,
               dt=0.01, seed=1, watch=watch)
save(path, run)
discard(path)
if sys.argv[3] == "measured":
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
    """300 and 900 MiB of frames; the control is a run without a journal, which holds them all in memory."""
    few, many = (peak(frames, tmp_path / "run.h5", "kept") for frames in (1000, 3000))
    assert many < 1.1 * few
    assert peak(1000, tmp_path / "run.h5", "held") > few + 150 * 2**10


@pytest.mark.slow
def test_a_mean_over_time_holds_some_numbers_a_frame_and_walker_and_no_states(tmp_path):
    """About nine numbers of 8 bytes for each of 4000 walkers in the later half of the frames."""
    few, many = (peak(frames, tmp_path / "run.h5", "measured") for frames in (1000, 3000))
    assert many - few < 12 * 8 * 4000 * 1000 / 2**10


#: Peak memory in KiB of a command.
COMMAND = """
import resource, sys
from langevin.cli import main
try:
    main()
finally:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
"""
#: Allowed memory of frames in a run: those of a chunk (64 MiB) in a few copies, and those before a piece (32 MiB).
MOST = 400 * 2**10
WALK = "simulate --potential quadratic -p dim=10 --temperature 0.5 --walkers 4000 --dt 0.005 --seed 1 -q --threads 2"


def peak_of(*words):
    words = [sys.executable, "-c", COMMAND, *(word for text in words for word in str(text).split())]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return int(done.stderr.split()[-1]) * (1 if sys.platform != "darwin" else 1 / 1024)


@pytest.mark.slow
def test_recordings_of_ten_and_of_twenty_budgets_stay_below_a_stated_peak(tmp_path):
    """320 MiB by --every, and the same by --extend, compared with the same run with two frames."""
    bare = peak_of(WALK, "--horizon 21 --every 1000000 --out", tmp_path / "bare.h5")
    run = tmp_path / "run.h5"
    assert peak_of(WALK, "--horizon 21 --every 4 --out", run) < bare + MOST
    assert run.stat().st_size > 10 * 2**25
    assert peak_of(WALK, "--horizon 42 --extend", run) < bare + MOST
    assert run.stat().st_size > 20 * 2**25
