"""The stationarity sim must detect a wrong temperature, a line with an end, and a bias that does not fall."""

from dataclasses import replace

import pytest

import sims.gibbs_stationarity as sim
from langevin.experiment.claims import FAILS, HOLDS, WHERE

pytestmark = pytest.mark.statistical


def verdicts(walkers=1000, frames=600):
    fine, decayed = (
        sim.simulate(sim.integrators.heun(), sim.FINE_STEP, walkers, frames, seed, potential)
        for seed, potential in ((1, sim.POTENTIAL), (2, sim.CONFINING))
    )
    densities, spread = sim.densities_beside_gibbs(fine), sim.spread_on_the_line(fine)
    return [
        found.verdict.word
        for found in (
            sim.gibbs_is_stationary(densities),
            sim.gibbs_is_reached(densities, sim.held_by_decay(decayed), spread),
        )
    ]


def test_walkers_too_hot_are_not_stationary(monkeypatch):
    assert verdicts() == [HOLDS, WHERE]
    monkeypatch.setattr(sim, "SIMULATED_THETA", 1.3 * sim.THETA)
    assert verdicts() == [FAILS, FAILS]


def test_walkers_that_stay_in_their_well_have_a_law_on_the_line_too(monkeypatch):
    grows = sim.spread_on_the_line

    def kept(run):
        return grows(replace(run, states=(run.states + sim.math.pi) % (2 * sim.math.pi) - sim.math.pi))

    monkeypatch.setattr(sim, "spread_on_the_line", kept)
    assert verdicts() == [HOLDS, HOLDS]


@pytest.mark.parametrize("name", ["Euler-Maruyama", "Heun"])
def test_the_bias_of_an_iteration_is_a_prediction_of_its_own(name):
    """It has the order of the integrator, and is not that of the other one."""
    curve, order = (
        sim.iteration_curve(name, sim.THETA, sim.gibbs_mean()),
        {"Euler-Maruyama": 1, "Heun": 2}[name],
    )
    small, smaller = (curve.predict(dt) for dt in (0.1, 0.05))
    assert small.remainder < 1e-6
    assert small.value / smaller.value == pytest.approx(2.0**order, rel=0.1)


def limit():
    """The verdict on the continuous limit, from the steps of Euler-Maruyama."""
    name, integrator, order, bend, steps = sim.CASES[0]
    biases = [sim.bias(integrator, dt, 1000, 400, 10 + place) for place, dt in enumerate(steps)]
    slope = sim.compare(sim.slope(steps, biases), sim.order_curve(name, order, bend))
    return sim.steps_have_a_limit([slope, slope], {name: biases}).verdict.word


def test_noise_that_is_too_hot_leaves_a_bias_when_the_step_goes_to_0(monkeypatch):
    assert limit() == HOLDS
    monkeypatch.setattr(sim, "SIMULATED_THETA", 1.2 * sim.THETA)
    assert limit() == FAILS
