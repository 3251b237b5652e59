"""Functions of one coordinate of the state, for moments."""

from __future__ import annotations

from collections.abc import Callable

from langevin.types import FloatArray


def power_of(coordinate: int, power: int) -> Callable[[FloatArray], FloatArray]:
    """States (walkers, dim) to x_i^power (walkers,)."""

    def function(states: FloatArray) -> FloatArray:
        powers: FloatArray = states[:, coordinate] ** power
        return powers

    return function
