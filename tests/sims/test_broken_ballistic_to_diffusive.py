"""The sim of the square must detect a plain that is a slope, and noise whose steps are not those of the descent."""

import pytest

import sims.ballistic_to_diffusive as sim
from langevin.experiment.claims import FAILS, HOLDS, ONLY_IF, WHERE
from langevin.types import Measurement

pytestmark = pytest.mark.statistical


def verdicts():
    return [finding.verdict.word for finding in sim.answer(quick=True).findings]


def test_a_slope_in_the_place_of_the_plain_makes_grokking_ballistic(monkeypatch):
    assert verdicts()[1:] == [ONLY_IF, WHERE]
    problem = sim.problem
    # A slope so steep that the walk is ballistic at all lags: on the way from one law to another there is no exponent.
    monkeypatch.setattr(sim, "problem", lambda steepness, radius: problem(max(steepness, 0.5), radius))
    assert verdicts()[1:] == [FAILS, FAILS]


def test_steps_of_the_noise_twice_as_long_are_no_square(monkeypatch):
    monkeypatch.setattr(sim, "SIMULATED_THETA", 4.0 * sim.THETA)
    assert verdicts()[2] == FAILS


def test_a_way_down_that_grows_as_the_root_is_not_ballistic():
    straight, root = (Measurement(exponent, 0.01, 400, "exponent") for exponent in (1.0, 0.5))
    assert sim.way_down((straight, straight)).verdict.word == HOLDS
    assert sim.way_down((straight, root)).verdict.word == FAILS
