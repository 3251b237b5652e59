"""Each rule of a Metropolis step separately, in plain Python: causes that are set, cleared, and accepted steps."""

import math

import numpy as np
import pytest

from langevin.integrators.metropolis import (
    BEYOND_WALLS,
    NOT_PROJECTED,
    REJECTED,
    REVERSE_FAILED,
    STOPPED,
    TALLIES,
    WRONG_BRANCH,
    decide,
    note_no_return,
    note_stopped,
    note_turns,
    note_walls,
)
from langevin.steps.newton_retraction import FAILED


def test_a_walker_that_has_stopped_takes_no_step():
    cause = np.full(3, 7.0)
    note_stopped(np.array([0, 1, FAILED]), cause)
    assert cause.tolist() == [0, STOPPED, STOPPED]


def test_where_there_is_no_end_the_way_back_begins_at_the_start():
    """Of four lanes one has failed, one has a pivot below 0, one is good, one has stopped."""
    x, ahead = np.zeros((2, 4)), np.ones((2, 4))
    cause = np.array([FAILED, 0.0, 0.0, STOPPED])
    note_turns(ahead, x, np.array([[[1.0, -1.0, 1.0, 1.0]]]), cause)
    assert cause.tolist() == [NOT_PROJECTED, WRONG_BRANCH, 0, STOPPED]
    assert ahead.tolist() == [[0, 1, 1, 0]] * 2


def test_turned_normals_are_forgiven_on_a_step_along_both_planes_and_walls_never():
    """A step is along both planes if the square of its chord is at most twice that of the shorter move, here 3."""
    cause = np.array([0.0, 0.0, 0.0, WRONG_BRANCH, WRONG_BRANCH, WRONG_BRANCH, REJECTED])
    chord = np.array([9.0, 9.0, 9.0, 6.0, 6.1, 6.0, 1.0])
    outside = np.array([0.0, 0.1, math.nan, -1.0, -1.0, 0.1, 0.1])
    note_walls(chord, np.full(7, 3.0), np.full(7, 4.0), outside, cause)
    assert cause.tolist() == [0, BEYOND_WALLS, BEYOND_WALLS, 0, WRONG_BRANCH, BEYOND_WALLS, REJECTED]


def test_the_way_back_ends_within_a_millionth_of_the_kick():
    kick, apart = 0.1, np.array([0.0, 0.9e-7, 1.1e-7, -1.1e-7, math.nan, 0.0, 1.0])
    cause = np.array([0.0, 0.0, 0.0, 0.0, 0.0, FAILED, STOPPED])
    note_no_return(np.stack([0 * apart, apart]), np.zeros((2, 7)), kick, cause)
    assert cause.tolist() == [0, 0, REVERSE_FAILED, REVERSE_FAILED, REVERSE_FAILED, REVERSE_FAILED, STOPPED]
    far, cause = np.full((2, 2), 1e9), np.zeros(2)
    back = far.copy()
    back[0] += [0.0, 1e-6]
    note_no_return(back, far, kick, cause)
    assert cause.tolist() == [0, 0], "round-off of the place"


@pytest.mark.parametrize(("gibbs", "needed"), [(False, 2.0), (True, 3.0)])
def test_a_step_is_taken_where_half_the_squares_of_two_numbers_reach_its_cost(gibbs, needed):
    """(again - there) / (2 kick^2) = 1 / (2 / 4) = 2, and half the log of the ratio, 1, towards Gibbs."""
    edge = math.sqrt(2 * needed)
    noise = np.array([[edge + 0.01, 0, edge - 0.01, 0, 9, 9], [0, edge + 0.01, 0, 0, 9, 9]], np.float64)
    cause = np.array([0, 0, 0, 0, STOPPED, BEYOND_WALLS], np.float64)
    x, memory = np.zeros((2, 6)), np.zeros((len(TALLIES), 6))
    decide(
        x, np.ones((2, 6)), noise, np.full(6, 1.0), np.full(6, 2.0), np.full(6, math.e**2), 0.5, gibbs, cause, memory
    )  # fmt: skip
    assert cause.tolist() == [0, 0, REJECTED, REJECTED, STOPPED, BEYOND_WALLS]
    assert x.tolist() == [[1, 1, 0, 0, 0, 0]] * 2
    assert memory.sum(axis=1).tolist() == [2, 0, 0, 0, 1]
    assert memory[TALLIES.index("rejected")].tolist() == [0, 0, 1, 1, 0, 0]
