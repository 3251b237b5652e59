"""The cube sim must detect samples that share a coordinate, uneven growth of the time, a corner that is not left."""

import numpy as np
import pytest

import sims.cube_grokking_time as sim
from langevin.experiment.claims import FAILS, HOLDS
from langevin.types import Measurement

pytestmark = pytest.mark.statistical


def entropy():
    return sim.entropy_falls([sim.entropy_taken(k, 5000, k) for k in (0, 4, 7)]).verdict.word


def test_coordinates_that_go_together_are_no_linear_loss_of_entropy(monkeypatch):
    assert entropy() == HOLDS
    spread_out = sim.spread_out

    def together(samples, walkers, seed):
        states = spread_out(samples, walkers, seed)
        return np.repeat(states.mean(axis=1, keepdims=True), sim.DIM, axis=1)

    monkeypatch.setattr(sim, "spread_out", together)
    assert entropy() == FAILS


def times(law):
    """Mean times for 8 to 1 missing samples, known to 2 %."""
    return [Measurement(law(missing), 0.02 * law(missing), 2500, "time") for missing in range(sim.DIM, 0, -1)]


def test_a_power_of_the_missing_samples_is_no_exponential():
    assert sim.time_grows(times(lambda missing: 3.0**missing)).verdict.word == HOLDS
    assert sim.time_grows(times(lambda missing: missing**3.0)).verdict.word == FAILS


def test_the_volume_law_would_be_eyrings():
    assert sim.eyring_tells(times(lambda missing: sim.FRACTION**-missing)).verdict.word == HOLDS
    assert sim.eyring_tells(times(lambda missing: 2.7**missing)).verdict.word == FAILS


def test_a_corner_that_is_nearly_all_of_the_cube_is_not_left(monkeypatch):
    assert sim.corner_is_left(*sim.stays(200, 1)).verdict.word == FAILS
    monkeypatch.setattr(sim, "FRACTION", 0.9)
    assert sim.corner_is_left(*sim.stays(200, 1)).verdict.word == HOLDS
