"""The length of the path grows with the density of frames; the distance between its ends does not."""

import math
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.known_processes import FROM
from langevin import measure
from langevin.errors import UsageError
from langevin.types import Status
from tests.synthetic import ballistic, brownian


@pytest.mark.statistical
def test_a_diffusing_path_grows_with_the_frames():
    """In the plane sqrt(pi frames) in unit time (Rayleigh steps), its ends sqrt(pi) apart; 4 standard errors."""
    for draws in (11, 41, 161):
        length, distance = measure.mean_path_length(brownian(400, draws), **FROM)
        exact = math.sqrt(math.pi * (draws - 1))
        assert abs(length.value - exact) < 4 * length.error
        assert abs(length.value - exact * math.sqrt(2)) > 4 * length.error
        assert abs(distance.value - math.sqrt(math.pi)) < 4 * distance.error
        assert "no length" in length.note
    every_second = float(length.note.split("gives ")[1].split()[0])
    assert every_second == pytest.approx(math.sqrt(0.5), abs=0.01)


def test_a_straight_path_is_as_long_as_its_ends_are_apart():
    length, distance = measure.mean_path_length(ballistic(), **FROM)
    assert length.value == pytest.approx(distance.value, rel=1e-12)
    assert "gives 1.000" in length.note


def test_the_window_is_the_one_that_was_named():
    whole, _ = measure.mean_path_length(ballistic(), **FROM)
    half, _ = measure.mean_path_length(ballistic(), first_time=0.25, last_time=0.75)
    assert half.value == pytest.approx(whole.value / 2, rel=1e-12)
    with pytest.raises(UsageError, match="4 are needed"):
        measure.mean_path_length(ballistic(), first_time=0.99)


def test_stopped_single_and_resting_walkers():
    run = brownian(5, 11)
    run.events["status"][0], run.events["step"][0] = Status.HIT, run.steps[3]
    assert [measured.mixed for measured in measure.mean_path_length(run, **FROM)] == [False, False]
    assert measure.mean_path_length(brownian(1, 11), **FROM)[0].error == math.inf
    still = replace(run, states=np.zeros_like(run.states))
    assert measure.mean_path_length(still, **FROM)[0].value == 0
