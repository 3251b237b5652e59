"""Costs in interleaved rounds: contenders take turns, so a machine whose speed drifts is as fair as a steady one."""

from __future__ import annotations

import os
import platform
import statistics
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np


@contextmanager
def one_processor():
    """Keep to one processor, before JAX counts them: on two it spends twice the time for the same steps."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


def cpu_seconds(run, seed):
    """(CPU seconds of this process, what the run returned)."""
    began = time.process_time()
    result = run(seed)
    return time.process_time() - began, result


def rounds(runs, count):
    """CPU seconds of each of `runs` (name to callable of a seed) in every round, as {name: [seconds, ...]}."""
    seconds = {name: [] for name in runs}
    for run in runs.values():
        run(0)  # compiles
    for seed in range(1, count + 1):
        for name, run in runs.items():
            seconds[name].append(cpu_seconds(run, seed)[0])
    return seconds


def ratio(numerator, denominator):
    """Median of the rounds' ratios and their range, as (median, lowest, highest)."""
    ratios = sorted(a / b for a, b in zip(numerator, denominator, strict=True))
    return statistics.median(ratios), ratios[0], ratios[-1]


def show_ratio(numerator, denominator):
    """The same as text."""
    return "{:.2f} ({:.2f} to {:.2f})".format(*ratio(numerator, denominator))


NORMALS = 2_000_000


def numpy_normals(seed, count=NORMALS):
    """Draw NumPy's own standard normals, the yardstick of noise."""
    rng, out = np.random.default_rng(seed), np.empty(count)
    rng.standard_normal(out=out)


def machine():
    """This machine in words: processors, and their name where the system gives it."""
    file = Path("/proc/cpuinfo")
    lines = file.read_text().splitlines() if file.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{os.cpu_count()} processors, {names[0] if names else platform.machine()}"


def load():
    """The load of the machine in words."""
    numbers = ", ".join(f"{number:.1f}" for number in os.getloadavg())
    return f"load of the machine over the last 1, 5 and 15 minutes: {numbers}"


def table(header, rows):
    """A Markdown table."""
    lines = ["| " + " | ".join(header) + " |", "|" + " --- |" * len(header)]
    return "\n".join(lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows])
