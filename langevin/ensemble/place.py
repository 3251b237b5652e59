"""Where a walker can be: a walker with a coordinate beyond `FARTHEST` counts as lost, like one without a number."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from langevin.types import FloatArray

#: Below this the square of a coordinate is a number, and so is the sum of 10^8 squares (doubles end at 1.8e308).
FARTHEST = 1e150
#: Length of the vectors that BLAS gets. For longer ones it keeps a thread spinning on every processor.
BLOCK = 8192


def all_somewhere(states: FloatArray) -> bool:
    """Whether all coordinates of states of any shape are numbers below `FARTHEST`; the extremes of NaN are NaN.

    Where the sum of all squares is below the square of it, which is one quick look, each coordinate is.
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
    """Which of the states (..., dim) have a coordinate that is not a number below `FARTHEST`."""
    return np.asarray(~(np.abs(states) < FARTHEST).all(axis=-1))
