"""What a landscape's kernels say of every walker's start: as plain Python for a few numbers, compiled for many."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from langevin.kernels.apply import apply_to
from langevin.landscapes.evaluate import SHAPES, evaluate
from langevin.types import FloatArray, Landscape

#: So many numbers, coordinates and results together, take plain Python some 50 ms.
PLAIN = 50_000
#: Numbers that are held at once.
AT_ONCE = 2**22


def distinct(states: FloatArray) -> FloatArray:
    """One start if all walkers share it, all of them (walkers, dim) otherwise."""
    return states[:1] if (states == states[0]).all() else states


def parts(states: FloatArray, numbers: int) -> Iterator[tuple[int, FloatArray]]:
    """Pieces of states (walkers, dim) that fit into memory with so many numbers a walker; and where each begins."""
    size = max(1, AT_ONCE // numbers)
    for begin in range(0, len(states), size):
        yield begin, states[begin : begin + size]


def values_at(landscape: Landscape, kernel: str, states: FloatArray) -> FloatArray:
    """What `evaluate` gives at states (walkers, dim), for any number of them."""
    shape = SHAPES[kernel](landscape)
    if len(states) * (landscape.dim + int(np.prod(shape))) <= PLAIN:
        return evaluate(landscape, kernel, states)
    out = np.full((*shape, len(states)), np.nan)
    apply_to(getattr(landscape, kernel), np.array(states.T, order="C"), out, landscape.parameters)
    return np.moveaxis(out, -1, 0)


def folded(landscape: Landscape, states: FloatArray) -> FloatArray:
    """Where the mirrors of a body leave states (walkers, dim)."""
    x = np.array(states.T, order="C")
    assert landscape.fold is not None
    if x.size <= PLAIN:
        landscape.fold(x, landscape.parameters)
    else:
        apply_to(landscape.fold, x, landscape.parameters)
    return x.T
