"""Phases of learning, by hand."""

import numpy as np
import pytest

from langevin.errors import UsageError
from langevin.measure import Phase, phases
from langevin.measure.phases import LEARNED, RIGHT, phase
from langevin.types import Trajectory


def run(learned, right):
    """A run that has only these steps."""
    events = {"status": np.zeros(len(learned), np.uint8), LEARNED: np.array(learned), RIGHT: np.array(right)}
    return Trajectory(np.zeros(1), np.zeros(1, np.int64), np.zeros((len(learned), 1, 1)), {}, events, {})


def test_each_phase_is_told_by_its_two_steps():
    found = phases(run([-1, 100, 100, 100, 0, -1], [-1, -1, 201, 200, 2, 50]))
    wanted = [Phase.CONFUSION, Phase.MEMORISATION, Phase.GROKKING, Phase.COMPREHENSION, Phase.COMPREHENSION,
              Phase.CONFUSION]  # fmt: skip
    assert found.tolist() == wanted
    assert phases(run([100], [201]), late=3).tolist() == [Phase.COMPREHENSION]


def test_a_point_is_in_the_phase_of_most_of_its_networks():
    assert phase(run([100, 100, 100], [900, 900, -1])) == (Phase.GROKKING, 2)
    assert phase(run([100, 100], [900, -1])) == (Phase.MEMORISATION, 1)


def test_a_run_without_accuracies_is_refused():
    bare = run([1], [1])
    del bare.events[RIGHT]
    with pytest.raises(UsageError, match="accuracies"):
        phases(bare)
    with pytest.raises(UsageError, match="at least 1"):
        phases(run([1], [1]), late=0.5)
