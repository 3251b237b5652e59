"""Richardson's extrapolation on errors of known order."""

import math

import numpy as np
import pytest

from langevin.errors import UsageError
from langevin.potentials import potential
from langevin.theory.escape.any_line import line_escape_curves
from langevin.theory.fokker_planck.cells import richardson


@pytest.mark.parametrize(("order", "ratio"), [(2.0, 2), (2.0, 3), (4 / 3, 2), (1.0, 2)])
def test_an_error_of_the_stated_order_is_removed(order, ratio):
    prediction = richardson(lambda cells: 5 + 3 * cells**-order, 10, order, ratio)
    assert prediction.value == pytest.approx(5, rel=1e-14)
    fine = 3 * (ratio * 10) ** -order
    assert fine * (1 - 1e-9) <= prediction.remainder <= 3 * fine * (1 + 1e-9)


@pytest.mark.parametrize("true_order", [1.0, 1.2, 4 / 3, 1.7, 2.0, 3.0, 4.0])
@pytest.mark.parametrize(("order", "ratio"), [(2.0, 2), (2.0, 3), (4 / 3, 2), (1.0, 2)])
def test_the_remainder_bounds_errors_of_other_orders(true_order, order, ratio):
    prediction = richardson(lambda cells: 5 + 3 * cells**-true_order, 10, order, ratio)
    assert abs(prediction.value - 5) <= prediction.remainder * (1 + 1e-9)


def test_below_order_one_it_is_no_bound():
    prediction = richardson(lambda cells: 5 + 3 * cells**-0.5, 10)
    assert abs(prediction.value - 5) > prediction.remainder


def fall_value(x, out, parameters):
    out[:] = -0.8 * x[0]


def fall_gradient(x, out, parameters):
    out[0] = -0.8


def bounds(x, out, parameters):
    out[:] = 1 - np.abs(x[0])


@pytest.mark.parametrize("temperature", [1e-6, 1e-4, 1e-3, 1e-2, 1.0, 1e3, 1e6])
def test_time_between_two_bounds_at_any_temperature(temperature):
    """(1 / v) tanh(v / (2 theta)) with a drift v = 0.8, which at low temperature crosses cells without diffusing."""
    walk = potential(fall_value, fall_gradient, 1, stiffness=1.0, target=bounds)
    (curve,) = line_escape_curves(walk)
    found = curve.predict(temperature)
    assert abs(found.value - math.tanh(0.4 / temperature) / 0.8) <= found.remainder
    assert found.remainder < 0.002 * found.value


def test_bad_input_is_refused():
    for arguments in ((0,), (4, 0.0), (4, 2.0, 1)):
        with pytest.raises(UsageError):
            richardson(float, *arguments)
