"""The type of arrays of states and numbers, and the blocks in which large arrays are read."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import product

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

#: States are read by blocks of at most this many bytes (64 MiB).
BLOCK_BYTES = 2**26


def blocks(shape: tuple[int, ...], itemsize: int) -> Iterator[tuple[slice, ...]]:
    """Cut an array (walkers,) or (walkers, frames) of items of `itemsize` bytes into blocks of at most `BLOCK_BYTES`.

    The blocks come in order and cover the array. A small or empty array is one block. An item that is larger than
    `BLOCK_BYTES` is one block.

    Args:
        shape: (walkers,) or (walkers, frames).
        itemsize: bytes of an item.
    """
    if math.prod(shape) * itemsize <= BLOCK_BYTES:
        yield tuple(slice(0, length) for length in shape)
        return
    fit = max(1, BLOCK_BYTES // itemsize)
    sides = [max(1, fit // math.prod(shape[1:])), fit][: len(shape)]
    yield from product(
        *(
            [slice(first, min(first + side, length)) for first in range(0, length, side)]
            for side, length in zip(sides, shape, strict=True)
        )
    )
