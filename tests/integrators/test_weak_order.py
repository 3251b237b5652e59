"""Every soft integrator declares its weak order; here it is measured, with its interval."""

import inspect

import numpy as np
import pytest

from langevin import integrators, potentials, simulate
from langevin.types import Integrator, Problem

pytestmark = pytest.mark.statistical

WALKERS = 2_000_000
TIME, START, THETA = 1.0, 1.5, 0.05
#: Largest distance of the slope at these steps from its limit, computed from the exact recursions of the second
#: moment for linear drift: 0.02 for Euler-Maruyama and Leimkuhler-Matthews, 0.19 for Heun.
CURVATURE = 0.3


def soft_integrators():
    made = (
        make() for _, make in inspect.getmembers(integrators, inspect.isfunction) if not takes_arguments(make)
    )
    return [one for one in made if isinstance(one, Integrator) and one.dynamics == "soft"]


def takes_arguments(make):
    needed = (one.default is inspect.Parameter.empty for one in inspect.signature(make).parameters.values())
    return any(needed)


def weak_errors(integrator, counts):
    """Errors of E x(T)^2 in the well x^2 / 2 at dt = T / count, and their standard errors."""
    exact = np.exp(-2.0 * TIME) * START**2 + THETA * (1.0 - np.exp(-2.0 * TIME))
    problem = Problem(potentials.quadratic(), THETA)
    errors, spreads = [], []
    for seed, count in enumerate(counts):
        run = simulate(
            problem, integrator, walkers=WALKERS, steps=count, dt=TIME / count, seed=100 + seed, start=[START]
        )
        squares = run.states[:, -1, 0] ** 2
        errors.append(squares.mean() - exact)
        spreads.append(squares.std() / np.sqrt(WALKERS))
    return np.array(errors), np.array(spreads)


def slope(errors, spreads, counts):
    """Slope of log |error| against log dt, and its standard error, each point weighted by its precision."""
    x, y, weights = -np.log(counts), np.log(np.abs(errors)), (errors / spreads) ** 2
    centred = x - np.average(x, weights=weights)
    total = (weights * centred**2).sum()
    return float((weights * centred * y).sum() / total), float(total**-0.5)


@pytest.mark.parametrize("integrator", soft_integrators(), ids=lambda one: one.name)
def test_the_measured_order_is_the_declared_one(integrator):
    counts = np.array([3, 4, 6, 8]) if integrator.weak_order > 1 else np.array([4, 8, 16])
    measured, error = slope(*weak_errors(integrator, counts), counts)
    assert error < 0.15
    assert abs(measured - integrator.weak_order) < CURVATURE + 3.0 * error


def test_orders_one_and_two_are_told_apart():
    """The test above can fail: Euler-Maruyama's slope is more than 0.3 + 3 standard errors from 2."""
    counts = np.array([4, 8, 16])
    measured, error = slope(*weak_errors(integrators.euler_maruyama(), counts), counts)
    assert abs(measured - 2.0) > CURVATURE + 3.0 * error


def test_leimkuhler_matthews_has_the_exact_variance_of_a_quadratic_well():
    problem = Problem(potentials.quadratic(stiffness=2.0), THETA)
    run = simulate(problem, integrators.leimkuhler_matthews(), walkers=200_000, steps=120, dt=0.2, seed=5)
    variance = run.states[:, -1, 0].var()
    error = THETA / 2.0 * np.sqrt(2.0 / 200_000)
    assert abs(variance - THETA / 2.0) < 4.0 * error
    # Euler-Maruyama's own variance at this step, theta / (k (1 - k dt / 2)), is far away
    assert abs(variance - THETA / (2.0 * (1.0 - 0.2))) > 20.0 * error


def test_leimkuhler_matthews_keeps_its_noise_over_chunks_and_frames():
    problem = Problem(potentials.quadratic(dim=3), THETA)
    whole, framed = (
        simulate(
            problem, integrators.leimkuhler_matthews(), walkers=40, steps=37, dt=0.1, seed=5, every=every
        )
        for every in (None, 1)
    )
    assert np.array_equal(whole.states[:, -1], framed.states[:, -1])
