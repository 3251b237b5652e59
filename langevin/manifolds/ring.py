"""Ring (in higher dimension: spherical shell) with the distance loss f = k (|x| - R)^2 / 2."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba.extending import register_jitable

from langevin.errors import unfit
from langevin.kernels.rounding import inverse_root
from langevin.landscapes.closed_forms import log_area
from langevin.manifolds.sphere import squares
from langevin.types import Facts, FloatArray, Landscape


def ring(dim: int = 2, stiffness: float = 100.0, radius: float = 1.0) -> Landscape:
    """Zero set |x| = R of the residual sqrt(k) (|x| - R); every walker starts at (R, 0, ..., 0).

    The stiffness is the same everywhere, so neither soft nor projected motion has a preferred side. The ring is the
    control for curvature experiments.

    Args:
        dim: dimension of the ambient space, at least 2.
        stiffness: k, the normal curvature of the loss.
        radius: R.
    """
    if dim < 2 or not 0.0 < stiffness < math.inf or not 0.0 < radius < math.inf:
        raise unfit(
            "ring",
            "needs dim >= 2, stiffness > 0, radius > 0",
            f"dim={dim}, stiffness={stiffness}, radius={radius}",
        )
    log_volume = log_area(dim) + (dim - 1) * math.log(radius)
    return Landscape(
        name="ring",
        dim=dim,
        codim=1,
        parameters=(float(stiffness), float(radius)),
        start=_start(radius),
        stiffness=lambda temperature: stiffness,
        residual=residual,
        jacobian=jacobian,
        value=value,
        gradient=gradient,
        samples=1,
        dials={"dim": dim, "stiffness": stiffness, "radius": radius},
        facts=Facts(log_volume=log_volume, radius=float(radius)),
    )


def _start(radius: float) -> Any:
    def start(uniforms: FloatArray, temperature: float) -> FloatArray:
        states = np.zeros_like(uniforms)
        states[:, 0] = radius
        return states

    return start


@register_jitable
def radii(x, out):
    """|x| of each walker."""
    squares(x, out)
    for lane in range(x.shape[1]):
        out[lane] = np.sqrt(out[lane])


def residual(x, out, parameters):
    """r = sqrt(k) (|x| - R)."""
    stiffness, radius = parameters
    radii(x, out[0])
    for lane in range(x.shape[1]):
        out[0, lane] = np.sqrt(stiffness) * (out[0, lane] - radius)


def jacobian(x, out, parameters):
    """dr/dx = sqrt(k) x / |x|."""
    stiffness, radius = parameters
    for lane in range(x.shape[1]):
        square = 0.0
        for i in range(x.shape[0]):
            square += x[i, lane] * x[i, lane]
        factor = np.sqrt(stiffness / square)
        for i in range(x.shape[0]):
            out[0, i, lane] = factor * x[i, lane]


def value(x, out, parameters):
    """f = k (|x| - R)^2 / 2."""
    stiffness, radius = parameters
    radii(x, out)
    for lane in range(x.shape[1]):
        out[lane] = 0.5 * stiffness * (out[lane] - radius) ** 2


def gradient(x, out, parameters):
    """k (1 - R / |x|) x."""
    stiffness, radius = parameters
    last = x.shape[0] - 1  # the row that is written last first holds |x|^2, then the common factor
    squares(x, out[last])
    for lane in range(x.shape[1]):
        out[last, lane] = stiffness - stiffness * radius * inverse_root(out[last, lane])
    for i in range(last):
        for lane in range(x.shape[1]):
            out[i, lane] = out[last, lane] * x[i, lane]
    for lane in range(x.shape[1]):
        out[last, lane] *= x[last, lane]
