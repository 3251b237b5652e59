"""How fast the Gibbs distribution falls far away: as a power of the distance if the loss grows as its logarithm."""

from __future__ import annotations

import math

import numpy as np

from langevin.landscapes.evaluate import evaluate
from langevin.types import Landscape

#: Distances between which the exponent is computed, and number of rays.
NEAR, MIDDLE, FAR, RAYS = 1e4, 1e6, 1e8, 8
#: Exponents that differ by less than this, relatively, are regarded as equal: the fall is then a power.
ALIKE = 0.01


def power_of_fall(landscape: Landscape, temperature: float) -> float:
    """The exponent p of exp(-f / theta) ~ |x|^-p; infinite if the distribution falls faster or is not a power.

    p is the largest exponent along random rays. A moment of order p - dim or above is then infinite, because the
    integral over the directions near this ray is already infinite.

    Args:
        landscape: one with a value kernel.
        temperature: theta, above 0.
    """
    generator = np.random.default_rng(0)
    rays = generator.standard_normal((RAYS, landscape.dim))
    rays /= np.linalg.norm(rays, axis=1)[:, None]
    near, middle, far = (evaluate(landscape, "value", distance * rays) for distance in (NEAR, MIDDLE, FAR))
    with np.errstate(all="ignore"):
        first = (middle - near) / (temperature * math.log(MIDDLE / NEAR))
        second = (far - middle) / (temperature * math.log(FAR / MIDDLE))
        power = np.where(np.abs(first - second) <= ALIKE * np.abs(first), second, math.inf)
    return float(power.max()) if (np.isfinite(power) & (power > 0.0)).all() else math.inf
