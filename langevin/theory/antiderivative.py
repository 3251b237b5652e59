"""The integral of a function on a line from a fixed place to any other, by Chebyshev polynomials on segments."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.polynomial import chebyshev

from langevin.types import FloatArray

#: Nodes of a segment, the relative size of the last coefficients at which a segment is fine enough, and most halvings.
NODES, FINE, DEPTH = 32, 1e-13, 12
#: First segment over the size of the start, and growth of the segments with the distance.
FIRST, GROWTH = 0.25, 1.5

Function = Callable[[FloatArray], FloatArray]


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
