"""Metropolis-adjusted Langevin: the exact law at steps with a large Euler-Maruyama bias, and the count of refusals."""

import math
from dataclasses import replace

import numpy as np
import pytest

from langevin import Problem, Start, potentials, simulate
from langevin.errors import UsageError
from langevin.integrators import mala
from langevin.kernels.compile import jitable
from langevin.potentials import potential
from langevin.potentials.quartic import SQUARE

pytestmark = pytest.mark.statistical
WALKERS, STEPS, THETA = 100_000, 60, 0.3


def always_taken():
    """The step with a broken rule: the random number of the decision is larger than any that is drawn."""

    def build(landscape):
        inner = jitable(mala().build(landscape))

        def step(x, noise, previous, work, memory, status, dt, temperature, parameters):
            for row in range(x.shape[0], noise.shape[0]):
                for lane in range(x.shape[1]):
                    noise[row, lane] = 1e6
            inner(x, noise, previous, work, memory, status, dt, temperature, parameters)

        return step

    return replace(mala(), name="always taken", build=build)


def squares(integrator, landscape, dt, theta=THETA, steps=STEPS, seed=3):
    """Mean of x^2 over independent walkers after `steps` steps, its standard error, and the run."""
    run = simulate(
        Problem(landscape, theta), integrator, walkers=WALKERS, steps=steps, dt=dt, seed=seed
    )  # fmt: skip
    values = run.states[:, -1, 0] ** 2
    return values.mean(), values.std() / math.sqrt(WALKERS), run


@pytest.mark.parametrize("dt", [0.2, 0.6])
def test_the_law_of_a_quartic_well_is_exact_at_a_coarse_step(dt):
    """dt x curvature up to 0.7 over the width of the law, from 0 for more than ten relaxations; 4 standard errors."""
    exact = SQUARE * math.sqrt(THETA)
    measured, error, run = squares(mala(), potentials.quartic(), dt)
    assert error < 0.005 * exact
    assert abs(measured - exact) < 4.0 * error
    assert 0.0 < run.events["rejected"].mean() / STEPS < 0.5


def test_a_step_that_is_always_taken_is_caught():
    """In a quadratic well the variance is theta with the rule, and that of Euler-Maruyama without it."""
    dt = 0.8
    right, error, _ = squares(mala(), potentials.quadratic(), dt)
    assert abs(right - THETA) < 4.0 * error
    broken, error, run = squares(always_taken(), potentials.quadratic(), dt)
    assert run.events["rejected"].sum() == 0
    assert abs(broken - THETA / (1.0 - 0.5 * dt)) < 4.0 * error
    assert broken - THETA > 50.0 * error


def test_a_step_beyond_the_limit_of_explicit_ones_keeps_the_law():
    """dt x curvature = 2.5 in a quadratic well, where Euler-Maruyama diverges."""
    measured, error, run = squares(mala(), potentials.quadratic(), 2.5, steps=400)
    assert run.counts["diverged"] == 0
    assert abs(measured - THETA) < 4.0 * error
    with pytest.raises(UsageError, match="unstable"):
        simulate(Problem(potentials.quadratic(), THETA), walkers=2, steps=2, dt=2.5, seed=1)


def acceptance(dt, nodes=400):
    """Fraction of accepted steps in the law of x^2 / 2 at temperature 1, by a sum over x and xi.

    Here A = dt (y^2 - x^2) / 4, since the mean of both gradients is the exact slope of the loss from x to y.
    """
    grid = np.linspace(-8.0, 8.0, nodes)
    x, xi = np.meshgrid(grid, grid)
    weights = np.exp(-0.5 * (x**2 + xi**2))
    y = (1.0 - dt) * x + math.sqrt(2.0 * dt) * xi
    return float((weights * np.minimum(1.0, np.exp(-0.25 * dt * (y**2 - x**2)))).sum() / weights.sum())


@pytest.mark.parametrize("dt", [0.2, 1.0])
def test_the_tally_is_the_share_of_refused_steps(dt):
    """From a stationary start; within 4 standard errors, and the fraction at 10 % longer steps is excluded."""
    starts = np.random.default_rng(1).standard_normal((WALKERS, 1))
    run = simulate(
        Problem(potentials.quadratic(), 1.0), mala(), walkers=WALKERS, steps=10, dt=dt, seed=4,
        start=Start(starts, first_step=0),
    )  # fmt: skip
    refused = run.events["rejected"] / 10.0
    error = refused.std() / math.sqrt(WALKERS)
    assert abs(refused.mean() - (1.0 - acceptance(dt))) < 4.0 * error
    assert abs(refused.mean() - (1.0 - acceptance(1.1 * dt))) > 6.0 * error
    assert run.meta["rejections"] == ["rejected"]


def cliff(x, out, parameters):
    for lane in range(x.shape[1]):
        out[lane] = np.sqrt(1.0 - x[0, lane])


def edge(x, out, parameters):
    for lane in range(x.shape[1]):
        out[0, lane] = -0.5 / np.sqrt(1.0 - x[0, lane])


def test_a_step_to_where_the_loss_is_not_a_number_is_not_taken():
    """The kernel in plain Python: one walker moves back, one would cross the edge at 1, one has stopped before."""
    land, one = potential(cliff, edge, dim=1, stiffness=1.0), mala()
    x, memory = np.array([[0.9, 0.9, 0.9]]), np.zeros((1, 3))
    noise = np.array([[-1.0, 9.0, 9.0], [9.0] * 3, [9.0] * 3], np.float32)
    work = np.full((one.work_rows(land), 3), np.nan)
    with np.errstate(invalid="ignore"):
        one.build(land)(x, noise, noise, work, memory, np.array([0, 0, 1]), 1e-2, 1.0, ())
    assert x[0, 0] < 0.9
    assert x[0, 1:].tolist() == [0.9, 0.9]
    assert memory.tolist() == [[0.0, 1.0, 0.0]]


def test_a_loss_without_a_value_is_refused():
    blind = replace(potentials.quadratic(), value=None)
    with pytest.raises(
        UsageError,
        match="has no value of its loss, which mala needs: the landscape must have a value; use euler_maruyama",
    ):
        simulate(Problem(blind, 1.0), mala(), walkers=2, steps=2, dt=0.1, seed=1)
