"""`langevin rate` in tests: small runs, stopped at a chosen moment, and the content of their files."""

import numpy as np
import pytest
from click.testing import CliRunner

from langevin.cli import main
from langevin.ensemble import splitting_walks
from langevin.store import load

SIZE = ["--walkers", "30", "--replicas", "10", "-q"]
WELL = ["rate", "--potential", "double-well", "--temperature", "0.3,0.25", *SIZE]
FILE = "double-well-rate.h5"
SEEDED = [*WELL, "--seed", "3"]
#: A user-defined potential and score; the number in each changes only the text.
OWN = """
import langevin

def value(x, out, parameters):
    for i in range(x.shape[1]):
        out[i] = (x[0, i] ** 2 - 1.0) ** 2

def gradient(x, out, parameters):
    for i in range(x.shape[1]):
        out[0, i] = 4.0 * x[0, i] * (x[0, i] ** 2 - 1.0)

def before(x, out, parameters):
    for i in range(x.shape[1]):
        out[i] = -x[0, i]

def well(width: float = 1.0):
    return langevin.potentials.potential(value, gradient, dim=1, start=[-1.0], target=before)
"""
SCORE = "def place(x, out, parameters):\n    for i in range(x.shape[1]):\n        out[i] = x[0, i]\n"


def call(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


class Killed(BaseException):
    """An end at which no record is written."""


class Stopped:
    """Ctrl-C, or another end, at check number `at` for signals; every round has several checks."""

    def __init__(self, at, end=KeyboardInterrupt):
        self.at, self.end, self.count = at, end, 0

    def __call__(self, *arguments):
        self.count += 1
        if self.count == self.at:
            raise self.end


def stopped(at, *words, end=KeyboardInterrupt):
    """Run a command that is stopped there; returns its result and how often it has checked for signals."""
    with pytest.MonkeyPatch.context() as patch:
        look = Stopped(at, end)
        patch.setattr(splitting_walks.stopping, "check", look)
        return call(*words), look.count


#: Entries of a meta that differ between an uninterrupted run and a continued one.
PASSING = ("created", "command", "began", "ended")


def content(path):
    """All numbers of a run, and its meta without the command and the times."""
    run = load(path)
    arrays = {name: np.asarray(values).tobytes() for name, values in run.events.items()}
    return arrays, {name: value for name, value in run.meta.items() if name not in PASSING}
