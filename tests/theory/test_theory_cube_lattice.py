"""The lattice law against a direct linear solve of the product chain."""

import math

import numpy as np
import pytest

from langevin.errors import NumericalError, UsageError
from langevin.theory.cube.over_samples import lattice_slope, lattice_time


def solved_times(free, sites, rate):
    """Mean hitting times of the corner from all other sites, the farthest last, by the dense backward equation."""
    chain = np.diag(np.ones(sites - 1), 1) + np.diag(np.ones(sites - 1), -1)
    chain -= np.diag(chain.sum(axis=1))
    generator = np.zeros((sites**free, sites**free))
    for axis in range(free):
        generator += np.kron(np.kron(np.eye(sites**axis), chain), np.eye(sites ** (free - axis - 1)))
    return np.linalg.solve(rate * generator[1:, 1:], -np.ones(sites**free - 1))


def solved_time(free, sites, rate):
    """Mean hitting time of the corner from a uniform start, the corner included."""
    return solved_times(free, sites, rate).sum() / sites**free


@pytest.mark.parametrize(("free", "sites"), [(1, 2), (1, 7), (2, 4), (2, 11), (3, 4), (3, 8), (4, 4)])
def test_quadrature_solves_the_chain(free, sites):
    prediction = lattice_time(free, sites, 0.7)
    assert prediction.value == pytest.approx(solved_time(free, sites, 0.7), rel=1e-9)
    assert prediction.remainder < 1e-6 * prediction.value


@pytest.mark.parametrize(
    ("free", "sites"), [(1, 2), (1, 7), (1, 40), (2, 4), (2, 11), (3, 2), (3, 8), (5, 3)]
)
def test_quadrature_from_the_far_corner(free, sites):
    """Without the sign (-1)^j the walker would start in the target, and the time would be zero."""
    prediction = lattice_time(free, sites, 0.7, start="far")
    assert prediction.value == pytest.approx(solved_times(free, sites, 0.7)[-1], rel=1e-9)
    assert (
        abs(prediction.value - solved_times(free, sites, 0.7)[-1])
        <= prediction.remainder + 1e-12 * prediction.value
    )


def test_the_far_corner_in_closed_form_and_in_the_limit():
    # One chain: N (N - 1) / 2 at hop rate 1, (N - 1) (2 N - 1) / 6 from a uniform start; the remainder is a bound.
    for sites in (2, 5, 300, 3000):
        far, uniform = (lattice_time(1, sites, 1.0, start=start) for start in ("far", "uniform"))
        assert abs(far.value - sites * (sites - 1) / 2) <= far.remainder < 1e-9 * far.value
        assert abs(uniform.value - (sites - 1) * (2 * sites - 1) / 6) <= uniform.remainder
    # With many coordinates the start no longer matters.
    many = [lattice_time(12, 4, 1.0, start=start).value for start in ("far", "uniform")]
    assert 1 < many[0] / many[1] < 1 + 1e-5
    with pytest.raises(UsageError, match="'uniform' or 'far'"):
        lattice_time(2, 4, 1.0, start="near")


def test_the_solve_tells_a_halved_rate_or_a_lost_site():
    assert solved_time(2, 4, 1.0) != pytest.approx(lattice_time(2, 4, 2.0).value, rel=0.1)
    assert solved_time(2, 5, 1.0) != pytest.approx(lattice_time(2, 4, 1.0).value, rel=0.1)


def test_large_dimensions_reach_volume_over_attempts():
    # Next order in 1/n is a few per cent at n = 40.
    assert lattice_time(40, 4, 1.0).value * 40 / 4.0**40 == pytest.approx(1, rel=0.05)


def test_slope_is_that_of_the_times_and_nears_the_volume_law_from_below():
    slope = lattice_slope(3, 0.25)
    assert slope.value == pytest.approx(math.log(solved_time(3, 4, 1.0) / solved_time(2, 4, 1.0)), rel=1e-9)
    slopes = [lattice_slope(free, 0.25).value for free in (2, 5, 20, 60)]
    assert slopes[1:] == sorted(slopes[1:])
    assert max(slopes) < math.log(4)
    assert slopes[-1] == pytest.approx(math.log(4) - 1 / 60, abs=0.005)  # T ~ N^n / n


def test_range_of_the_slope():
    assert not lattice_slope(3, 0.3).in_range
    assert not lattice_slope(1, 0.25).in_range
    assert lattice_time(0, 4, 1.0).value == 0
    with pytest.raises(UsageError):
        lattice_time(2, 1, 1.0)
    with pytest.raises(NumericalError, match="beyond floats"):
        lattice_time(600, 4, 1.0)
