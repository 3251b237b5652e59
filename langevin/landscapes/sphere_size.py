"""The size of spheres."""

from __future__ import annotations

import math


def log_area(dim: int) -> float:
    """Log of the area 2 pi^(n/2) / Gamma(n/2) of the unit sphere in R^n."""
    return math.log(2.0) + 0.5 * dim * math.log(math.pi) - math.lgamma(0.5 * dim)
