"""Closed forms of the cube, compared with computations that do not use them."""

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import minimize_scalar
from scipy.special import exp1

from langevin.errors import NumericalError, UsageError
from langevin.theory.cube.closed_forms import (
    CUBIC_CELL,
    capacity_bound,
    capacity_time,
    entropy,
    eyring_time,
    volume_slope,
)
from langevin.theory.cube.finite_volume import unit_time


def test_entropy_is_the_log_of_the_volume():
    edges = [2.0] * 4 + [2.0 * 0.3] * 3
    assert entropy(7, 3, 2.0, 0.3) == pytest.approx(math.log(math.prod(edges)), rel=1e-14)


def test_eyring_is_the_attempt_time_over_the_share_of_the_target():
    share = (0.25 * 3.0) ** 5 / 3.0**5
    prediction = eyring_time(5, 3.0, 0.25, 0.2)
    assert prediction.value == pytest.approx((0.25 * 3.0) ** 2 / 0.2 / share, rel=1e-14)
    assert prediction.in_range
    slope = math.log(eyring_time(6, 1.0, 0.2, 1.0).value / eyring_time(5, 1.0, 0.2, 1.0).value)
    assert volume_slope(0.2) == pytest.approx(slope, rel=1e-13)
    assert not eyring_time(0, 1.0, 0.2, 1.0).in_range


def test_one_free_coordinate_is_the_exit_time_of_an_interval():
    side, fraction, temperature = 2.0, 0.3, 0.7
    wall = fraction * side

    def time_from(x):  # theta T'' = -1, T(wall) = 0, T'(side) = 0
        return ((side - wall) ** 2 - (side - x) ** 2) / (2 * temperature)

    mean = quad(time_from, wall, side)[0] / side
    assert capacity_time(1, side, fraction, temperature).value == pytest.approx(mean, rel=1e-12)


def test_constant_of_the_cubic_cell_by_a_theta_sum():
    # Regular part at 0 of the periodic Green function: Ewald sum split at the symmetric point.
    shells = np.array(
        [
            i * i + j * j + k * k
            for i in range(-4, 5)
            for j in range(-4, 5)
            for k in range(-4, 5)
            if i or j or k
        ]
    )
    split = 0.25 / math.pi  # heat kernel exp(t Laplacian), time at which both sums converge alike
    waves = np.exp(-4 * math.pi**2 * shells * split) / (4 * math.pi**2 * shells)
    images = [math.erfc(math.sqrt(n / (4 * split))) / (4 * math.pi * math.sqrt(n)) for n in shells]
    itself = -2 / math.sqrt(split) / (4 * math.pi) ** 1.5
    regular = waves.sum() + sum(images) + itself - split
    assert -regular == pytest.approx(CUBIC_CELL, abs=1e-6)  # the constant's last digit


def test_two_free_coordinates_from_the_green_function_of_the_torus():
    # Log-capacity of the square by Schwarz and Christoffel, regular part of the torus by an Ewald sum.
    radius = math.gamma(0.25) ** 2 / (4 * math.pi**1.5)
    shells = np.array([i * i + j * j for i in range(-5, 6) for j in range(-5, 6) if i or j])
    split = 0.25 / math.pi
    waves = (np.exp(-4 * math.pi**2 * shells * split) / (4 * math.pi**2 * shells)).sum()
    images = exp1(shells / (4 * split)).sum() / (4 * math.pi)
    itself = (math.log(4 * split) - np.euler_gamma) / (4 * math.pi)
    regular = waves + images + itself - split
    fraction = 0.01
    time = 4 * (-math.log(radius * fraction) / (2 * math.pi) + regular)
    assert capacity_time(2, 1.0, fraction, 1.0).value == pytest.approx(time, rel=1e-10)


@pytest.mark.parametrize("free", [3, 4, 8])
def test_capacity_bound_is_the_least_energy_of_its_trial_function(free):
    def energy(rate):
        # int of h'^2 and of h^2, where h = 1 up to 1 and exp(-rate (x - 1)) beyond
        slope_square, square = rate / 2, 1 + 1 / (2 * rate)
        return free * slope_square * square ** (free - 1)

    least = minimize_scalar(energy, bounds=(0.1, free), method="bounded", options={"xatol": 1e-6}).fun
    assert capacity_bound(free) == pytest.approx(least, rel=1e-8)


def test_capacity_bound_lies_above_the_true_capacity_of_a_cube():
    assert capacity_bound(3) > math.pi * 0.660678  # one eighth of the cube of side 2 in free space


@pytest.mark.parametrize(("free", "fractions"), [(2, (1 / 6, 0.1, 0.05)), (3, (0.25, 0.2, 0.1))])
def test_asymptotic_laws_keep_their_remainder_in_range(free, fractions):
    for fraction in fractions:
        law, truth = capacity_time(free, 1.0, fraction, 1.0), unit_time(free, fraction)
        assert law.in_range
        assert abs(law.value - truth.value) <= law.remainder + truth.remainder
    # The bound is tight enough to notice a lost regular part or a prefactor 5 % off.
    lost = 2 / math.pi * math.log(1 / fractions[0]) if free == 2 else 1 / (math.pi * 0.660678 * fractions[0])
    truth, law = unit_time(free, fractions[0]), capacity_time(free, 1.0, fractions[0], 1.0)
    assert abs(lost - truth.value) > law.remainder + truth.remainder
    last = capacity_time(free, 1.0, fractions[-1], 1.0)
    assert 0.05 * last.value > last.remainder + unit_time(free, fractions[-1]).remainder


def test_asymptotic_laws_say_where_they_fail():
    assert not capacity_time(2, 1.0, 0.25, 1.0).in_range
    assert not capacity_time(3, 1.0, 0.3, 1.0).in_range
    assert not capacity_time(4, 1.0, 0.01, 1.0).in_range
    assert not capacity_time(0, 1.0, 0.25, 1.0).in_range


@pytest.mark.parametrize("law", [eyring_time, capacity_time])
def test_clock_is_side_squared_over_temperature(law):
    for free in (1, 2, 3, 5):
        assert law(free, 3.0, 0.2, 0.5).value == pytest.approx(18 * law(free, 1.0, 0.2, 1.0).value, rel=1e-13)


@pytest.mark.parametrize(
    "arguments",
    [
        (-1, 1, 0.25, 1),
        (1.5, 1, 0.25, 1),
        (math.nan, 1, 0.25, 1),
        (2, 0, 0.25, 1),
        (2, 1, 1.0, 1),
        (2, 1, 0.2, -1),
    ],
)
def test_impossible_cubes_are_refused(arguments):
    with pytest.raises(UsageError):
        eyring_time(*arguments)


def test_astronomical_times_are_refused_in_words():
    with pytest.raises(NumericalError, match="beyond floats"):
        eyring_time(2000, 1.0, 0.25, 1.0)
