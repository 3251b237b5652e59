"""Means over seeds have the numbers of the textbook."""

import math

import pytest

from langevin.errors import UsageError
from langevin.measure.seeds import factor_over, mean_over


def test_mean_and_standard_error():
    measured = mean_over([1.0, 2.0, 3.0, 6.0])
    assert (measured.value, measured.n, measured.mixed) == (3.0, 4, True)
    assert measured.error == pytest.approx(math.sqrt(14 / 3 / 4))
    alone = mean_over([2.0])
    assert (alone.value, alone.error, alone.mixed) == (2.0, math.inf, False)


def test_factor_is_the_exponential_of_the_mean_logarithm():
    measured, logs = factor_over([1.0, 4.0, 16.0]), mean_over([0.0, math.log(4), math.log(16)])
    assert measured.value == pytest.approx(4)
    assert measured.error == pytest.approx(4 * logs.error)


@pytest.mark.parametrize("values", [[], [1.0, math.nan], [[1.0]]])
def test_impossible_values_are_refused(values):
    with pytest.raises(UsageError, match="mean needs"):
        mean_over(values)
    with pytest.raises(UsageError, match="above 0"):
        factor_over([1.0, -1.0])
