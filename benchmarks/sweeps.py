"""Sweeps: the cost of distributing points and of making their files, and the gain from a second process.

Wall-clock seconds of this machine. `load` is the mean number of busy processes over the last minute. A point of 10 ms
is a loop that takes 10 ms of processor time. `ideal` is the processor time divided by the number of processes. `bound`
is the largest allowed value; for the gain of two processes it is the smallest one.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.timing import table
from langevin.sweep.pool import carry_out, processes

POINTS, SECONDS, JOBS, ROUNDS = 1000, 0.010, 2, 3
#: A sweep of small runs, and one whose points take more than a minute together on one core.
SMALL = ("--potential", "quadratic", "--walkers", "100", "--horizon", "0.5", "--dt", "0.005", "--seed", "1")
LARGE = (
    "--potential",
    "quadratic",
    "--walkers",
    "20000",
    "--frames",
    "2",
    "--horizon",
    "1000",
    "--dt",
    "0.005",
)


def spin(task):
    """Keep a processor busy for `SECONDS`."""
    end = time.process_time() + SECONDS
    while time.process_time() < end:
        pass
    return task


def handed_out(executor, at_once):
    """Wall seconds to make all points of 10 ms."""
    done = []
    began = time.perf_counter()
    carry_out(range(POINTS), spin, executor, at_once, lambda task, result: done.append(result))
    assert sorted(done) == list(range(POINTS))
    return time.perf_counter() - began


def local():
    """Through the processes of this machine, once these have begun."""
    with processes(JOBS) as renewed:
        pool: Executor = renewed()
        list(pool.map(spin, range(2 * JOBS)))
        return handed_out(lambda: pool, 3 * JOBS)


def dask():
    """Through a scheduler of Dask on this machine, as many workers as processes."""
    from distributed import Client, LocalCluster

    with (
        LocalCluster(JOBS, threads_per_worker=1, dashboard_address=None, host="127.0.0.1") as cluster,
        Client(cluster) as client,
    ):
        pool = client.get_executor()
        list(pool.map(spin, range(2 * JOBS)))
        return handed_out(lambda: pool, 16 * JOBS)


@contextmanager
def command(*words, cache=None):
    """`langevin simulate` in a folder of its own: the folder, and the wall seconds."""
    with TemporaryDirectory() as folder:
        environment = {**os.environ, "NUMBA_CACHE_DIR": cache} if cache else dict(os.environ)
        environment["PYTHONPATH"] = str(Path(__file__).parents[1])
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "langevin", "simulate", *words, "--quiet", "--out", "sweep"],
            cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        yield Path(folder), time.perf_counter() - began


def with_file(points=200):
    """Wall seconds of a small point with its file beyond its walk, the start of the command taken away."""
    with command(*SMALL, "--temperature", f"lin:1:2:{points}", "--jobs", "1") as (_, many):
        pass
    with command(*SMALL, "--temperature", "lin:1:2:2", "--jobs", "1") as (_, two):
        return (many - two) / (points - 2)


def compiled():
    """Number of drivers that two processes compile for a sweep of eight points with nothing in the cache."""
    words = ("--temperature", "lin:1:2:8", "--jobs", "2")
    with TemporaryDirectory() as cache, command(*SMALL, *words, cache=cache):
        return len(list(Path(cache).rglob("*.nbc")))


def second_process():
    """Wall seconds of the same sweep by one process and by two, each run with one thread."""
    points = ("--temperature", "lin:1:2:24", "--threads", "1")
    with (
        command(*LARGE, *points, "--jobs", "1") as (_, one),
        command(*LARGE, *points, "--jobs", "2") as (_, two),
    ):
        return one, two


def measure():
    """The table, with the load of the machine before each line."""
    ideal = POINTS * SECONDS / JOBS
    rows = []

    def row(name, value, bound):
        rows.append((name, value, bound, f"{os.getloadavg()[0]:.1f}"))

    for name, way in (("processes of this machine", local), ("Dask on this machine", dask)):
        seconds = statistics.median(way() for _ in range(ROUNDS))
        row(f"{POINTS} points of 10 ms, {name}, over the ideal", f"{seconds / ideal:.2f}", "2")
    beyond = 1e3 * statistics.median(with_file() for _ in range(ROUNDS)) - 2
    row("a small point with its file, beyond its walk of 2 ms, ms", f"{beyond:.0f}", "30")
    row("drivers compiled by two processes for eight points", compiled(), "1")
    one, two = second_process()
    row(f"two processes over one, sweep of {one:.0f} s", f"{one / two:.2f}", "1.9")
    return table(("what", "measured", "bound", "load"), rows)


if __name__ == "__main__":
    print(measure())
