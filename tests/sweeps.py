"""A small sweep, and functions that read its folder."""

import time

from click.testing import CliRunner

from langevin import stopping
from langevin.cli import main
from langevin.cluster import cancelled
from tests.faults.commands import run_digest

POINTS = (
    *("simulate", "--potential", "double-well", "--walkers", "20", "--temperature", "0.5,0.4"),
    *("--seed", "1", "--jobs", "1"),
)  # fmt: skip
FOLDER = "double-well-sweep"


def call(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


def files(folder):
    return sorted(file for file in folder.iterdir() if file.suffix == ".h5")


def digests(folder):
    return {file.name: run_digest(file) for file in files(folder)}


def loop(folder):
    """Check until the task is cancelled, and then write a file."""
    with stopping.stop_if(cancelled()):
        (folder / "begun").touch()
        try:
            for _ in range(1000):
                time.sleep(0.05)
                stopping.check()
        except stopping.Terminated:
            (folder / "stopped").touch()
            raise
