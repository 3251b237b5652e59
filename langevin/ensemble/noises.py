"""Where the noise of a step comes from, and for how many steps one call of the generator serves."""

from __future__ import annotations

import numpy as np

from langevin.kernels import normals, signs
from langevin.types import Noise

#: Sources of noise: the kernel, and the numbers that one call of the generator gives.
NOISES = {
    Noise.NORMAL: (normals.fill_normals, normals.GROUP),
    Noise.TWO_POINT: (signs.fill_signs, signs.GROUP),
}


def batch_steps(numbers: int, group: int = normals.GROUP) -> int:
    """Steps served by one call of the generator: whole groups, some 16 rows."""
    whole = group // np.gcd(numbers, group)
    return int(whole * max(1, 16 // (whole * numbers)))
