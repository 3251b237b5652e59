"""Soft integrators on the Ornstein-Uhlenbeck process, for which mean and variance after every step are known."""

import math

import numpy as np
import pytest

import langevin
from langevin.integrators import euler_maruyama, heun, leimkuhler_matthews
from langevin.potentials import quadratic

pytestmark = pytest.mark.statistical
#: Each walker has ten independent coordinates.
DIM = 10
K, THETA = 1.0, 0.7


def values(integrator, dt, steps, walkers=20_000, start=0.0, theta=THETA, seed=1):
    """Final coordinates of independent walks with k = 1, 200 000 numbers by default."""
    problem = langevin.Problem(quadratic(DIM, K), theta)
    run = langevin.simulate(
        problem,
        integrator,
        walkers=walkers,
        steps=steps,
        dt=dt,
        seed=seed,
        start=langevin.Start(np.full(DIM, start), first_step=0),
    )
    return run.states[:, -1].ravel()


def variance_score(sample, exact):
    """Standard errors between a Gaussian sample's variance and the exact one, which has sqrt(2/n) of it as error."""
    return (np.mean(sample**2) / exact - 1) / math.sqrt(2 / sample.size)


def stationary(name, kh):
    """Stationary variance over theta / k, of the linear recursion x <- a x + noise."""
    growth = 1 - kh + kh**2 / 2
    return {
        "euler_maruyama": 1 / (1 - kh / 2),
        "leimkuhler_matthews": 1.0,
        "heun": 2 * kh * (1 - kh / 2) ** 2 / (1 - growth**2),
    }[name]


@pytest.mark.parametrize(
    "integrator", [euler_maruyama(), leimkuhler_matthews(), heun()], ids=lambda i: i.name
)
@pytest.mark.parametrize("dt", [0.1, 0.5])
def test_stationary_variance_at_a_coarse_step(integrator, dt):
    """After 20 relaxation times, within 4 standard errors; 5 % more heat and the other factors are excluded."""
    sample = values(integrator, dt, steps=round(20 / dt))
    exact = {
        name: THETA / K * stationary(name, K * dt)
        for name in ("euler_maruyama", "leimkuhler_matthews", "heun")
    }
    right = exact.pop(integrator.name)
    assert abs(variance_score(sample, right)) < 4
    assert abs(variance_score(sample, 1.05 * right)) > 6
    for wrong in exact.values():
        if abs(wrong / right - 1) > 0.03:
            assert abs(variance_score(sample, wrong)) > 6


@pytest.mark.parametrize("steps", [1, 2, 7])
def test_mean_and_variance_after_a_few_steps(steps):
    """Euler-Maruyama: x_0 (1 - kh)^n and the geometric sum of the kicks; the start is at 3."""
    dt = 0.4
    sample = values(euler_maruyama(), dt, steps, start=3.0)
    growth = 1 - K * dt
    variance = 2 * THETA * dt * (1 - growth ** (2 * steps)) / (1 - growth**2)
    assert abs(sample.mean() - 3 * growth**steps) < 4 * math.sqrt(variance / sample.size)
    assert abs(variance_score(sample - 3 * growth**steps, variance)) < 4
