"""Gibbs laws against closed forms."""

import math

import numpy as np
import pytest
from scipy.special import gamma

from langevin.errors import UsageError
from langevin.theory.gibbs.quadratures import (
    canal_mean_cosine,
    gibbs_density,
    log_partition_function,
    stationary_moment,
    stationary_moment_2d,
)


def test_harmonic_well():
    variance = stationary_moment(lambda x: 1.5 * (x - 2) ** 2, 0.6, lambda x: (x - 2) ** 2)
    assert variance.value == pytest.approx(0.6 / 3, rel=1e-10)
    assert variance.remainder < 1e-9
    assert variance.value != pytest.approx(2 * 0.6 / 3, rel=0.1)  # exp(-2 f / theta) or a lost 2 would show


def test_quartic_well():
    moment = stationary_moment(lambda x: x**4, 0.3, lambda x: x * x)
    assert moment.value == pytest.approx(math.sqrt(0.3) * gamma(0.75) / gamma(0.25), rel=1e-10)


def test_moments_that_vanish_settle_too():
    assert stationary_moment(lambda x: (x * x - 1) ** 2, 0.1, lambda x: x).value == pytest.approx(0, abs=1e-9)


def test_a_wall_on_one_side():
    mean = stationary_moment(lambda x: 2 * x, 0.5, lambda x: x, lower=1.0)
    assert mean.value == pytest.approx(1.25, rel=1e-10)  # exponential law on the other side of the wall


def test_partition_function_does_not_overflow():
    prediction = log_partition_function(lambda x: 0.5 * x * x - 1e4, 0.1)
    assert prediction.value == pytest.approx(1e5 + 0.5 * math.log(2 * math.pi * 0.1), abs=1e-9)


def test_density_is_normalised_and_zero_outside():
    density = gibbs_density(lambda x: x + 1e4, 0.7, lower=0.0, upper=2.0)
    points = np.array([-0.1, 0.0, 1.0, 2.1])
    norm = 0.7 * (1 - math.exp(-2 / 0.7))
    assert density(points) == pytest.approx([0, 1 / norm, math.exp(-1 / 0.7) / norm, 0], rel=1e-9)


@pytest.mark.parametrize(("transverse", "modulation"), [(1, 0.5), (4, 1.0), (40, 2.0)])
def test_canal_prefers_its_flat_part(transverse, modulation):
    x = np.linspace(-np.pi, np.pi, 4001)[:-1]
    density = np.exp(-transverse * modulation / 2 * np.cos(x))  # a^(-m/2)
    cosine = (np.cos(x) * density).sum() / density.sum()
    assert canal_mean_cosine(transverse, modulation).value == pytest.approx(cosine, rel=1e-12)
    double_drift = canal_mean_cosine(2 * transverse, modulation).value
    assert double_drift != pytest.approx(cosine, rel=1e-3)


def test_canal_law_holds_at_any_stiffness_in_the_plane():
    def value(x, y):
        return 2.0 * math.exp(math.cos(x)) * y * y / 2

    moment = stationary_moment_2d(value, 1.5, lambda x, y: math.cos(x), ((-math.pi, math.pi), (-12.0, 12.0)))
    assert moment.value == pytest.approx(canal_mean_cosine(1, 1.0).value, abs=1e-8)


def test_moment_in_the_plane_of_a_tilted_gaussian():
    def value(x, y):
        return x * x + y * y - x * y

    box = ((-9.0, 9.0), (-9.0, 9.0))
    covariance = 0.7 * np.linalg.inv([[2, -1], [-1, 2]])
    moment = stationary_moment_2d(value, 0.7, lambda x, y: x * y, box)
    assert moment.value == pytest.approx(covariance[0, 1], rel=1e-9)


def test_a_cold_law_in_the_plane_is_that_of_its_lowest_point():
    """Equipartition at a temperature at which the corners of the box are 2250 temperatures above the bottom."""

    def well(x, y):
        return 7.0 + (x * x + y * y) / 2

    cold = stationary_moment_2d(well, 1e-3, lambda x, y: x * x, ((-1.5, 1.5), (-1.5, 1.5)))
    assert cold.value == pytest.approx(1e-3, rel=1e-9)


def test_bad_input_is_refused():
    with pytest.raises(UsageError, match="wall"):
        stationary_moment(lambda x: 0.0, 1.0, lambda x: x)
    with pytest.raises(UsageError, match="temperature > 0"):
        log_partition_function(lambda x: x * x, 0.0)
    with pytest.raises(UsageError, match="finite box"):
        stationary_moment_2d(lambda x, y: x * x, 1.0, lambda x, y: x, ((-1, 1), (0, math.inf)))
