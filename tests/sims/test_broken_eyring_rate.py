"""The rate sim must detect walkers at another temperature than that of the formula, and passes of equal width."""

import math

import pytest

import sims.eyring_rate as sim
from langevin.experiment.claims import FAILS, HOLDS, WHERE
from langevin.types import Measurement

pytestmark = pytest.mark.statistical

POINTS = (2, 4, 6, 12, 26)


def rate(monkeypatch, heat):
    monkeypatch.setattr(sim, "HEAT", heat)
    times = [sim.waited(inverse, 2000, inverse) for inverse in POINTS[:3]]
    times += [sim.split(sim.WELL, inverse, 300, 24, inverse) for inverse in POINTS[3:]]
    curves = sim.theory.escape.escape_curves(sim.WELL.facts.wells, sim.scalar_value(sim.WELL))
    rows = sim.compare_all([1.0 / inverse for inverse in POINTS], times, curves, logarithmic=True)
    return sim.rate_is_eyrings(POINTS, times, rows, curves).verdict.word


def test_walkers_a_fifth_too_hot_escape_too_soon(monkeypatch):
    assert rate(monkeypatch, 1.0) == WHERE
    assert rate(monkeypatch, 1.2) == FAILS


def test_times_of_the_formula_alone_would_make_it_hold():
    times = [
        Measurement(3.0 / sim.boltzmann(inverse), 0.1 / sim.boltzmann(inverse), 1000, "time")
        for inverse in POINTS
    ]
    assert abs(sim.factor_power(POINTS, times).value) < 1e-9
    curves = sim.theory.escape.escape_curves(sim.WELL.facts.wells, sim.scalar_value(sim.WELL))
    rows = sim.compare_all([1.0 / inverse for inverse in POINTS], times, curves, logarithmic=True)
    assert sim.rate_is_eyrings(POINTS, times, rows, curves).verdict.word == HOLDS


def test_passes_of_one_width_are_noticed(monkeypatch):
    barrier = 6
    monkeypatch.setattr(sim, "PASS_BARRIER", barrier)
    right = [sim.split(sim.pass_of(k), barrier, 200, 16, int(k)) for k in sim.PASSES]
    assert sim.entropy_counts(sim.pass_rows(right)).verdict.word == HOLDS
    wrong = [sim.split(sim.pass_of(4.0), barrier, 200, 16, seed) for seed in (1, 2)]
    assert sim.entropy_counts(sim.pass_rows(wrong)).verdict.word == FAILS
    assert math.isclose(sim.pass_rows(right)[0].predicted.value, 4.0)
