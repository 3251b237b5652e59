"""Integrals on a line: composite Gauss-Legendre panels, the cut-off of a confining potential, and antiderivatives.

An antiderivative is the integral from a fixed place to any other, by Chebyshev polynomials on segments.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable

import numpy as np
from numpy.polynomial import chebyshev

from langevin.errors import UsageError
from langevin.types import FloatArray

#: Nodes in a panel.
ORDER = 10
#: The distribution of a confined walker is cut where the potential has risen by this many temperatures (e^-60).
CUT_OFF = 60.0
MOST_STEPS = 500
#: Shortest first step over the distance of the start from 0; floats do not resolve shorter steps.
SHORTEST = 1e-12
#: Antiderivatives: nodes of a segment, the relative size of the last coefficients at which a segment is fine enough,
#: and most halvings.
NODES, FINE, DEPTH = 32, 1e-13, 12
#: First segment over the size of the start, and growth of the segments with the distance.
FIRST, GROWTH = 0.25, 1.5

Function = Callable[[FloatArray], FloatArray]


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
    """Nodes and weights, both (panels, ORDER), of equal panels on [lower, upper].

    Args:
        lower: lower end of the interval.
        upper: upper end of the interval.
        panels: number of panels.
    """
    nodes, weights, _ = gauss_rule()
    half = (upper - lower) / (2 * panels)
    centres = lower + half * (2 * np.arange(panels) + 1)
    return centres[:, None] + half * nodes, np.broadcast_to(half * weights, (panels, ORDER))


def evaluate(function: Callable[[float], float], points: FloatArray) -> FloatArray:
    """The scalar function at each point, in the shape of `points`.

    Args:
        function: from a number to a number.
        points: arguments, of any shape.

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
    """Integral of a scalar function over equal panels on [lower, upper].

    Args:
        function: from a number to a number.
        lower: lower end of the interval.
        upper: upper end of the interval.
        panels: number of panels.
    """
    nodes, weights = panel_nodes(lower, upper, panels)
    return float((evaluate(function, nodes) * weights).sum())


def cut_off(value: Callable[[float], float], start: float, direction: int, temperature: float) -> float:
    """First point from start in direction +-1 where the potential is 60 temperatures above its lowest value.

    Walkers are assumed never to visit points beyond it.

    Args:
        value: the potential at a position, energy.
        start: the position at which the search begins.
        direction: +1 upwards, -1 downwards.
        temperature: theta, energy.

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


def antiderivative(function: Function, start: float) -> Function:
    """The function x -> int_start^x of another one; segments are added when they are needed.

    Args:
        function: takes and returns arrays (points,).
        start: where the integral begins.
    """
    sides = {side: _Side(function, start, side) for side in (-1, 1)}

    def integral(places: FloatArray) -> FloatArray:
        found = np.zeros(places.shape)
        for side, grown in sides.items():
            beyond = side * (places - start) > 0.0
            if beyond.any():
                found[beyond] = grown.at(places[beyond])
        return found

    return integral


class _Side:
    """Segments on one side of the start: their ends, Chebyshev coefficients of the integral, and sums before them."""

    def __init__(self, function: Function, start: float, side: int) -> None:
        self.function, self.side = function, side
        self.width = FIRST * max(1.0, abs(start))
        self.ends, self.before = [start], [0.0]
        self.pieces: list[FloatArray] = []

    def at(self, places: FloatArray) -> FloatArray:
        """Integrals at places (points,) on this side."""
        farthest = float(np.max(self.side * places))
        while self.side * self.ends[-1] < farthest:
            last = self.ends[-1]
            self._add(last, last + self.side * self.width, DEPTH)
            self.width *= GROWTH
        ends = self.side * np.array(self.ends)
        which = np.clip(np.searchsorted(ends, self.side * places, side="left") - 1, 0, len(self.pieces) - 1)
        found = np.empty(places.shape)
        for number in np.unique(which):
            here = which == number
            low, high = self.ends[number], self.ends[number + 1]
            inner = (2.0 * places[here] - low - high) / (high - low)
            found[here] = self.before[number] + chebyshev.chebval(inner, self.pieces[number])
        return found

    def _add(self, low: float, high: float, depth: int) -> None:
        nodes = chebyshev.chebpts1(NODES)
        values = self.function(0.5 * (low + high) + 0.5 * (high - low) * nodes)
        series = chebyshev.chebfit(nodes, values, NODES - 1)
        size = float(np.abs(series).max())
        if depth and np.isfinite(size) and float(np.abs(series[-3:]).max()) > FINE * max(size, 1.0):
            middle = 0.5 * (low + high)
            self._add(low, middle, depth - 1)
            self._add(middle, high, depth - 1)
            return
        integral = chebyshev.chebint(0.5 * (high - low) * series, lbnd=-1)
        self.pieces.append(integral)
        self.ends.append(high)
        self.before.append(self.before[-1] + float(chebyshev.chebval(1.0, integral)))
