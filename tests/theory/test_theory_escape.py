"""Escape times against closed forms and a dense backward solve."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import dblquad

from langevin.errors import NumericalError, UsageError
from langevin.theory.escape.one_dimension import escape_curves, exact_escape_time, eyring_kramers_time
from langevin.types import Wells

WELLS = Wells(minimum=-1.0, saddle=0.0, target=1.0, barrier=1.0, curvature_minimum=8.0, curvature_saddle=-4.0)


def double_well(x):
    return (x * x - 1) ** 2


def lattice_escape_time(value, lower, start, target, temperature, cells):
    """Nearest-neighbour walk with detailed balance, hopping at rate (theta / h^2) exp(-rise / (2 theta))."""
    h = (target - lower) / cells
    centres = lower + h * (np.arange(cells) + 0.5)
    energies = np.array([value(x) for x in [*centres, target + h / 2]])
    up = temperature / h**2 * np.exp(-np.diff(energies) / (2 * temperature))
    down = temperature / h**2 * np.exp(np.diff(energies) / (2 * temperature))
    # Passage from cell i to i + 1: t_i = 1 / up_i + (down_(i-1) / up_i) t_(i-1); the last is to the wall.
    passage = np.empty(cells)
    for i in range(cells):
        passage[i] = (1 + (down[i - 1] * passage[i - 1] if i else 0)) / up[i]
    from_cell = np.cumsum(passage[::-1])[::-1]
    return np.interp(start, centres, from_cell)


def test_flat_and_sloping_floors():
    flat = exact_escape_time(lambda x: 0.0, 0.2, 1.5, 0.3, lower=-0.5)
    assert flat.value == pytest.approx((2.0**2 - 0.7**2) / (2 * 0.3), rel=1e-12)
    drift, length, temperature = 1.7, 2.0, 0.4
    ballistic = length / drift - temperature / drift**2 * (1 - math.exp(-drift * length / temperature))
    sloping = exact_escape_time(lambda x: -drift * x, 0.0, length, temperature, lower=0.0)
    assert sloping.value == pytest.approx(ballistic, rel=1e-11)


def test_a_parabola_against_adaptive_double_quadrature():
    def value(x):
        return 1.5 * x * x

    direct = dblquad(lambda z, y: math.exp((value(y) - value(z)) / 0.5) / 0.5, 0, 0.8, -8, lambda y: y)[0]
    prediction = exact_escape_time(value, 0.0, 0.8, 0.5)
    assert prediction.value == pytest.approx(direct, rel=1e-7)
    assert prediction.remainder <= 1e-6 * prediction.value


def test_double_well_against_a_lattice_walk():
    temperature = 0.25
    coarse, fine = (lattice_escape_time(double_well, -2.5, -1, 1, temperature, n) for n in (800, 1600))
    # The walk converges at order one at least: its error is no more than the last change. Three, for safety.
    exact = exact_escape_time(double_well, -1, 1, temperature).value
    assert abs(exact - fine) < 3 * abs(fine - coarse)
    assert abs(exact - fine) < 0.01 * exact
    assert abs(2 * exact - fine) > 0.1 * exact  # a lost factor two


def test_exact_over_kramers_is_one_plus_three_halves_theta():
    # (x^2 - 1)^2 / 4: the known first correction; its own error is O(theta), removed by extrapolation.
    def excess(temperature):
        exact = exact_escape_time(lambda x: double_well(x) / 4, -1, 1, temperature).value
        return (exact / eyring_kramers_time(2, -1, 0.25, temperature).value - 1) / temperature

    assert 2 * excess(0.005) - excess(0.01) == pytest.approx(1.5, abs=0.01)


def test_to_the_saddle_is_half_and_the_conventions_cannot_be_mixed():
    temperature = 0.02
    whole, half = (exact_escape_time(double_well, -1, end, temperature).value for end in (1, 0))
    assert half == pytest.approx(whole / 2, rel=1e-3)
    law = eyring_kramers_time(8, -4, 1, temperature, "to-saddle").value
    assert law == pytest.approx(half, rel=0.02)
    assert law != pytest.approx(whole, rel=0.3)


def test_very_low_temperatures_do_not_overflow_inside():
    # exp(barrier / theta) near the end of the floats; the law's error there is 0.375 theta / barrier.
    prediction = exact_escape_time(double_well, -1, 1, 1 / 690)
    assert prediction.value == pytest.approx(eyring_kramers_time(8, -4, 1, 1 / 690).value, rel=1e-3)
    with pytest.raises(NumericalError, match="raise the temperature"):
        exact_escape_time(double_well, -1, 1, 1e-3)
    with pytest.raises(NumericalError, match="raise the temperature"):
        eyring_kramers_time(8, -4, 1, 1e-3)


def test_a_deeper_well_behind_the_barrier_does_not_swamp_the_start():
    def value(x):
        return double_well(x) - 100 * max(0.0, x) ** 2

    assert exact_escape_time(value, -1, 0, 0.1).value == pytest.approx(
        exact_escape_time(double_well, -1, 0, 0.1).value, rel=1e-9
    )
    beyond = exact_escape_time(value, -1, 2, 0.1).value  # thousands of theta deep: arrival, not return
    assert beyond == pytest.approx(exact_escape_time(double_well, -1, 0, 0.1).value, rel=0.2)


def test_curves():
    exact, kramers = escape_curves(WELLS, double_well)
    assert (exact.name, kramers.name) == ("exact quadrature", "Eyring-Kramers")
    assert kramers.predict(0.2).in_range
    assert not kramers.predict(0.21).in_range
    assert kramers.predict(0.1).value == pytest.approx(exact.predict(0.1).value, rel=0.06)
    shallow = escape_curves(WELLS, lambda x: double_well(x) + 0.9 * max(0.0, x) ** 3)[1]
    assert kramers.predict(0.1).in_range
    assert not shallow.predict(0.1).in_range  # one temperature deep
    saddle = escape_curves(replace(WELLS, target=0.0), double_well)[1]
    assert saddle.predict(0.1).value == pytest.approx(kramers.predict(0.1).value / 2)
    with pytest.raises(UsageError, match="minimum < saddle"):
        escape_curves(replace(WELLS, minimum=1.0, target=-1.0), double_well)


def test_bad_input_is_refused():
    with pytest.raises(UsageError, match="wall"):
        exact_escape_time(lambda x: x, 0.0, 1.0, 1.0)  # falls away on the left
    with pytest.raises(UsageError, match="start < target"):
        exact_escape_time(double_well, 1.0, -1.0, 0.1)
    with pytest.raises(UsageError, match="finite on"):
        exact_escape_time(lambda x: math.inf, 0.0, 1.0, 1.0, lower=0.0)
    with pytest.raises(UsageError, match="curvature_saddle"):
        eyring_kramers_time(8, 4, 1, 0.1)
    with pytest.raises(UsageError, match="to-saddle"):
        eyring_kramers_time(8, -4, 1, 0.1, "both")
