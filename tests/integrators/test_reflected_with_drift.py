"""Mirrored walks in a body that has a loss: the exact mean of the half line, the Gibbs law in a box."""

import math
from dataclasses import replace

import numpy as np
import pytest

from langevin import Problem, Start, manifolds, simulate
from langevin.ensemble.checks import StepSizeWarning
from langevin.errors import UsageError
from langevin.integrators import reflected, rejecting, variable_step
from tests.integrators.worked import below, constant, half_line

WALKERS = 100_000


@pytest.mark.statistical
@pytest.mark.parametrize(("drift", "theta", "dt"), [(2.0, 0.5, 0.01), (2.0, 0.5, 0.2), (1.0, 0.3, 0.4)])
def test_the_mean_of_the_half_line_is_known_at_every_step(drift, theta, dt):
    """theta / mu + mu dt / 2, within 4 standard errors; without the second term, or with twice it, not."""
    steps = max(40, round(24.0 * theta / drift**2 / dt))
    run = simulate(
        Problem(half_line(drift), theta, "reflected"), walkers=WALKERS, steps=steps, dt=dt, seed=2,
        start=Start([theta / drift], first_step=0),
    )  # fmt: skip
    values = run.states[:, -1, 0]
    error = values.std() / math.sqrt(WALKERS)
    assert abs(values.mean() - (theta / drift + 0.5 * drift * dt)) < 4.0 * error
    for wrong in (theta / drift, theta / drift + drift * dt):
        assert abs(values.mean() - wrong) > 8.0 * error


def tilt(x, out, parameters):
    for i in range(x.shape[0]):
        for lane in range(x.shape[1]):
            out[i, lane] = 0.8


def turn_back(x, before, parameters):
    """The box's mirror, with the position before the step as an argument."""
    for i in range(x.shape[0]):
        for lane in range(x.shape[1]):
            x[i, lane] = abs(x[i, lane] - 2.0 * np.rint(0.5 * x[i, lane])) + 0.0 * before[i, lane]


@pytest.mark.statistical
@pytest.mark.parametrize("bounces", [False, True])
def test_the_law_in_a_box_is_gibbs(bounces):
    """exp(-2 x) on [0, 1] at theta = 0.4, each coordinate separately; a flat law and half the heat are excluded."""
    box = replace(manifolds.cube(dim=2), gradient=tilt)
    box = replace(box, fold=None, bounce=turn_back) if bounces else box
    run = simulate(Problem(box, 0.4, "reflected"), reflected(), walkers=20_000, steps=1500, dt=1e-3, seed=4)
    assert run.states.min() >= 0.0
    assert run.states.max() <= 1.0
    values = run.states[:, -1].ravel()
    error = values.std() / math.sqrt(values.size)

    def mean(rate):
        return 1.0 / rate - 1.0 / math.expm1(rate)

    assert abs(values.mean() - mean(2.0)) < 4.0 * error + 1e-3
    for wrong in (0.5, mean(4.0)):
        assert abs(values.mean() - wrong) > 20.0 * error


def test_a_loss_that_vanishes_changes_nothing():
    flat = replace(half_line(1.0), parameters=(0.0,))
    assert flat.gradient is constant
    runs = [
        simulate(Problem(body, 1.0, "reflected"), walkers=50, steps=60, dt=0.1, seed=1).states
        for body in (half_line(), flat)
    ]
    np.testing.assert_array_equal(*runs)


def test_the_step_is_checked_against_the_curvature_of_the_loss():
    steep = replace(half_line(1.0), stiffness=lambda temperature: 10.0)
    with pytest.raises(UsageError, match="unstable"):
        simulate(Problem(steep, 1.0, "reflected"), walkers=2, steps=2, dt=0.2, seed=1)
    with pytest.warns(StepSizeWarning, match="coarse"):
        simulate(Problem(steep, 1.0, "reflected"), walkers=2, steps=2, dt=0.1, seed=1)
    free = replace(half_line(), stiffness=lambda temperature: 10.0)
    simulate(Problem(free, 1.0, "reflected"), walkers=2, steps=2, dt=0.2, seed=1)


def test_steps_that_would_not_see_the_loss_refuse_it():
    body = replace(manifolds.cube(dim=2), gradient=tilt, walls=below)
    for law in (rejecting(), variable_step()):
        with pytest.raises(UsageError, match=r"has a loss.*use (reflected|mala-in-body)"):
            law.build(body)
