"""Where walkers start: one point for all of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from langevin.types import FloatArray, Start


def all_at(place: ArrayLike) -> Start:
    """Start every walker at the point `place`, (dim,)."""
    point = np.asarray(place, np.float64)

    def start(uniforms: FloatArray, temperature: float) -> FloatArray:
        return np.broadcast_to(point, uniforms.shape).copy()

    return start
