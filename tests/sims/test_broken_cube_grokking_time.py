"""The cube sim must detect samples that share a coordinate, uneven growth of the time, a corner that is not left."""

import numpy as np
import pytest

import langevin
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


def times(samples):
    """Mean times to the corner for these numbers of samples, as the sim measures them."""
    dials = {"dim": sim.DIM, "fraction": sim.FRACTION}
    report = sim.run(langevin.manifolds.cube, dials, sim.Settings(seed=1, precision=0.03), samples)
    return [sim.measurement_of(record) for record in report.record["first_passage_time"]]


def test_a_sample_that_confines_two_coordinates_breaks_the_exponential():
    assert sim.time_grows(times((4, 5, 6, 7))).verdict.word == HOLDS
    assert sim.time_grows(times((4, 5, 7))).verdict.word == FAILS


def test_a_walk_that_forgets_its_place_at_every_step_follows_eyrings_formula():
    """Steps are longer than the cube. The time then depends only on the volume of the corner."""
    assert sim.eyring_tells(times((4, 5, 6, 7))).verdict.word == FAILS

    def lost(samples):
        walk = langevin.simulate(
            langevin.Problem(langevin.manifolds.cube(sim.DIM, samples, sim.FRACTION), 1.0, "reflected"),
            walkers=2000, steps=10**5, dt=10.0, seed=samples, stop=langevin.Stop("none"),
        )  # fmt: skip
        return langevin.measure.mean_first_passage_time(walk)

    assert sim.eyring_tells([lost(samples) for samples in (4, 5, 6, 7)]).verdict.word == HOLDS


def test_a_power_of_the_missing_samples_is_no_exponential():
    power = [
        Measurement(missing**3.0, 0.02 * missing**3.0, 2500, "time") for missing in range(sim.DIM, 0, -1)
    ]
    assert sim.time_grows(power).verdict.word == FAILS


def test_a_corner_that_is_nearly_all_of_the_cube_is_not_left(monkeypatch):
    assert sim.corner_is_left(*sim.stays(200, 1)).verdict.word == FAILS
    monkeypatch.setattr(sim, "FRACTION", 0.9)
    assert sim.corner_is_left(*sim.stays(200, 1)).verdict.word == HOLDS
