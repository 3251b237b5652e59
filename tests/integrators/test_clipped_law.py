"""Effects of clipping at the walls: atoms, an exact mean at every step size, and an apparent shift of the wall."""

import math

import numpy as np
import pytest
from scipy.stats import norm

from langevin import Problem, Start, manifolds, potentials, simulate
from langevin.dynamics import default_integrator
from langevin.ensemble.step_length import OVERSHOOT
from langevin.errors import UsageError
from langevin.integrators import clipped, reflected
from tests.integrators.worked import half_line

WALKERS = 100_000


def stationary(drift, theta, dt, integrator, time, seed=3):
    """Stationary mean on the half line with the drift -mu, and its standard error."""
    run = simulate(
        Problem(half_line(drift), theta, "reflected"), integrator, walkers=WALKERS, steps=round(time / dt), dt=dt,
        seed=seed, start=Start([theta / drift], first_step=0),
    )  # fmt: skip
    values = run.states[:, -1, 0]
    assert values.min() >= 0.0
    return values.mean(), values.std() / math.sqrt(WALKERS)


def spitzer_mean(drift, theta, dt):
    """sum over n of E S_n^+ / n for S_n normal with the mean -n mu dt and the variance 2 n theta dt (Spitzer 1956)."""
    n = np.arange(1.0, 20_000.0)
    mean, spread = -drift * dt * n, np.sqrt(2.0 * theta * dt * n)
    return float(((spread * norm.pdf(mean / spread) + mean * norm.cdf(mean / spread)) / n).sum())


@pytest.mark.statistical
@pytest.mark.parametrize("dt", [0.01, 0.1])
def test_the_mean_on_a_half_line_with_drift(dt):
    """The mean is exact by Spitzer's series, 4 standard errors; the true mean and that of a mirror are excluded."""
    drift, theta = 2.0, 0.5
    mean, error = stationary(drift, theta, dt, clipped(), time=6.0)
    exact = spitzer_mean(drift, theta, dt)
    assert abs(mean - exact) < 4.0 * error
    for wrong in (theta / drift, theta / drift + 0.5 * drift * dt):
        assert abs(mean - wrong) > 20.0 * error


def test_the_series_is_the_shift_of_the_wall_to_leading_order():
    """theta / mu - 0.5826 sqrt(2 theta dt), with an error of order dt."""
    errors = [
        spitzer_mean(2.0, 0.5, dt) - (0.25 - OVERSHOOT * math.sqrt(2.0 * 0.5 * dt)) for dt in (4e-3, 1e-3)
    ]
    assert errors[0] / errors[1] == pytest.approx(4.0, rel=0.05)


@pytest.mark.statistical
@pytest.mark.parametrize("steps", [1, 5, 40])
def test_the_mean_of_the_walk_from_the_wall(steps):
    """The running maximum of a random walk: s (2 pi)^(-1/2) sum k^(-1/2), at every number of steps."""
    run = simulate(
        Problem(half_line(), 0.5, "reflected"), clipped(), walkers=WALKERS, steps=steps, dt=0.09, seed=steps
    )
    values = run.states[:, -1, 0]
    exact = 0.3 / math.sqrt(2.0 * math.pi) * (np.arange(1.0, steps + 1.0) ** -0.5).sum()
    error = values.std() / math.sqrt(WALKERS)
    assert abs(values.mean() - exact) < 4.0 * error
    assert abs(values.mean() - 0.3 * math.sqrt(2.0 * steps / math.pi)) > 20.0 * error, "the mirror's mean"


@pytest.mark.statistical
def test_the_atoms_at_the_walls_of_a_box():
    """s / sqrt(2) over the length with both walls moved out by 0.5826 s; without either factor, excluded."""
    spread = 0.08
    run = simulate(
        Problem(manifolds.cube(dim=1), 0.5, "reflected"), clipped(), walkers=200_000, steps=400, dt=spread**2, seed=1
    )  # fmt: skip
    places = run.states[:, -1, 0]
    assert places.min() == 0.0
    assert places.max() == 1.0
    for wall in (0.0, 1.0):
        mass = (places == wall).mean()
        error = math.sqrt(mass / places.size)
        exact = spread / math.sqrt(2.0) / (1.0 + 2.0 * OVERSHOOT * spread)
        assert abs(mass - exact) < 4.0 * error
        for wrong in (spread, spread / math.sqrt(2.0), 0.5 * spread):
            assert abs(mass - wrong) > 6.0 * error


@pytest.mark.parametrize("place", [-7.3, -1.2, -1e-9, 0.0, 0.31, 1.0, 1.0 + 1e-9, 1.7, 2.0, 3.9, 55.5])
def test_a_kick_of_any_length_ends_on_the_wall_that_it_crossed(place):
    """The kernel in plain Python, on a box of side 1; walkers inside do not move."""
    landscape, law = manifolds.cube(dim=1), clipped()
    x, noise = np.full((1, 1), place), np.zeros((1, 1), np.float32)
    step = law.build(landscape)
    step(x, noise, noise, np.empty((1, 1)), np.zeros((1, 1)), np.zeros(1), 1.0, 1.0, landscape.parameters)
    assert x[0, 0] == pytest.approx(min(max(place, 0.0), 1.0), abs=1e-9)
    assert 0.0 <= x[0, 0] <= 1.0


def test_nobody_gets_it_by_default():
    assert default_integrator(Problem(manifolds.cube(), 1.0, "reflected")).name == reflected().name
    with pytest.raises(UsageError, match="no walls"):
        clipped().build(potentials.quadratic())
