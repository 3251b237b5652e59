"""The size of a set as facts."""

from __future__ import annotations

import math
import sys

#: Logs of the largest and the least volume that a double holds with all its digits.
LARGEST, LEAST = math.log(sys.float_info.max), math.log(sys.float_info.min)


def log_area(dim: int) -> float:
    """Log of the area 2 pi^(n/2) / Gamma(n/2) of the unit sphere in R^n."""
    return math.log(2.0) + 0.5 * dim * math.log(math.pi) - math.lgamma(0.5 * dim)


def volume_facts(log_volume: float) -> dict[str, float]:
    """`log_volume`, and `volume` where a double can hold it: in many dimensions it often cannot."""
    held = LEAST <= log_volume <= LARGEST
    return ({"volume": math.exp(log_volume)} if held else {}) | {"log_volume": log_volume}
