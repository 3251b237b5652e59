"""Stationary laws of projected walks on a circle of varying stiffness, all of whose states are on the circle."""

import math

import numpy as np
import pytest

import langevin
from langevin.integrators import projected
from tests.circle import MEAN_COSINE, circle

pytestmark = pytest.mark.statistical
WALKERS, DT, TIME = 4000, 4e-3, 6.0
#: Bias of the mean cosine, of order dt: it was measured as 0.030, 0.020, 0.010 +- 0.003 at dt = 0.008, 0.004, 0.002.
BIAS = 6 * DT


def mean_cosine(integrator=None, measure=None, theta=1.0):
    """Mean of cos phi and its standard error after six relaxation times of the slowest mode."""
    problem = langevin.Problem(circle(), theta, "projected", measure)
    run = langevin.simulate(
        problem, integrator, walkers=WALKERS, steps=round(TIME / DT), dt=DT, seed=9, every=500
    )
    assert run.counts["finished"] == WALKERS
    np.testing.assert_allclose(np.linalg.norm(run.states, axis=2), 1, rtol=0, atol=1e-10)
    cosines = run.states[:, -1, 0]
    return cosines.mean(), cosines.std() / math.sqrt(WALKERS)


def assert_measure(expected, mean, error):
    """The mean cosine of one measure, within 4 standard errors and the step's bias; not that of another."""
    for measure, exact in MEAN_COSINE.items():
        near = abs(mean - exact) < 4 * error + BIAS
        assert near == (measure == expected)


@pytest.mark.parametrize("measure", ["surface", "gibbs"])
def test_the_measure_that_a_problem_names_is_sampled(measure):
    assert_measure(measure, *mean_cosine(measure=measure))


@pytest.mark.slow
@pytest.mark.parametrize("noise", ["isotropic", "tangent"])
@pytest.mark.parametrize("projection", ["nearest", "shake", "midpoint", "flow", "gauss-newton"])
def test_every_pair_samples_the_measure_it_names(projection, noise):
    integrator = projected(projection, noise)
    assert_measure(integrator.measure, *mean_cosine(integrator))


@pytest.mark.parametrize("measure", ["surface", "gibbs"])
def test_the_clock_is_that_of_brownian_motion(measure):
    """At short times the angle has the variance 2 theta t; 10 % more heat is excluded."""
    problem = langevin.Problem(circle(), 1.0, "projected", measure)
    run = langevin.simulate(problem, walkers=40_000, steps=20, dt=1e-4, seed=9)
    angle = np.arctan2(run.states[:, -1, 1], run.states[:, -1, 0])
    ratio = angle.var() / (2 * 20 * 1e-4)
    assert abs(ratio - 1) < 4 * math.sqrt(2 / 40_000)
    assert abs(ratio / 1.1 - 1) > 10 * math.sqrt(2 / 40_000)
