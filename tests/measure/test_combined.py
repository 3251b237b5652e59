"""The error of a difference and of a ratio is that of independent numbers."""

import math

import numpy as np

from langevin.measure.combined import difference, ratio, scaled
from langevin.types import Measurement, Positive, Waits

RUNS = 20_000


def drawn(truth, error, seed):
    return np.random.default_rng(seed).normal(truth, error, RUNS)


def test_the_spread_of_differences_and_ratios_is_their_error():
    """Standard deviations of 20 000 draws are known to 0.5 %, the first order in the errors to 1 %: tolerance 2 %."""
    one, other = Measurement(2.0, 0.06, 50, "a"), Measurement(5.0, 0.1, 20, "b")
    draws = drawn(one.value, one.error, 1), drawn(other.value, other.error, 2)
    for combined, values in (
        (difference(one, other, "d"), draws[0] - draws[1]),
        (ratio(one, other, "r"), draws[0] / draws[1]),
    ):
        assert math.isclose(combined.error, values.std(), rel_tol=0.02)
        assert abs(combined.value - values.mean()) < 0.02 * combined.error + 4 * combined.error / RUNS**0.5
        assert combined.n == 20
    assert ratio(one, other, "r").law == Positive()


def test_what_is_not_mixed_or_not_positive_says_nothing():
    sound, doubtful = Measurement(1.0, 0.1, 9, "a"), Measurement(1.0, 0.1, 9, "b", mixed=False)
    assert not difference(sound, doubtful, "d").mixed
    assert not ratio(doubtful, sound, "r").mixed
    assert not ratio(sound, Measurement(-1.0, 0.1, 9, "c"), "r").mixed


def test_a_known_factor_scales_number_and_error_alike():
    time = Measurement(4.0, 0.4, 100, "time", law=Waits(100, 400.0))
    half = scaled(time, -0.5, "half")
    assert (half.value, half.error, half.n, half.estimator, half.law) == (-2.0, 0.2, 100, "half", None)
    assert scaled(ratio(time, time, "r"), 2.0).law == Positive()
