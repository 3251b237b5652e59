"""Executors for tests: spawned processes, and a Dask scheduler with workers, all on loopback."""

import json
import multiprocessing
import os
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager

from tests.engine import ROOT

#: One thread in each worker, no supervising process, and no connections except on loopback.
SCHEDULER = ("distributed.cli.dask_scheduler", "--port", "0", "--no-dashboard")
WORKER = ("distributed.cli.dask_worker", "--nthreads", "1", "--no-nanny", "--no-dashboard")


def processes(count=2):
    """A pool of `count` processes, which are spawned because JAX may be loaded."""
    return ProcessPoolExecutor(count, mp_context=multiprocessing.get_context("spawn"))


@contextmanager
def scheduler(folder, workers=2):
    """The address of a scheduler with this number of workers, started in a folder, until the block ends."""
    file = folder / "scheduler.json"
    environment = os.environ | {"PYTHONPATH": f"{folder}{os.pathsep}{ROOT}"}
    common = ["--host", "127.0.0.1", "--scheduler-file", str(file)]
    started = [
        subprocess.Popen(
            [sys.executable, "-m", *line, *common], cwd=folder, env=environment,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        for line in [SCHEDULER, *[WORKER] * workers]
    ]  # fmt: skip
    try:
        found = address(file)
        wait_for(found, workers)
        yield found
    finally:
        for process in reversed(started):
            process.kill()
            process.wait()


def address(file):
    """The address in the file of a scheduler, when it has written it."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            return json.loads(file.read_text())["address"]
        except (OSError, ValueError):
            time.sleep(0.05)
    raise TimeoutError("no scheduler has come up")


def wait_for(place, workers):
    """Wait for the workers of a scheduler."""
    from distributed import Client

    if workers:
        with Client(place, set_as_default=False) as client:
            client.wait_for_workers(workers, timeout=60)
