"""Richardson's extrapolation on errors of known order."""

import pytest

from langevin.errors import UsageError
from langevin.theory.fokker_planck_refinement import richardson


@pytest.mark.parametrize(("order", "ratio"), [(2.0, 2), (2.0, 3), (4 / 3, 2)])
def test_an_error_of_the_stated_order_is_removed(order, ratio):
    prediction = richardson(lambda cells: 5 + 3 * cells**-order, 10, order, ratio)
    assert prediction.value == pytest.approx(5, rel=1e-14)
    assert prediction.remainder == pytest.approx(3 * (ratio * 10) ** -order)


@pytest.mark.parametrize("true_order", [4 / 3, 1.7, 2.0, 3.0, 4.0])
def test_the_remainder_bounds_errors_of_other_orders(true_order):
    prediction = richardson(lambda cells: 5 + 3 * cells**-true_order, 10)
    assert abs(prediction.value - 5) <= prediction.remainder


def test_the_remainder_is_no_bound_at_order_one_as_stated():
    prediction = richardson(lambda cells: 5 + 3 / cells, 10)
    assert abs(prediction.value - 5) > prediction.remainder


def test_bad_input_is_refused():
    for arguments in ((0,), (4, 0.0), (4, 2.0, 1)):
        with pytest.raises(UsageError):
            richardson(float, *arguments)
