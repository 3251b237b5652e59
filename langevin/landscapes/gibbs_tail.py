"""How fast the Gibbs law of a loss falls far away: as a power of the distance where the loss grows as its logarithm."""

from __future__ import annotations

import math

import numpy as np

from langevin.landscapes.evaluate import evaluate
from langevin.types import Landscape

#: Distances between which the exponent is taken, and rays.
NEAR, MIDDLE, FAR, RAYS = 1e4, 1e6, 1e8, 8
#: Exponents between the distances that differ by less than this, relatively, are one power.
ALIKE = 0.01


def power_of_fall(landscape: Landscape, temperature: float) -> float:
    """The exponent p of exp(-f / theta) ~ |x|^-p, infinite where the law falls faster or is no power.

    It is the largest along random rays, so a moment of the order p - dim or above is infinite whatever the other rays
    do: the integral over the directions near that ray alone is.

    Args:
        landscape: with a value.
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
