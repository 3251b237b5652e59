"""Other shapes of a walk than many walkers with their last state: few walkers, frames, files, whole commands."""

from __future__ import annotations

import statistics
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import h5py
import numpy as np
from numba import njit

from benchmarks.scaling import LIBRARIES, process
from benchmarks.timing import load, machine, one_processor, ratio, rounds, table
from langevin.types import Trajectory, Watch

ALONE = Watch(threads=1)
STEPS = 10_000_000
#: Number of walkers, and the largest ratio of a step to the hand-written loop: 8 and 2.5 ns if that takes 7.5 (6 to 9).
FEW = ((1, 1.07), (8, 0.33))
FRAMED = {"walkers": 4000, "steps": 4000, "dt": 1e-3, "watch": ALONE}
PASSAGE = (
    *(
        "simulate",
        "--manifold",
        "cube",
        "--samples",
        "0:3",
        "--integrator",
        "variable-step",
        "--walkers",
        "400",
    ),
    *("--precision", "0.01", "--threads", "1", "--seed", "1", "--quiet", "--force", "--out"),
)
SMALL = (
    *("simulate", "--potential", "double-well", "--walkers", "16", "--threads", "1", "--seed", "1"),
    *("--quiet", "--force", "--out"),
)
#: Runs a command and prints the CPU seconds of the process, and of the compiled walk in it.
WATCHED = """
import sys, time
from langevin.ensemble import simulation
from langevin.cli import main
walk, spent = simulation.advance, 0.0

def timed(*plan):
    global spent
    steps, began = walk(*plan), time.process_time()
    for step in steps:
        spent += time.process_time() - began
        yield step
        began = time.process_time()
    spent += time.process_time() - began

simulation.advance = timed
try:
    main(standalone_mode=False)
finally:
    print(time.process_time(), spent)
"""


@njit(error_model="numpy")
def by_hand(generator, x, steps, dt, kick):
    """Euler-Maruyama in the double well as one writes it by hand."""
    for _ in range(steps):
        x += -4.0 * dt * x * (x * x - 1.0) + kick * generator.standard_normal()
    return x


def walk(walkers):
    """A run of this number of walkers in the double well, together `STEPS` steps."""
    from langevin import Problem, potentials, simulate

    problem = Problem(potentials.double_well(), 0.5)
    return lambda seed: simulate(
        problem, walkers=walkers, steps=STEPS // walkers, dt=1e-3, seed=seed, watch=ALONE
    )


def few(repeats):
    """One walker and eight, compared with a hand-written loop for one."""
    runs = {
        1: walk(1),
        8: walk(8),
        "hand": lambda seed: by_hand(np.random.default_rng(seed), -1.0, STEPS, 1e-3, 1e-3**0.5),
    }
    seconds = rounds(runs, repeats)
    return [
        row(f"walkers in the double well: {walkers}, ns a walker-step",
            seconds[walkers], seconds["hand"], "a loop in Numba by hand, PCG64", bound, 1e9 / STEPS)
        for walkers, bound in FEW
    ]  # fmt: skip


def framed(repeats):
    """400 frames of 4000 walkers in a cube, compared with the same walk without them."""
    from langevin import Problem, manifolds, simulate

    problem = Problem(manifolds.cube(10), 0.1, "reflected")
    runs = {
        every: lambda seed, every=every: simulate(problem, every=every, seed=seed, **FRAMED)
        for every in (None, 10)
    }
    seconds = rounds(runs, repeats)
    return [row("400 frames, 128 MB, s", seconds[10], seconds[None], "the same walk, last state", 1.8)]


def files(repeats, folder):
    """Saving and loading such frames, compared with h5py with chunks and checksums."""
    from langevin.store import load, save

    generator = np.random.default_rng(0)
    states = generator.standard_normal((4000, 401, 10)).cumsum(axis=1)
    steps = np.arange(401)
    events = {"status": np.zeros(4000, np.uint8)}
    run = Trajectory(0.01 * steps, steps, states, {}, events, {})
    own, bare = folder / "own.h5", folder / "bare.h5"

    def write(seed):
        with h5py.File(bare, "w") as file:
            file.create_dataset("states", data=states, chunks=(63, 101, 10), fletcher32=True)

    def read(seed):
        with h5py.File(bare) as file:
            file["states"][()]

    seconds = rounds(
        {
            "save": lambda seed: save(own, run, force=True),
            "write": write,
            "load": lambda seed: np.asarray(load(own).states),
            "read": read,
        },
        repeats,
    )
    pairs = (("saving 128 MB, MB/s", "save", "write", 1.3), ("loading 128 MB, MB/s", "load", "read", 1.43))
    return [
        row(f"{name} (disk not waited for)", seconds[one], seconds[other], "h5py, chunks and Fletcher32", bound,
            rate=states.nbytes / 1e6)
        for name, one, other, bound in pairs
    ]  # fmt: skip


def commands(repeats, folder):
    """A whole command compared with the walk in it, and a small one compared with the libraries that it needs."""
    script = folder / "libraries.py"
    script.write_text(LIBRARIES)
    out = str(folder / "run.h5")
    watched = [
        [float(number) for number in subprocess.run(
            [sys.executable, "-c", WATCHED, *PASSAGE, out], capture_output=True, text=True, check=True
        ).stdout.splitlines()[-1].split()]
        for _ in range(max(2, repeats // 2) + 1)
    ][1:]  # fmt: skip
    langevin = str(Path(sys.executable).with_name("langevin"))
    line = [langevin] if Path(langevin).exists() else [sys.executable, "-m", "langevin"]
    pairs = [
        (process(1, *line, *SMALL, out), process(1, sys.executable, str(script))) for _ in range(repeats)
    ]
    return [
        row("first passage to 1 %, variable steps, whole command, s", *zip(*watched), "the walk in it", 1.3),
        row(
            "small cached `langevin simulate`, s", *zip(*pairs), "its libraries and one cached function", 1.2
        ),
    ]


def row(name, ours, others, beside, bound, scale=1.0, rate=0.0):
    """A row of the table: medians, the ratio of CPU times in turns with its range, and its bound."""
    shown = [
        f"{rate / statistics.median(one):.0f}" if rate else f"{scale * statistics.median(one):.3g}"
        for one in (ours, others)
    ]
    middle, low, high = ratio(ours, others)
    return name, shown[0], f"{beside}: {shown[1]}", f"{middle:.2f} ({low:.2f} to {high:.2f})", f"<= {bound:g}"


def measure(repeats=7):
    """The table, below a line about the machine."""
    with one_processor(), TemporaryDirectory() as name:
        folder = Path(name)
        rows = [*few(repeats), *framed(repeats), *files(repeats, folder), *commands(repeats, folder)]
    head = f"{machine()}; CPU time on one of them, medians of {repeats} rounds in turns; {load()}."
    return (
        head
        + "\n\n"
        + table(("shape", "langevin", "compared with", "ratio of times (range)", "held to"), rows)
    )
