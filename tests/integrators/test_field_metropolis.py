"""The Metropolis walk in a field: its law times exp(-U / theta) at steps of any length."""

import math
import sys
from dataclasses import replace

import numpy as np
import pytest

from langevin import Problem, Start, manifolds, potentials, simulate
from langevin.integrators import metropolis
from tests.circle import VARIATION, circle
from tests.integrators.field_walks import cosine_after, fisher_mean, sphere_in_field

pytestmark = pytest.mark.statistical
FORCE, WALKERS = 3.0, 10_000


@pytest.mark.parametrize("theta", [0.6, 3.0, 30.0])
def test_the_law_on_a_sphere_is_exact_at_coarse_steps(theta):
    """From the equator, a kick of half the radius, many relaxation times; 4 standard errors."""
    start = np.tile([1.0, 0.0, 0.0], (WALKERS, 1))
    measured, error, run = cosine_after(
        sphere_in_field(FORCE), theta, metropolis(), start, time=10.0 / theta, dt=0.125 / theta
    )
    assert error < 0.007
    assert abs(measured - fisher_mean(FORCE / theta)) < 4.0 * error
    assert 0.0 < run.events["rejected"].mean() / 80 < 0.6


def test_a_rule_that_forgets_the_field_is_caught(monkeypatch):
    monkeypatch.setattr(sys.modules["langevin.integrators.metropolis"], "rise_of", lambda landscape: None)
    start = np.tile([1.0, 0.0, 0.0], (WALKERS, 1))
    measured, error, _ = cosine_after(sphere_in_field(FORCE), 3.0, metropolis(), start, time=3.0, dt=0.04)
    assert abs(measured) < 4.0 * error
    assert abs(measured - fisher_mean(1.0)) > 8.0 * error


def test_a_rule_that_weighs_half_of_the_field_is_caught():
    start = np.tile([1.0, 0.0, 0.0], (WALKERS, 1))
    measured, error, _ = cosine_after(
        sphere_in_field(0.5 * FORCE), 3.0, metropolis(), start, time=3.0, dt=0.04
    )
    assert abs(measured - fisher_mean(1.0)) > 8.0 * error


@pytest.mark.parametrize(("measure", "power"), [("surface", 0), ("gibbs", 1)])
def test_both_measures_on_a_circle_of_changing_stiffness(measure, power):
    """Means of cos and sin under exp(-U / theta) det(J J^T)^(-power / 2), 4 standard errors."""
    theta, dt = 0.7, 0.1
    surface = manifolds.with_field(circle(), potentials.linear(2, 1.0, direction=(0.0, 1.0)))
    angles = np.arange(4000) * (2.0 * math.pi / 4000)
    weights = np.exp(np.sin(angles) / theta) * (1.0 + VARIATION * np.cos(angles)) ** -power
    exact = np.array([np.cos(angles), np.sin(angles)]) @ weights / weights.sum()
    run = simulate(
        Problem(surface, theta, "projected", measure), metropolis(measure), walkers=WALKERS, steps=200, dt=dt, seed=4
    )  # fmt: skip
    last = run.states[:, -1]
    assert (np.abs(last.mean(axis=0) - exact) < 4.0 * last.std(axis=0) / math.sqrt(WALKERS)).all()


def test_the_clock_is_that_of_the_walk_in_the_field():
    """At short times z grows by F t from the equator; refused steps slow it by less than F kick / theta, about 9 %."""
    force, theta, time, dt = 2.0, 0.05, 0.05, 5e-5
    start = np.tile([1.0, 0.0, 0.0], (2000, 1))
    measured, error, _ = cosine_after(sphere_in_field(force), theta, metropolis(), start, time=time, dt=dt)
    slower = force * math.sqrt(2.0 * theta * dt) / theta
    assert abs(measured / (force * time) - 1.0) < slower + 4.0 * error / (force * time)


def test_a_field_without_strength_changes_no_bit():
    """The rule then adds 0, and the proposals are those without a field."""
    still = manifolds.with_field(manifolds.sphere(), potentials.linear(3, 0.0))
    ends = [
        simulate(Problem(one, 0.3, "projected"), metropolis(), walkers=40, steps=50, dt=0.05, seed=1).states
        for one in (manifolds.sphere(), still)
    ]
    np.testing.assert_array_equal(*ends)


def test_a_step_to_where_the_field_has_no_number_is_not_taken():
    """U = -log(1 - z) is infinite at the pole, and not a number beyond; all walkers stay finite."""
    field = potentials.potential(log_value, log_gradient, 3, start=(1.0, 0.0, 0.0), stiffness=10.0)
    surface = manifolds.with_field(manifolds.sphere(), replace(field, name="log"))
    run = simulate(
        Problem(surface, 0.5, "projected"), metropolis(), walkers=500, steps=200, dt=0.2, seed=1,
        start=Start([1.0, 0.0, 0.0], first_step=0),
    )  # fmt: skip
    assert np.isfinite(run.states).all()


def log_value(x, out, parameters):
    for lane in range(x.shape[1]):
        out[lane] = -np.log(0.8 - x[2, lane])


def log_gradient(x, out, parameters):
    for lane in range(x.shape[1]):
        out[0, lane] = out[1, lane] = 0.0
        out[2, lane] = 1.0 / (0.8 - x[2, lane])
