"""The sim of the square must detect a plain that is a slope, and noise whose steps are not those of the descent."""

import pytest

import sims.ballistic_to_diffusive as sim
from langevin.experiment.claims import FAILS, HOLDS, ONLY_IF, WHERE

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


def test_a_plain_in_the_place_of_the_slope_is_not_ballistic(monkeypatch):
    def way_down():
        return sim.way_down(sim.exponents_of_a_walk(1.0, 300, 1)[0]).verdict.word

    assert way_down() == HOLDS
    problem = sim.problem
    monkeypatch.setattr(sim, "problem", lambda steepness, radius: problem(0.0, radius))
    assert way_down() == FAILS
