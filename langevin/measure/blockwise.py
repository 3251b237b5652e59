"""Functions of the states of a run; the states are read one block at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from langevin.errors import UsageError
from langevin.types import FloatArray, blocks


def over_states(states: FloatArray, function: Callable[[FloatArray], Any]) -> NDArray[Any]:
    """Values (walkers, frames) of a function of the state, which takes (points, dim) and returns (points,).

    The states (walkers, frames, dim) may be in a file. They are read in blocks of at most `BLOCK_BYTES`, 64 MiB, so
    memory contains the values and one block. The function receives one block at a time.

    Raises:
        UsageError: the function returns a wrong shape.
    """
    walkers, frames, dim = states.shape
    values: NDArray[Any] | None = None
    for part in blocks((walkers, frames), dim * states.dtype.itemsize):
        block = np.asarray(states[part])
        points = block.reshape(-1, dim)
        found = np.asarray(function(points))
        if found.shape != points.shape[:1]:
            raise UsageError(
                f"the function gives {found.shape} for states {points.shape}", allowed="one value a state"
            )
        if values is None:
            values = np.empty((walkers, frames), found.dtype)
        values[part] = found.reshape(block.shape[:2])
    assert values is not None  # there is a block even if there is no walker
    return values


def over_walkers(states: FloatArray, function: Callable[[FloatArray], FloatArray]) -> FloatArray:
    """Rows (walkers, ...) of a function of whole paths, which takes (some walkers, frames, dim).

    The states (walkers, frames, dim) may be in a file. They are read in blocks of at most `BLOCK_BYTES`, or of one
    walker if its path is larger, so memory contains the rows and one block.
    """
    each = int(np.prod(states.shape[1:])) * states.dtype.itemsize
    return np.concatenate([function(np.asarray(states[part])) for part in blocks(states.shape[:1], each)])
