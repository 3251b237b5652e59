"""The size of a set as facts."""

from __future__ import annotations

import math
import sys

#: Logs of the largest and the least volume that a double holds with all its digits.
LARGEST, LEAST = math.log(sys.float_info.max), math.log(sys.float_info.min)


def volume_facts(log_volume: float) -> dict[str, float]:
    """`log_volume`, and `volume` where a double can hold it: in many dimensions it often cannot."""
    held = LEAST <= log_volume <= LARGEST
    return ({"volume": math.exp(log_volume)} if held else {}) | {"log_volume": log_volume}
