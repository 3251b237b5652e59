"""Arrays between guards, for kernels that are tried in plain Python before they are compiled.

Compiled code checks no bounds: a kernel that writes outside an array overwrites other memory.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

#: Numbers before and behind each array, and their value.
GUARD, MARK = 64, -(2.0**100)


class Strict(np.ndarray):
    """An array that refuses what NumPy cuts short in silence: a slice of rows past its end."""

    def __getitem__(self, index: Any) -> Any:
        """Rows or numbers as a plain array has them."""
        rows = index[0] if isinstance(index, tuple) and index else index
        if isinstance(rows, slice):
            wanted = max(rows.start or 0, rows.stop or 0)
            if wanted > self.shape[0]:
                raise IndexError(f"rows up to {wanted} of {self.shape[0]} are requested")
        return np.asarray(self)[index]


def guarded(content: NDArray[Any], kind: DTypeLike = np.float64) -> NDArray[Any]:
    """A copy of an array in one row, with guards before and behind it."""
    guard = np.full(GUARD, MARK, kind)
    return np.concatenate([guard, np.ascontiguousarray(content, kind).reshape(-1), guard])


def inside(whole: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """The array between the guards."""
    return whole[GUARD : GUARD + math.prod(shape)].reshape(shape)


def untouched(whole: NDArray[Any]) -> bool:
    """Whether the guards are as they were."""
    return bool((whole[:GUARD] == MARK).all() and (whole[-GUARD:] == MARK).all())
