"""A small sweep, and how to look at its folder."""

from click.testing import CliRunner

from langevin.cli import main
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
