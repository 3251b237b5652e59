"""Products and sums rounded once, in plain Python and compiled."""

import math
from fractions import Fraction

import numba
import numpy as np
import pytest

from langevin.kernels import rounding
from langevin.kernels.rounding import fused


@pytest.fixture(autouse=True)
def _exact(monkeypatch):
    monkeypatch.setattr(rounding, "EXACT", True)


@numba.njit
def compiled(a, b, c):
    return fused(a, b, c)


CASES = [
    (1.0 + 2.0**-30, 1.0 - 2.0**-30, -1.0),  # -2^-60, which would be lost by two roundings
    (0.1, 10.0, -1.0),
    (3.0, 1.0 / 3.0, 1e-30),
    (1e200, 1e200, -1e300),
    (1e-200, 1e-200, 0.0),
    (math.inf, 1.0, 2.0),
    (2.0, 3.0, math.nan),
]


@pytest.mark.parametrize("numbers", CASES)
def test_plain_and_compiled_are_one(numbers):
    np.testing.assert_array_equal(fused(*numbers), compiled(*numbers))


def test_it_is_rounded_once():
    assert fused(*CASES[0]) == -(2.0**-60)
    assert CASES[0][0] * CASES[0][1] + CASES[0][2] == 0.0
    for numbers in np.random.default_rng(0).standard_normal((200, 3)):
        a, b, c = map(Fraction, numbers.tolist())
        assert fused(*numbers) == float(a * b + c) == compiled(*numbers)
