"""Borrowed arrays: all numbers of a contiguous array in one row."""

import numba
import numpy as np
import pytest
from numba.core.errors import TypingError

from langevin.kernels.compile import OPTIONS
from langevin.kernels.loop_arrays import flat


def double(array):
    row = flat(array)
    for index in range(row.size):
        row[index] *= 2.0


@pytest.mark.parametrize("call", [double, numba.njit(double, **OPTIONS)], ids=["plain", "compiled"])
def test_a_loop_over_the_row_reaches_every_number(call):
    array = np.arange(24.0).reshape(2, 3, 4)
    call(array[1])
    np.testing.assert_array_equal(array, np.arange(24.0).reshape(2, 3, 4) * [[[1.0]], [[2.0]]])


def test_gaps_are_refused():
    with pytest.raises(TypingError, match="contiguous"):
        numba.njit(double, **OPTIONS)(np.zeros((4, 4))[:, ::2])
