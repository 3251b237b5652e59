"""The time to leave a ball in many dimensions: its cumulants, a partial differential equation, other contours."""

import math

import numpy as np
import pytest

from langevin.theory.fokker_planck.cells import box_mesh, richardson
from langevin.theory.fokker_planck.generators import evolve
from langevin.theory.fokker_planck.passage import absorbing_generator
from langevin.theory.passage import distributions
from langevin.theory.passage.distributions import SHARES, ball_quantile, ball_survival, exit_chance
from langevin.theory.quadrature import panel_nodes

DIMS = (1, 2, 8, 30, 100, 200, 300, 1000, 5000)


def cumulants(dim, temperature):
    """Mean, variance and third cumulant of the time out of the unit ball, in its mean, by quadrature."""
    mean, deviation = 1 / (2 * dim * temperature), math.sqrt(2 / (dim + 2))
    start = max(0.0, 1 - 9 * deviation)
    times, weights = panel_nodes(start, 1 + 30 * deviation, 200)
    survival = ball_survival(mean * times, 1.0, dim, temperature)
    first, second, third = (
        start**power + power * float((weights * times ** (power - 1) * survival).sum()) for power in (1, 2, 3)
    )
    return first, second - first**2, third - 3 * first * second + 2 * first**3


@pytest.mark.parametrize("dim", [1, 7, 60, 300, 1000, 5000])
@pytest.mark.parametrize("temperature", [1e-6, 1e6])
def test_three_cumulants(dim, temperature):
    """k-th cumulant (k-1)! sum_i j_i^(-2k), by Rayleigh's sums; differences of moments cost digits."""
    mean, variance, third = cumulants(dim, temperature)
    assert mean == pytest.approx(1, rel=1e-9)
    assert variance == pytest.approx(2 / (dim + 2), rel=1e-6)
    assert third == pytest.approx(16 / ((dim + 2) * (dim + 4)), rel=1e-3)


def test_a_ball_in_a_thousand_dimensions_by_finite_volumes():
    """The radius walks in -(d - 1) theta log r from 0; 700 and 1400 cells, extrapolated, err by 0.004 or less."""

    def left(cells, time):
        mesh = box_mesh([0.0], [1.0], [cells])
        start = np.zeros(mesh.size)
        start[0] = 1.0
        energies = -999.0 * np.log(mesh.centres[0])
        absorbed, _ = absorbing_generator(mesh, energies, 1.0, walls=[(0, "upper")])
        return evolve(absorbed, start, time, 2000).sum()

    for time in (0.00048, 0.00052):
        limit = richardson(lambda cells, time=time: left(cells, time), 700).value
        assert limit == pytest.approx(ball_survival(np.array([time]), 1.0, 1000, 1.0)[0], abs=4e-3)
        assert abs(limit - ball_survival(np.array([1.01 * time]), 1.0, 1000, 1.0)[0]) > 2e-2


def test_median_in_a_thousand_dimensions():
    """0.0005 minus the correction of the third cumulant: mean - kappa_3 / (6 variance), to the next order in 1 / d."""
    median = ball_quantile(0.5, 1.0, 1000, 1.0)
    assert median.value == pytest.approx(0.0005 * (1 - 8 / (6 * 1004)), rel=1e-5)
    assert median.remainder < 1e-10 * median.value


@pytest.mark.parametrize("dim", DIMS)
def test_the_error_of_the_transform_is_a_bound(dim, monkeypatch):
    """Against lines at two thirds of the distance from the axis, on panels of half the width."""
    pole = {1: 1.2337, 2: 1.4457}.get(dim, (dim / 2) ** 2 / (2 * dim))  # a lower bound is enough
    times = np.concatenate([np.linspace(0, 1.999, 20), 1 + np.linspace(-6, 6, 20) / math.sqrt(dim + 36)])
    survival, bound = exit_chance(times, dim, pole)
    tilt, turn = distributions.TILT, distributions.TURN
    monkeypatch.setattr(distributions, "TILT", tilt / 1.5)
    monkeypatch.setattr(distributions, "NEAREST", distributions.NEAREST / 1.5)
    monkeypatch.setattr(distributions, "TURN", turn / 2)
    distributions._line.cache_clear()
    other, own = exit_chance(times, dim, pole)
    distributions._line.cache_clear()
    assert (np.abs(survival - other) <= bound + own).all()
    assert bound.max() < 1e-9


@pytest.mark.parametrize("dim", DIMS)
def test_quantiles_are_within_their_remainders(dim, monkeypatch):
    """The time of a quantile from other lines than the usual ones, without modes, agrees within both remainders."""
    shares = (SHARES[0], 0.01, 0.5, 0.99, SHARES[1])
    times = [ball_quantile(share, 1.0, dim, 1e6) for share in shares]
    monkeypatch.setattr(distributions, "TILT", 2.5)
    monkeypatch.setattr("langevin.theory.passage.distributions.GOOD", 1e-15 if dim > 30 else 1e-12)
    distributions._line.cache_clear()
    for share, time in zip(shares, times):
        other = ball_quantile(share, 1.0, dim, 1e6)
        assert abs(other.value - time.value) <= other.remainder + time.remainder
        assert time.remainder < 1e-8 * time.value
    distributions._line.cache_clear()
