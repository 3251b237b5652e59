"""Closures of one name, compiled by different processes, must not be taken for one another when both are cached."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from langevin import manifolds, potentials, simulate
from langevin.types import Problem, Stop

# the canal's step calls exp and cos and is too long to be inlined, so the linker sees it by its name
LANDSCAPES = {"canal": manifolds.canal, "double_well": potentials.double_well}

ROOT = Path(__file__).parents[2]
RUN = """
import sys

from tests.kernels.test_cached_closures import LANDSCAPES, last_states

for name in sys.argv[1:]:
    print(*last_states(name))
"""


def last_states(name):
    stop = Stop() if name == "double_well" else None
    problem = Problem(LANDSCAPES[name](), 0.5)
    return simulate(problem, walkers=3, steps=200, dt=1e-4, seed=1, stop=stop).states[:, -1, 0]


def ends(cache, *names):
    command = [sys.executable, "-c", RUN, *names]
    answer = subprocess.run(
        command,
        env=os.environ | {"NUMBA_CACHE_DIR": str(cache), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    return np.array([line.split() for line in answer.stdout.splitlines()], float)


@pytest.mark.parametrize("order", [("canal", "double_well"), ("double_well", "canal")])
def test_two_drivers_from_two_processes_meet_in_a_third(tmp_path, order):
    """Each driver is the first thing that its process compiles, so Numba numbers their steps alike."""
    for name in order:
        ends(tmp_path, name)
    found = ends(tmp_path, *order)
    for name, states in zip(order, found, strict=True):
        assert np.array_equal(states, last_states(name))
