"""A projection under a wrong name, or noise that grows too little with the curvature, changes the verdicts."""

import numpy as np

from langevin.experiment.claims import FAILS, HOLDS, ONLY_IF, WHERE
from langevin.integrators import power_law
from sims import curvature_drift as sim

WALKERS = 4000


def strengths(names):
    unit = sim.law_of("flow")[0]
    return {name: sim.strength_of(sim.kicked_walk(name, WALKERS, 1), unit) for name in names}


def test_shake_in_the_place_of_the_flow_has_no_drift(monkeypatch):
    assert sim.flat_is_sought(strengths(["shake", "flow"])).verdict.word.startswith(ONLY_IF)
    right = sim.projected
    monkeypatch.setattr(sim, "projected", lambda name, noise: right("shake", noise))
    assert sim.flat_is_sought(strengths(["shake", "flow"])).verdict.word == FAILS


def test_label_noise_without_the_hessian_does_not_follow_the_trace():
    expected = {
        "label noise": float(sim.exponent(sim.law_of("label noise")[1] / sim.law_of("label noise")[0]))
    }
    soft = sim.shape_of(sim.kicked_walk("soft", 2 * WALKERS, 1))
    right = sim.shape_of(sim.noisy_walk("label noise", 500, 1, sim.label_noise()))
    wrong = sim.shape_of(sim.noisy_walk("label noise", 500, 1, power_law(0.5)))
    assert sim.which_law({"soft": soft, "label noise": right}, expected).verdict.word == WHERE
    assert sim.which_law({"soft": soft, "label noise": wrong}, expected).verdict.word == FAILS


def larger(kicks, step):
    single = sim.noisy_walk("label noise", 8 * WALKERS, 1, step, sim.FINE / np.e)
    drift = sim.strength_of(sim.noisy_walk("label noise", 500, 1, step), 1.0)
    sizes = {sim.ISOTROPIC: sim.size_of(kicks), "label noise": sim.size_of(single)}
    drifts = {sim.ISOTROPIC: strengths(["flow"])["flow"], "label noise": drift}
    return sim.steps_are_larger(sizes, drifts).verdict.word


def test_kicks_that_grow_with_the_curvature_are_larger_there():
    right, growing = sim.kicked_walk("flow", 8 * WALKERS, 1, sim.KICK / (2 * sim.HEAT)), sim.label_noise()
    assert larger(right, growing) == WHERE
    assert larger(right, power_law(0.0)) == FAILS
    right[:, 1] = right[:, 0] + (right[:, 1] - right[:, 0]) * np.exp(np.cos(right[:, 0, :1]))
    assert larger(right, growing) == HOLDS
