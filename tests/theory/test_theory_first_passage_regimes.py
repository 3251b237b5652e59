"""Ballistic or diffusive: against quadrature of the potential, and the integral equation of the walk in steps."""

import math

import numpy as np
import pytest
from scipy.special import ive

from langevin.errors import NumericalError, UsageError
from langevin.theory.escape.one_dimension import exact_escape_time
from langevin.theory.passage.regimes import (
    OVERSHOOT,
    drift_exponent,
    drift_time,
    exit_steps,
    overshoot_shift,
    passage_dimension_curves,
    passage_exponent_curve,
    passage_length_curves,
    passage_step_curves,
)


def walk_steps(radius, dim, nodes=300):
    """Mean number of Gaussian steps of rms length 1 out of a ball, N(r) = 1 + int K(r, r') N(r') dr'."""
    points, weights = np.polynomial.legendre.leggauss(nodes)
    r, weights = radius * (points + 1) / 2, radius * weights / 2
    variance, order = 1 / dim, dim / 2 - 1
    here, there = r[:, None], r[None, :]
    near = np.exp(-((here - there) ** 2) / (2 * variance))
    kernel = there / variance * (there / here) ** order * ive(order, here * there / variance) * near
    steps = np.linalg.solve(np.eye(nodes) - kernel * weights, np.ones(nodes))
    norm = 2 ** (dim / 2 - 1) * math.gamma(dim / 2) * variance ** (dim / 2)
    return 1 + (weights * r ** (dim - 1) * np.exp(-(r**2) / (2 * variance)) / norm) @ steps


@pytest.mark.parametrize("ratio", [-30.0, -1.0, 1e-6, 0.02, 0.5, 1.0 - 1e-9, 1.0 + 1e-9, 3.0, 40.0, 300.0])
def test_drift_against_the_quadrature_of_its_potential(ratio):
    length, temperature = 1.7, 0.6
    drift = ratio * temperature / length
    exact = exact_escape_time(lambda x: -drift * x, 0.0, length, temperature, lower=0.0)
    prediction = drift_time(length, drift, temperature)
    assert prediction.value == pytest.approx(exact.value, rel=1e-8)  # the quadrature stops at 1e-9
    assert drift_time(length, drift, 1.1 * temperature).value != pytest.approx(exact.value, rel=1e-4)


def test_little_drift_is_safe_and_the_bare_formula_is_not():
    length, drift, temperature = 1.0, 1e-9, 1.0
    bare = length / drift - temperature / drift**2 * (1 - math.exp(-drift * length / temperature))
    assert drift_time(length, drift, temperature).value == pytest.approx(0.5 - drift / 6, rel=1e-15)
    assert bare != pytest.approx(0.5, rel=0.1)
    assert drift_time(length, 0.0, temperature).value == 0.5


@pytest.mark.parametrize("ratio", [-3.0, 1e-5, 0.3, 0.999, 1.001, 8.0, 200.0])
def test_exponent_is_the_slope_of_the_quadrature(ratio):
    length, temperature, change = 1.7, 0.6, 1e-2
    drift = ratio * temperature / length

    def time(size):
        return exact_escape_time(lambda x: -drift * x, 0.0, size, temperature, lower=0.0).value

    slope = math.log(time(length * math.exp(change)) / time(length * math.exp(-change))) / (2 * change)
    # The central difference errs by change^2 / 6 of the third derivative, which is below the square of the exponent.
    exact = drift_exponent(length, drift, temperature).value
    assert exact == pytest.approx(slope, abs=1e-4 * exact**2)
    assert abs(drift_exponent(length, 1.2 * drift, temperature).value - slope) > 1e-4 * exact**2 or ratio in (
        1e-5,
    )


def test_exponent_goes_from_two_to_one():
    exponents = [drift_exponent(10.0**k, 1.0, 1.0).value for k in range(-6, 7)]
    assert exponents[0] == pytest.approx(2, abs=1e-6)
    assert exponents[-1] == pytest.approx(1, abs=2e-6)
    assert (np.diff(exponents) < 0).all()
    assert drift_exponent(1.0, 0.0, 1.0).value == 2


