"""Where the noise of a step comes from, and for how many steps one call of the generator serves.

Runs with very few walkers have a driver of their own, which walks faster and draws its noise in another way.
"""

from __future__ import annotations

from math import gcd

import numpy as np

from langevin.kernels import normals, streams
from langevin.kernels.few_normals import whole_rows
from langevin.kernels.loop_arrays import Few
from langevin.kernels.targets import BRIDGE_ROWS
from langevin.types import Integrator, Landscape, Noise

#: Sources of noise: the kernel, and the numbers that one call of the generator gives.
NOISES = {
    Noise.NORMAL: (normals.fill_normals, normals.GROUP),
    Noise.TWO_POINT: (streams.fill_signs, streams.SIGNS),
}
#: Up to this number of walkers, one after the other is faster than all of them in the lanes of a vector.
ONE_BY_ONE = 2
#: Lanes of several walkers, and the most walkers that such a driver is for.
LANES = 8
#: Numbers of a walker that are drawn at once, at least; a step that takes more is no longer a matter of few walkers.
NUMBERS = 512


def batch_steps(numbers: int, group: int = normals.GROUP) -> int:
    """Steps served by one call of the generator: whole groups, some 16 rows."""
    whole = group // np.gcd(numbers, group)
    return int(whole * max(1, 16 // (whole * numbers)))


def few_of(landscape: Landscape, integrator: Integrator, walkers: int, bridges: bool) -> Few | None:
    """What the driver for so few walkers knows; None where the usual one serves.

    The whole run decides it: parts of a run, and the walkers that remain, keep their driver.
    """
    numbers = landscape.dim + integrator.extra_noise + BRIDGE_ROWS * bridges
    if walkers > LANES or numbers > NUMBERS or integrator.noise is not Noise.NORMAL:
        return None
    lanes = 1 if walkers <= ONE_BY_ONE else LANES
    return Few(landscape.dim, integrator.memory_rows(landscape), numbers, lanes)


def few_batch(few: Few) -> int:
    """Steps served by one call of the generator: a power of two, whole turns of it, and about `NUMBERS` numbers."""
    rows = whole_rows(few.lanes)
    steps = rows // gcd(few.numbers, rows)
    while 2 * steps * few.numbers <= NUMBERS:
        steps *= 2
    return steps
