"""Soft integrators on the Ornstein-Uhlenbeck process, where mean and variance of every step are known."""

import math

import numpy as np
import pytest

import langevin
from langevin.integrators import euler_maruyama, heun, leimkuhler_matthews
from langevin.potentials import quadratic

pytestmark = pytest.mark.statistical
#: Ten independent coordinates a walker.
DIM = 10
K, THETA = 1.0, 0.7


def values(integrator, dt, steps, walkers=20_000, start=0.0, theta=THETA, seed=1):
    """Final coordinates of independent walks with k = 1, 200 000 numbers by default."""
    problem = langevin.Problem(quadratic(DIM, K), theta)
    run = langevin.simulate(
        problem, integrator, walkers=walkers, steps=steps, dt=dt, seed=seed, start=np.full(DIM, start)
    )
    return run.states[:, -1].ravel()


def variance_score(sample, exact):
    """Standard errors between a Gaussian sample's variance and the exact one, which has sqrt(2/n) of it as error."""
    return (np.mean(sample**2) / exact - 1) / math.sqrt(2 / sample.size)


def stationary(name, kh):
    """Stationary variance over theta / k: of the linear recursion x <- a x + noise."""
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


@pytest.mark.parametrize(
    ("integrator", "order"), [(euler_maruyama(), 1), (heun(), 2)], ids=["Euler-Maruyama", "Heun"]
)
def test_weak_order(integrator, order):
    """log2 of the ratio of the errors of E x^2 at t = 1 from x = 30 for steps 1/4 and 1/8.

    The next order in the step shifts the ratio's logarithm by some 0.2; the Monte-Carlo error is
    propagated and adds 4 standard errors. Neighbouring orders stay excluded.
    """
    exact = 900 * math.exp(-2 * K) + THETA / K * (1 - math.exp(-2 * K))
    errors, spreads = [], []
    for steps in (4, 8):
        squares = values(integrator, 1 / steps, steps, walkers=60_000, start=30.0) ** 2
        errors.append(squares.mean() - exact)
        spreads.append(squares.std() / math.sqrt(squares.size) / abs(errors[-1]))
    slope = math.log2(errors[0] / errors[1])
    interval = 0.25 + 4 * math.hypot(*spreads) / math.log(2)
    assert abs(slope - order) < interval < 0.6
    assert abs(slope - (3 - order)) > interval
    assert integrator.weak_order == order
