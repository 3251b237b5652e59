"""One run over the workers of an executor: gain of two processes over one, and the cost of dividing the run.

`limit` is what the measured number must satisfy.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from concurrent.futures import ProcessPoolExecutor

import numpy as np

from benchmarks.timing import table
from langevin.types import Effort, Watch

#: Processes of the machine for which the numbers are.
PROCESSES = 2


def walk(size, executor):
    """Seconds of a walk in a double well, 10 000 walkers for `size` thousand steps."""
    from langevin import Problem, potentials, simulate

    problem = Problem(potentials.double_well(), 0.3)
    began = time.perf_counter()
    simulate(
        problem, walkers=10_000, steps=1000 * size, dt=5e-3, seed=1, watch=alone(executor), executor=executor
    )
    return time.perf_counter() - began


def framed(size, executor):
    """The same with a thousand frames."""
    from langevin import Problem, potentials, simulate

    problem = Problem(potentials.double_well(), 0.3)
    began = time.perf_counter()
    simulate(
        problem,
        walkers=10_000,
        steps=1000 * size,
        dt=5e-3,
        every=size,
        seed=1,
        watch=alone(executor),
        executor=executor,
    )
    return time.perf_counter() - began


def split(size, executor):
    """Seconds of a splitting with 16 replicas of `size` paths."""
    from langevin import Problem, potentials, splitting

    problem = Problem(potentials.double_well(), 0.05)
    began = time.perf_counter()
    splitting(problem, dt=2e-3, effort=Effort(walkers=size), seed=1, watch=alone(executor), executor=executor)
    return time.perf_counter() - began


def alone(executor):
    """One thread, where no executor has workers."""
    return Watch(threads=1) if executor is None else None


#: Work that takes about a minute on one thread, and in a quick look some seconds.
WORK = {"walk": (walk, 6000), "walk with 1000 frames": (framed, 6000), "splitting": (split, 30_000)}


def measure(repeats=3, part=1.0):
    """The table; `part` of the work is for a look.

    Runs without an executor on one thread take turns with those over one process and over two, which exist before.
    """
    context = multiprocessing.get_context("spawn")
    rows = []
    with ProcessPoolExecutor(1, context) as one, ProcessPoolExecutor(PROCESSES, context) as two:
        for name, (work, size) in WORK.items():
            executors = {"none": None, "one": one, "two": two}
            for executor in executors.values():
                work(max(1, size // 100), executor)  # compiles
            rounds = [
                {key: work(max(1, int(size * part)), executor) for key, executor in executors.items()}
                for _ in range(repeats)
            ]
            seconds = {key: np.array([found[key] for found in rounds]) for key in executors}
            rows += [
                (
                    f"{name}: seconds on one thread, without an executor",
                    f"{np.median(seconds['none']):.1f}",
                    "",
                ),
                (f"{name}: one process over none, wall time", shown(seconds["one"] / seconds["none"]), ""),
                (
                    f"{name}: two processes over one, wall time",
                    shown(seconds["one"] / seconds["two"]),
                    ">= 1.9",
                ),
            ]
    load = ", ".join(f"{number:.1f}" for number in os.getloadavg())
    rows.append(("load of the machine over the last 1, 5 and 15 minutes", load, PROCESSES))
    return table(("quantity", "measured", "limit"), rows)


def shown(ratios):
    """Median and range."""
    return f"{np.median(ratios):.2f} ({ratios.min():.2f} to {ratios.max():.2f})"
