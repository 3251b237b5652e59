"""Quartic well f = k sum_i x_i^4 / 4: not Gaussian, flat at its bottom, with moments in closed form."""

from __future__ import annotations

import math

import numpy as np

from langevin.errors import unfit
from langevin.types import Facts, FloatArray, Landscape, Moment

#: E u^2 under exp(-u^4 / 4), 2 Gamma(3/4) / Gamma(1/4).
SQUARE = 2.0 * math.gamma(0.75) / math.gamma(0.25)
#: Smallest rate of du = -u^3 dt + sqrt(2) dW, by finite differences; rates scale as sqrt(k theta).
SLOWEST = 1.3686


def quartic(dim: int = 1, stiffness: float = 1.0) -> Landscape:
    """Independent coordinates in the well k x^4 / 4; walkers start at the origin.

    Under exp(-f / theta), x = (theta / k)^(1/4) u with u distributed as exp(-u^4 / 4): E u^2 = 2
    Gamma(3/4) / Gamma(1/4), and E f = dim theta / 4.

    Args:
        dim: number of coordinates.
        stiffness: k, above 0.
    """
    if dim < 1 or not 0.0 < stiffness < math.inf:
        raise unfit("quartic", "needs dim >= 1 and stiffness > 0", f"dim={dim}, stiffness={stiffness}")
    return Landscape(
        name="quartic",
        dim=dim,
        parameters=(float(stiffness),),
        value=value,
        gradient=gradient,
        start=lambda uniforms, temperature: np.zeros_like(uniforms),
        stiffness=lambda temperature: _curvature_met(stiffness, temperature),
        dials={"dim": dim, "stiffness": stiffness},
        facts=Facts(
            moments=(
                Moment("|x|^2", _square, soft=lambda theta: dim * SQUARE * math.sqrt(theta / stiffness)),
            ),
            slowest_rate=lambda temperature: SLOWEST * math.sqrt(stiffness * temperature),
        ),
    )


def _square(states: FloatArray) -> FloatArray:
    return np.asarray((states**2).sum(axis=1))


def _curvature_met(stiffness: float, temperature: float) -> float:
    """f'' where f = 10 theta along a coordinate: about one in e^10 states of a walker has it."""
    return 3.0 * math.sqrt(40.0 * temperature * stiffness)


def value(x, out, parameters):
    """f = k sum_i x_i^4 / 4."""
    (stiffness,) = parameters
    for lane in range(x.shape[1]):
        out[lane] = 0.0
    for i in range(x.shape[0]):
        for lane in range(x.shape[1]):
            square = x[i, lane] * x[i, lane]
            out[lane] += 0.25 * stiffness * square * square


def gradient(x, out, parameters):
    """k x_i^3, coordinate by coordinate."""
    (stiffness,) = parameters
    for i in range(x.shape[0]):
        for lane in range(x.shape[1]):
            out[i, lane] = stiffness * x[i, lane] * x[i, lane] * x[i, lane]
