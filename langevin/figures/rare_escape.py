"""Rates against 1 / temperature on a logarithmic scale: the Arrhenius law is a straight line."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from langevin.figures.canvas import COLOURS, DASHES, canvas, error_bars
from langevin.measure import confidence_interval
from langevin.types import Curve, Measurement, Prediction

#: Number of points of the line of a theory, and its extension beyond the measurements.
POINTS = 60
MARGIN = 1.1
#: Opacity of a theory out of its range.
PALE = 0.35


def rare_escape(
    path: str | Path, temperatures: Sequence[float], rates: Sequence[Measurement], curves: Sequence[Curve], title: str
) -> None:  # fmt: skip
    """Draw measured rates with their 95 % intervals, and for each theory of the mean time its inverse.

    The line of a theory is pale where the theory does not claim to hold.
    """
    inverse = 1.0 / np.asarray(temperatures)
    grid = np.geomspace(inverse.min() / MARGIN, inverse.max() * MARGIN, POINTS)
    with canvas(path, title) as axes:
        for curve, colour, dash in zip(curves, COLOURS, DASHES):
            predictions = [(beta, curve.predict(1.0 / beta)) for beta in grid]
            drawn = [(beta, 1.0 / time.value, time.in_range) for beta, time in predictions if _drawable(time)]
            if drawn:
                betas, inverted, within = map(np.array, zip(*drawn))
                name = curve.name if within.all() else f"{curve.name} (pale: out of range)"
                axes.plot(betas, inverted, color=colour, linestyle=dash, alpha=PALE)
                axes.plot(betas, np.where(within, inverted, np.nan), color=colour, linestyle=dash, label=name)
        spans = [
            [rate.value - low, high - rate.value]
            for rate in rates
            for low, high in [confidence_interval(rate)]
        ]
        label = f"splitting, 95 % interval, n = {rates[0].n} replicas"
        values = [rate.value for rate in rates]
        # an interval that reaches zero has no lower end on a logarithmic scale
        lower = [min(span[0], 0.999 * value) for span, value in zip(spans, values)]
        error_bars(axes, inverse, values, [lower, [span[1] for span in spans]], label)
        axes.set(yscale="log", xlabel=r"one over the temperature, $1 / \theta$", ylabel="rate")
        axes.legend()


def _drawable(time: Prediction) -> bool:
    return math.isfinite(time.value) and time.value > 0.0
