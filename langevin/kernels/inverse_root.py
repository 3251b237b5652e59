"""1 / sqrt(q) in double precision, from a single-precision guess and two Newton steps."""

import numpy as np
from numba.extending import register_jitable

GUESS = np.float32(1.0)


@register_jitable(forceinline=True)
def inverse_root(q):
    """1 / sqrt(q) for 1e-38 < q < 1e38, to three units in the last place.

    The guess is good to 1e-7, a Newton step y <- y (3 - q y^2) / 2 squares the error. Square root and
    division take half of a step in two dimensions; in single precision they cost a fifth.
    """
    y = np.float64(GUESS / np.sqrt(np.float32(q)))
    half = 0.5 * q
    y = y * (1.5 - half * y * y)
    return y * (1.5 - half * y * y)
