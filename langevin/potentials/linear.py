"""Constant force: the linear loss f = -F n . x, as gravity in a box or a uniform field on a sphere."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from langevin.errors import unfit
from langevin.landscapes.starts import all_at
from langevin.types import Facts, Landscape


def linear(dim: int = 3, strength: float = 1.0, direction: Sequence[float] | None = None) -> Landscape:
    """Field of a constant force F along the unit vector n, f = -F n . x; walkers start at the origin.

    It confines no walker by itself: it is a field on a surface or in a body. On a sphere of radius R its law is that
    of von Mises and Fisher with the concentration F R / theta (K. V. Mardia and P. E. Jupp, Directional Statistics,
    2000). In a box each coordinate has an exponential distribution that is cut off at the walls.

    Args:
        dim: number of coordinates.
        strength: F, at least 0.
        direction: along which the force pulls, (dim,), of any length above 0; the last coordinate if absent.
    """
    if dim < 1 or not 0.0 <= strength < math.inf:
        raise unfit("linear", "needs dim >= 1 and strength >= 0", f"dim={dim}, strength={strength}")
    along = np.eye(dim)[-1] if direction is None else np.array(list(direction), np.float64)
    size = float(np.linalg.norm(along)) if np.isfinite(along).all() else 0.0
    if along.shape != (dim,) or not 0.0 < size < math.inf:
        raise unfit(
            "direction",
            f"needs {dim} finite numbers, not all 0",
            f"{direction}",
            "give as many as dim, with commas",
        )
    slope = -strength * along / size
    return Landscape(
        name="linear",
        dim=dim,
        parameters=(slope,),
        value=value,
        gradient=gradient,
        start=all_at(np.zeros(dim)),
        stiffness=lambda temperature: 0.0,
        dials={"dim": dim, "strength": strength, "direction": along.tolist()},
        facts=Facts(slope=tuple(slope.tolist())),
    )


def value(x, out, parameters):
    """f = g . x with the gradient g."""
    (slope,) = parameters
    for lane in range(x.shape[1]):
        out[lane] = 0.0
    for i in range(x.shape[0]):
        for lane in range(x.shape[1]):
            out[lane] += slope[i] * x[i, lane]


def gradient(x, out, parameters):
    """g everywhere."""
    (slope,) = parameters
    for i in range(x.shape[0]):
        for lane in range(x.shape[1]):
            out[i, lane] = slope[i]
