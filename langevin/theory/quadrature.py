"""Composite Gauss-Legendre panels, and the cut-off of a confining potential."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable

import numpy as np

from langevin.errors import UsageError
from langevin.types import FloatArray

#: Nodes in a panel.
ORDER = 10
#: The distribution of a confined walker is cut where the potential has risen by this many temperatures (e^-60).
CUT_OFF = 60.0
MOST_STEPS = 500
#: Shortest first step over the distance of the start from 0; floats do not resolve shorter steps.
SHORTEST = 1e-12


@functools.cache
def gauss_rule() -> tuple[FloatArray, FloatArray, FloatArray]:
    """Gauss-Legendre nodes, weights (ORDER,) on [-1, 1] and running integrals, a matrix (ORDER, ORDER).

    Row i of the matrix integrates the interpolating polynomial from -1 to node i.
    """
    nodes, weights = np.polynomial.legendre.leggauss(ORDER)
    vandermonde = np.polynomial.legendre.legvander(nodes, ORDER - 1)
    primitives = [
        np.polynomial.legendre.legval(nodes, np.polynomial.legendre.legint(column, lbnd=-1))
        for column in np.eye(ORDER)
    ]
    return nodes, weights, np.column_stack(primitives) @ np.linalg.inv(vandermonde)


def panel_nodes(lower: float, upper: float, panels: int) -> tuple[FloatArray, FloatArray]:
    """Nodes and weights, both (panels, ORDER), of equal panels on [lower, upper]."""
    nodes, weights, _ = gauss_rule()
    half = (upper - lower) / (2 * panels)
    centres = lower + half * (2 * np.arange(panels) + 1)
    return centres[:, None] + half * nodes, np.broadcast_to(half * weights, (panels, ORDER))


def evaluate(function: Callable[[float], float], points: FloatArray) -> FloatArray:
    """The scalar function at each point, in the shape of `points`.

    Raises:
        UsageError: a value is not finite.
    """
    values = np.array([function(float(point)) for point in points.ravel()], float).reshape(points.shape)
    if not np.isfinite(values).all():
        place = points[~np.isfinite(values)].ravel()[0]
        raise UsageError(
            f"the function must be finite on the whole range, and is not at {place:.6g}",
            "finite values",
            "narrow the range",
        )
    return values


def panel_sum(function: Callable[[float], float], lower: float, upper: float, panels: int) -> float:
    """Integral of a scalar function over equal panels on [lower, upper]."""
    nodes, weights = panel_nodes(lower, upper, panels)
    return float((evaluate(function, nodes) * weights).sum())


def cut_off(value: Callable[[float], float], start: float, direction: int, temperature: float) -> float:
    """First point from start in direction +-1 where the potential is 60 temperatures above its lowest value.

    Walkers are assumed never to visit points beyond it.

    Raises:
        UsageError: the potential does not confine the walker on this side.
    """
    lowest, distance = value(start), 1e-2 * max(1.0, math.sqrt(temperature))
    # the first step must not jump over a very narrow well: the quadrature would miss the well
    while distance > SHORTEST * max(abs(start), SHORTEST) and (
        value(start + direction * distance / 2) - lowest >= CUT_OFF * temperature
    ):
        distance /= 2
    for _ in range(MOST_STEPS):
        point = start + direction * distance
        height = value(point)
        if height - lowest >= CUT_OFF * temperature:
            return point
        lowest, distance = min(lowest, height), 1.05 * distance
    raise UsageError(
        f"the potential does not rise by {CUT_OFF:g} temperatures on its way to {point:.3g}",
        "a potential that confines",
        "give a finite wall on this side",
    )
