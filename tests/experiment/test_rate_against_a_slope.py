"""Rates out of a bowl with a target on its slope, in two dimensions, compared with the exact mean time."""

import math

import numpy as np
import pytest

from langevin import potentials
from langevin.experiment.rare_escape import rare_escape
from langevin.experiment.rate_plan import STEP, rate_plan
from langevin.types import Effort

THETA = 0.05


def value(x, out, parameters):
    for lane in range(x.shape[1]):
        out[lane] = 0.5 * (x[0, lane] ** 2 + x[1, lane] ** 2)


def gradient(x, out, parameters):
    for i in range(2):
        for lane in range(x.shape[1]):
            out[i, lane] = x[i, lane]


def rim(x, out, parameters):
    for lane in range(x.shape[1]):
        out[lane] = 1.0 - math.sqrt(x[0, lane] ** 2 + x[1, lane] ** 2)


BOWL = potentials.potential(value, gradient, 2, target=rim, stiffness=1.0)


def exact_rate():
    """1 / T, theta T = int_0^1 r^-1 exp(r^2 / 2 theta) int_0^r s exp(-s^2 / 2 theta) ds dr, the inner one known."""
    r = np.linspace(0.0, 1.0, 100_001)[1:] - 0.5e-5
    inner = THETA * -np.expm1(-(r**2) / (2 * THETA))
    return THETA / float((np.exp(r**2 / (2 * THETA)) / r * inner).mean())


def rate(dt):
    effort = Effort(walkers=1000, replicas=16)
    return rare_escape(BOWL, [THETA], seed=4, dt=dt, effort=effort, threads=1).runs[0].rate


def test_the_default_step_is_fine_beside_the_slope():
    (task,) = rate_plan(BOWL, [THETA], seed=1).tasks
    assert task.dt == pytest.approx(0.1**2 * THETA / 2, rel=1e-2)
    assert task.dt < STEP / 50


@pytest.mark.slow
@pytest.mark.statistical
def test_the_rate_is_exact_and_that_of_a_coarse_step_is_not():
    fine, coarse = rate(None), rate(STEP)
    assert abs(fine.value - exact_rate()) < 4 * fine.error
    assert abs(coarse.value - exact_rate()) > 4 * coarse.error
