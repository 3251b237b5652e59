"""Positions that a walker can have: one with a coordinate that is beyond `FARTHEST` or not a number counts as lost."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from langevin.types import FloatArray

#: For coordinates below this, the sum of 10^8 squares does not overflow (the largest double is 1.8e308).
FARTHEST = 1e150
#: Length of the vectors that BLAS gets. For longer ones it keeps a thread spinning on every processor.
BLOCK = 8192


def all_somewhere(states: FloatArray) -> bool:
    """Whether all coordinates of states of any shape are numbers below `FARTHEST` in size.

    This is so if the sum of all squares is below the square of `FARTHEST`, which is quick to compute. Otherwise minimum
    and maximum are compared; they are NaN if a coordinate is.
    """
    if states.flags.c_contiguous:
        numbers, total = states.reshape(-1), 0.0
        with np.errstate(over="ignore", invalid="ignore"):
            for begin in range(0, numbers.size, BLOCK):
                part = numbers[begin : begin + BLOCK]
                total += float(np.dot(part, part))
        if total < FARTHEST**2:
            return True
    return not states.size or bool(states.min() > -FARTHEST and states.max() < FARTHEST)


def nowhere(states: FloatArray) -> NDArray[np.bool_]:
    """Which of the states (..., dim) have a coordinate that is not a number below `FARTHEST` in size."""
    return np.asarray(~(np.abs(states) < FARTHEST).all(axis=-1))
