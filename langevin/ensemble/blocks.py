"""The shapes of compiled work: blocks of lanes for walkers, and the number of steps for which noise is drawn at once.

Arrays of walkers have rows (walkers, dim) outside the kernels, and blocks of lanes (blocks, dim, lanes) inside. Runs
with very few walkers have a separate driver, which is faster and draws its noise in another order.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from math import gcd
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from langevin.kernels import normals, streams
from langevin.kernels.few_normals import whole_rows
from langevin.kernels.loop_arrays import Few
from langevin.kernels.normals import MAX_LANES
from langevin.kernels.targets import BRIDGE_ROWS
from langevin.types import FloatArray, Integrator, Landscape, Noise

#: Bytes of state, noise and scratch that a block should take: a first-level cache and a small part of the second-level.
BLOCK_BYTES = 60_000
#: The number of lanes is a multiple of the widest vector of single-precision numbers. If there are enough walkers, it
#: is also a multiple of the lanes that one turn of `kernels.lane_matrices` sums.
VECTOR, TURN = 16, 32
#: Bytes of a cache line, and of the widest vector: a vector that lies across two lines takes twice the time.
LINE = 64
#: Status of a lane that only pads the last block.
PADDING = -1
#: Sources of noise: the kernel, and how many numbers one call of the generator gives.
NOISES = {
    Noise.NORMAL: (normals.fill_normals, normals.GROUP),
    Noise.TWO_POINT: (streams.fill_signs, streams.SIGNS),
}
#: Up to this number of walkers, simulating one after the other is faster than all of them in the lanes of a vector.
ONE_BY_ONE = 2
#: Number of lanes of the driver for few walkers if they are more than `ONE_BY_ONE`, and its largest number of walkers.
LANES = 8
#: How many numbers of a walker are drawn at once, about; if a step takes more, the usual driver is used.
NUMBERS = 512


@dataclass
class Blocks:
    """The arrays of one packed ensemble, which the driver changes in place (see kernels.driver)."""

    index: NDArray[np.int64]
    states: FloatArray
    walkers: NDArray[np.uint64]
    memory: FloatArray
    status: NDArray[np.int64]
    stop_step: NDArray[np.int64]
    stop_state: FloatArray
    which: NDArray[np.int64]

    def rows(self, blocked: FloatArray) -> FloatArray:
        """An array (..., blocks, dim, lanes) as (..., walkers, dim), without the padding."""
        *outer, blocks, dim, lanes = blocked.shape
        flat = np.moveaxis(blocked, -1, -2).reshape(*outer, blocks * lanes, dim)
        return flat[..., : self.index.size, :]

    def flat(self, lanes: NDArray[Any]) -> NDArray[Any]:
        """An array (blocks, lanes) as (walkers,), without the padding."""
        return lanes.reshape(-1)[: self.index.size]


def lanes_for(walkers: int, dim: int, numbers: int, own_rows: int, threads: int) -> int:
    """The number of lanes in a block: what its cache holds, or down to 3/4 of it if the last block is then fuller.

    Each thread has a block. `numbers` counts the random numbers of a step, `own_rows` the rows of scratch and memory in
    addition to the state.
    """
    per_lane = 8 * (2 * dim + own_rows) + 4 * 5 * numbers
    fitting = max(TURN, min(MAX_LANES, BLOCK_BYTES // per_lane // TURN * TURN))
    share = -(-walkers // threads)
    sizes = range(min(fitting, -(-share // VECTOR) * VECTOR), 3 * fitting // 4, -TURN)
    return min(sizes, key=lambda lanes: -share % lanes, default=sizes.start)


def aligned(shape: tuple[int, ...], kind: DTypeLike = np.float64) -> NDArray[Any]:
    """An uninitialised array whose first byte is the first byte of a cache line."""
    size = math.prod(shape) * np.dtype(kind).itemsize
    bytes_ = np.empty(size + LINE, np.uint8)
    begin = -bytes_.ctypes.data % LINE
    return bytes_[begin : begin + size].view(kind).reshape(shape)


def pack(
    states: FloatArray, memory: FloatArray, index: NDArray[np.int64], first_walker: int, lanes: int
) -> Blocks:
    """Pack the rows `index` of `states` (walkers, dim) and `memory` (walkers, rows).

    A padding lane repeats the first walker, so it stays finite.
    """
    count = -(-index.size // lanes)
    padded = np.concatenate([index, np.full(count * lanes - index.size, index[0])])
    blocked, carried = aligned((count, states.shape[1], lanes)), aligned((count, memory.shape[1], lanes))
    for inside, rows in ((blocked, states), (carried, memory)):
        inside[...] = np.moveaxis(np.take(rows, padded, axis=0).reshape(count, lanes, -1), 1, 2)
    status = np.zeros(count * lanes, np.int64)
    status[index.size :] = PADDING
    stop_step = np.full(count * lanes, -1, np.int64)
    stop_step[index.size :] = 0
    return Blocks(
        index=index,
        states=blocked,
        walkers=(padded + first_walker).astype(np.uint64).reshape(count, lanes),
        memory=carried,
        status=status.reshape(count, lanes),
        stop_step=stop_step.reshape(count, lanes),
        stop_state=np.empty_like(blocked),
        which=np.full((count, lanes), -1, np.int64),
    )


def batch_steps(numbers: int, group: int = normals.GROUP) -> int:
    """The number of steps for which one call of the generator draws noise: whole groups, about 16 rows."""
    whole = group // np.gcd(numbers, group)
    return int(whole * max(1, 16 // (whole * numbers)))


def few_of(landscape: Landscape, integrator: Integrator, walkers: int, bridges: bool) -> Few | None:
    """The sizes from which the driver for few walkers is built; None if the usual driver is used.

    `walkers` is the number of the whole run, so parts of a run and the walkers that remain keep their driver.
    `bridges` is whether targets are corrected by a Brownian bridge.
    """
    numbers = landscape.dim + integrator.extra_noise + BRIDGE_ROWS * bridges
    if walkers > LANES or numbers > NUMBERS or integrator.noise is not Noise.NORMAL:
        return None
    lanes = 1 if walkers <= ONE_BY_ONE else LANES
    return Few(landscape.dim, integrator.memory_rows(landscape), numbers, lanes)


def few_batch(few: Few) -> int:
    """The number of steps for which one call of the generator draws noise.

    It is the least number that fills whole rows of the generator, times a power of two, with about `NUMBERS` numbers.
    """
    rows = whole_rows(few.lanes)
    steps = rows // gcd(few.numbers, rows)
    while 2 * steps * few.numbers <= NUMBERS:
        steps *= 2
    return steps
