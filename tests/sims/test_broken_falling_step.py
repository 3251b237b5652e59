"""The sim of falling steps must detect walkers at another temperature, and steps that are all small."""

import pytest

import sims.falling_step as sim
from langevin.experiment.claims import FAILS, HOLDS, WHERE

pytestmark = pytest.mark.statistical


def verdict():
    last = {power: sim.spread(sim.walk(power, 16_000, i))[-1] for i, power in enumerate(sim.CASES)}
    return sim.gibbs_is_reached(last).verdict.word


def test_noise_of_another_temperature_reaches_no_gibbs_law(monkeypatch):
    assert verdict() == WHERE
    monkeypatch.setattr(sim, "SIMULATED_THETA", 1.3 * sim.THETA)
    assert verdict() == FAILS


def test_from_a_start_in_the_middle_small_steps_need_not_fall(monkeypatch):
    monkeypatch.setattr(sim, "FIRST_STEP", 0.02)
    monkeypatch.setattr(sim, "FALLING_FROM", 300.0)
    monkeypatch.setattr(sim, "START", 1.0)
    assert verdict() == HOLDS
