"""Isotropic quadratic well f = k |x|^2 / 2: the Ornstein-Uhlenbeck process, exact in every respect."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from langevin.errors import UsageError
from langevin.types import Potential


def quadratic(dim: int = 1, stiffness: float = 1.0) -> Potential:
    """Ornstein-Uhlenbeck well; walkers start at the origin.

    Args:
        dim: number of coordinates.
        stiffness: k.
    """
    if dim < 1 or not 0.0 < stiffness < math.inf:
        raise UsageError(f"quadratic needs dim >= 1 and stiffness > 0, got dim={dim}, stiffness={stiffness}")
    return Potential(
        name="quadratic",
        dim=dim,
        parameters=(float(stiffness),),
        value=value,
        gradient=gradient,
        start=lambda uniforms, temperature: np.zeros_like(uniforms),
        stiffness=lambda temperature: stiffness,
        dials={"dim": dim, "stiffness": stiffness},
    )


def value(x: Any, out: Any, parameters: Any) -> None:
    """f = k |x|^2 / 2."""
    (stiffness,) = parameters
    for lane in range(x.shape[1]):
        out[lane] = 0.0
    for i in range(x.shape[0]):
        for lane in range(x.shape[1]):
            out[lane] += 0.5 * stiffness * x[i, lane] * x[i, lane]


def gradient(x: Any, out: Any, parameters: Any) -> None:
    """K x."""
    (stiffness,) = parameters
    for i in range(x.shape[0]):
        for lane in range(x.shape[1]):
            out[i, lane] = stiffness * x[i, lane]
