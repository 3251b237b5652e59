"""The source of the noise of a step, and the number of steps for which one call of the generator draws noise.

Runs with very few walkers have a separate driver, which is faster and draws its noise in another order.
"""

from __future__ import annotations

from math import gcd

import numpy as np

from langevin.kernels import normals, streams
from langevin.kernels.few_normals import whole_rows
from langevin.kernels.loop_arrays import Few
from langevin.kernels.targets import BRIDGE_ROWS
from langevin.types import Integrator, Landscape, Noise

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
