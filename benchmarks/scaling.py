"""Scaling of the cost with threads, walkers, steps and dimension; memory; the start of a command.

`limit` is the value that the measured number should have or satisfy. An exponent of 1 means that the cost is
proportional.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.timing import load, machine, table
from langevin.types import Watch


def _wall(repeats, **size):
    """Shortest wall time in seconds of a reflected walk, and of `repeats` tries."""
    from langevin import Problem, manifolds, simulate

    problem = Problem(manifolds.cube(size.pop("dim")), 0.1, "reflected")
    simulate(problem, dt=1e-3, seed=0, **size | {"steps": 4})
    seconds = []
    for seed in range(repeats):
        began = time.perf_counter()
        simulate(problem, dt=1e-3, seed=seed, **size)
        seconds.append(time.perf_counter() - began)
    return min(seconds)


BASE = {"dim": 10, "walkers": 8192, "steps": 1024, "watch": Watch(threads=1)}
DIALS = {"walkers": (2048, 8192, 32768), "steps": (256, 1024, 4096), "dim": (4, 16, 64, 256)}


def threads(repeats):
    """One thread against two, wall time, alternating."""
    one, two = ([], [])
    for _ in range(repeats):
        one.append(_wall(1, **BASE | {"steps": 4096}))
        two.append(_wall(1, **BASE | {"steps": 4096, "watch": Watch(threads=2)}))
    ratios = np.array(one) / np.array(two)
    return f"{np.median(ratios):.2f} ({ratios.min():.2f} to {ratios.max():.2f}) on {os.cpu_count()} cores"


def slope(dial, repeats):
    """Exponent of the cost in one dial, by least squares of logarithms."""
    costs = [_wall(repeats, **BASE | {dial: value}) for value in DIALS[dial]]
    return float(np.polyfit(np.log(DIALS[dial]), np.log(costs), 1)[0])


def memory():
    """Growth of the peak of memory from a run of 1000 steps to one of 100 000, in MiB, in a process of its own."""
    code = (
        "import resource, numpy; from langevin import *; from langevin import manifolds\n"
        "p = Problem(manifolds.cube(4), 0.1, 'reflected')\n"
        "peaks = []\n"
        "for steps in (1000, 100_000):\n"
        "    simulate(p, walkers=1000, steps=steps, dt=1e-3, seed=1, watch=Watch(threads=1))\n"
        "    peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
        "print((peaks[1] - peaks[0]) / 1024)"
    )
    return float(
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    )


def command(repeats, *arguments):
    """Lowest CPU seconds of a whole command with its kernels cached."""
    return process(repeats, str(Path(sys.executable).with_name("langevin")), *arguments)


#: What a command cannot do without: libraries, and one compiled function found again on disk.
LIBRARIES = """
import click, h5py, numba, numpy, scipy.special

@numba.njit("f8(f8)", cache=True)
def twice(x):
    return 2.0 * x
"""


def simulation(repeats, path):
    """Lowest CPU seconds of the walk in a file of escapes, its kernels loaded."""
    from langevin import Problem, Stop, potentials, simulate
    from langevin.store import load

    meta = load(path).meta
    problem = Problem(potentials.double_well(**meta["dials"]), meta["temperature"])
    size = {"walkers": 16, "steps": 10**9, "dt": meta["dt"], "seed": meta["seed"]}
    seconds = []
    for _ in range(repeats + 1):
        began = time.process_time()
        simulate(problem, **size, stop=Stop(), watch=Watch(threads=1))
        seconds.append(time.process_time() - began)
    return min(seconds[1:])


def process(repeats, *line):
    """Lowest CPU seconds of a process that has run once before."""
    # with compiled modules next to the sources, as an installed package has them
    environment = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    seconds = []
    for _ in range(repeats + 1):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(line, capture_output=True, check=True, env=environment)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(seconds[1:])


def measure(repeats=5):
    """The table, each number with its limit."""
    rows = [("two threads over one, wall time", threads(repeats), ">= 1.85")]
    rows += [
        (f"exponent of the cost in {dial}, {values[0]} to {values[-1]}", f"{slope(dial, repeats):.3f}", "1")
        for dial, values in DIALS.items()
    ]
    rows.append(("memory of 100 000 steps over 1000 (MiB)", f"{memory():.1f}", "0"))
    rows.append(("`langevin --help`, CPU seconds", f"{command(repeats, '--help'):.2f}", "<= 0.3"))
    with TemporaryDirectory() as folder:
        script = Path(folder) / "libraries.py"
        script.write_text(LIBRARIES)
        alone = f"{process(repeats, sys.executable, str(script)):.2f}"
        rows.append(("the libraries of a command and one cached function alone, CPU seconds", alone, ""))
        path = f"{folder}/run.h5"
        small = ("--potential", "double-well", "--walkers", "16", "--seed", "1", "--force", "--out", path)
        whole = command(repeats, "simulate", *small)
        walk = simulation(repeats, path)
        rows.append(("small `langevin simulate`, cached, CPU seconds", f"{whole:.2f}", ""))
        rows.append(("of that, the walk itself", f"{walk:.2f}", ""))
        rows.append(("the rest", f"{whole - walk:.2f}", "<= 0.7"))
    return f"{machine()}; {load()}.\n\n{table(('quantity', 'measured', 'limit'), rows)}"