def test_overshoot_is_minus_zeta_of_a_half_over_root_two_pi():
    # Alternating series eta(1/2) = sum (-1)^(n-1) / sqrt(n), by repeated means of its partial sums.
    sums = np.cumsum((-1.0) ** np.arange(60) / np.sqrt(np.arange(1, 61)))
    while len(sums) > 1:
        sums = (sums[1:] + sums[:-1]) / 2
    zeta = sums[0] / (1 - math.sqrt(2))
    assert pytest.approx(-zeta / math.sqrt(2 * math.pi), rel=1e-13) == OVERSHOOT
    assert overshoot_shift(0.3, 0.01) == pytest.approx(OVERSHOOT * math.sqrt(2 * 0.3 * 0.01))


@pytest.mark.parametrize("dim", [1, 2, 3, 10, 50])
def test_steps_out_of_a_ball_against_the_integral_equation(dim):
    for radius in (2.0, 5.0, 20.0):
        exact, prediction = walk_steps(radius, dim), exit_steps(radius, 1.0, dim)
        assert prediction.in_range
        assert abs(prediction.value - exact) < prediction.remainder
        # Neither the bare (R / s)^2 nor an overshoot in units of the whole step is within the remainder.
        assert abs(radius**2 - exact) > prediction.remainder
        if dim > 1:
            assert abs((radius + OVERSHOOT) ** 2 - exact) > prediction.remainder
    # What is missing is a quarter of a step, in every dimension; the rest falls as s / R.
    assert exact - prediction.value == pytest.approx(0.25, abs=0.01)


def test_steps_scale_and_know_their_range():
    assert exit_steps(3.0, 0.5, 2).value == pytest.approx(exit_steps(6.0, 1.0, 2).value, rel=1e-14)
    assert not exit_steps(1.9, 1.0, 2).in_range
    assert not exit_steps(9.0, 1.0, 51).in_range


def test_length_curves_and_their_ranges():
    both, diffusion, ballistic = passage_length_curves(drift=2.0, temperature=0.5)
    short, long, middle = 0.007, 26.0, 0.25  # v L / theta = 0.028, 104 and 1
    assert diffusion.predict(short).in_range
    assert ballistic.predict(long).in_range
    assert diffusion.predict(short).value == pytest.approx(both.predict(short).value, rel=0.01)
    assert ballistic.predict(long).value == pytest.approx(both.predict(long).value, rel=0.01)
    for curve in (diffusion, ballistic):
        assert not curve.predict(middle).in_range
        assert abs(curve.predict(middle).value / both.predict(middle).value - 1) > 0.2
    exponent = passage_exponent_curve(2.0, 0.5)
    assert (exponent.predict(short).value, exponent.predict(long).value) == pytest.approx((2, 1), abs=0.02)


def test_dimension_curves():
    ball, cube = passage_dimension_curves(1.5, 0.5)
    assert ball.predict(1).value == pytest.approx(cube.predict(1).value, rel=1e-12)
    assert ball.predict(8.0).value == pytest.approx(1.5**2 / 8)
    # The cube holds the ball, and its times fall as 1 / log d only.
    assert all(cube.predict(dim).value > ball.predict(dim).value for dim in (2, 5, 50))
    assert cube.predict(400).value > 0.4 * cube.predict(20).value
    for curve in (ball, cube):
        with pytest.raises(UsageError, match="whole number"):
            curve.predict(2.5)


def test_step_curves():
    finite, continuous, straight = passage_step_curves(0.1, 4)
    assert straight.predict(10.0).value == 100
    assert continuous.predict(10.0).value == pytest.approx(100**2)
    assert continuous.predict(10.0).in_range
    assert not continuous.predict(1.0).in_range
    assert finite.predict(1.0).value == pytest.approx(walk_steps(10.0, 4), abs=0.35)
    # A thousand steps in line are a million by diffusion.
    assert continuous.predict(100.0).value == pytest.approx(straight.predict(100.0).value ** 2)


def test_bad_input_is_refused():
    for call in (
        lambda: drift_time(1.0, math.nan, 1.0),
        lambda: drift_time(-1.0, 1.0, 1.0),
        lambda: overshoot_shift(1.0, 0.0),
        lambda: overshoot_shift(0.0, 1.0),
        lambda: exit_steps(1.0, 0.0, 1),
        lambda: passage_length_curves(0.0, 1.0),
        lambda: passage_exponent_curve(1.0, 0.0),
        lambda: passage_length_curves(1.0, 1.0)[2].predict(-1.0),
        lambda: passage_step_curves(0.0, 1),
        lambda: passage_dimension_curves(1.0, -1.0),
    ):
        with pytest.raises(UsageError):
            call()
    with pytest.raises(NumericalError, match="raise the temperature"):
        drift_time(1.0, -1.0, 1e-3)
