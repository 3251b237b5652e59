"""Where walkers start: one point for all walkers, or the usual start of a landscape."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from langevin.types import FloatArray, Landscape, Starter


def all_at(place: ArrayLike) -> Starter:
    """Start every walker at the point `place`, (dim,)."""
    point = np.asarray(place, np.float64)

    def start(uniforms: FloatArray, temperature: float) -> FloatArray:
        return np.broadcast_to(point, uniforms.shape).copy()

    return start


def usual_point(landscape: Landscape) -> FloatArray:
    """The point (dim,) where a landscape starts walkers at temperature 0. On a surface it is a point of the surface."""
    middle: FloatArray = landscape.start(np.full((1, landscape.dim), 0.5), 0.0)[0]
    return middle
