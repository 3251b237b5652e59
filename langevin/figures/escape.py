"""Escapes: the fraction of walkers still in the well over time, and rates against 1 / temperature.

The rates have a logarithmic scale, on which the Arrhenius law is a straight line.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from langevin.figures.canvas import MEASURED, canvas, error_bars, looks
from langevin.measure import confidence_interval
from langevin.measure.waiting_law import Survival
from langevin.types import Comparison, Curve, Measurement, Prediction
from langevin.words import format_value

#: Number of points of the line of a theory, and its extension beyond the measurements.
POINTS = 60
MARGIN = 1.1
#: Opacity of a theory out of its range.
PALE = 0.35


def escape_time(
    path: str | Path, survival: Survival, measured: Measurement, comparisons: Sequence[Comparison], title: str
) -> None:
    """Draw the Kaplan-Meier curve with its 95 % band, and exp(-t / T) for the mean time T of each theory in range.

    The curve ends at the horizon, where the remaining walkers are censored: it does not fall to zero there.
    """
    time, n = survival.time, survival.n
    with canvas(path, title) as axes:
        axes.fill_between(time, np.maximum(survival.low, 1e-9), survival.high, color="0.85", step="post",
                          label="95 % band")  # fmt: skip
        sign = "" if measured.mixed else ", not mixed"
        number = format_value(measured.value, measured.error).replace("+-", "$\\pm$")
        label = f"simulation: T = {number} (n = {n}{sign})"
        axes.step(time, survival.share, where="post", color=MEASURED, label=label)
        grid = np.linspace(0.0, time[-1], 200)
        for row, (colour, dash) in zip(comparisons, looks()):
            if row.predicted.in_range and math.isfinite(row.predicted.value) and row.predicted.value > 0:
                name = f"{row.theory}: T = {row.predicted.value:.4g}, {row.verdict}"
                axes.plot(grid, np.exp(-grid / row.predicted.value), color=colour, linestyle=dash, label=name)
        axes.set(yscale="log", ylim=(0.5 / n, 1.3), xlim=(0.0, None), xlabel="time $t$")
        axes.set_ylabel("share of walkers still on the way")
        axes.legend()


def rare_escape(
    path: str | Path, temperatures: Sequence[float], rates: Sequence[Measurement], curves: Sequence[Curve], title: str
) -> None:  # fmt: skip
    """Draw measured rates with their 95 % intervals, and for each theory of the mean time its inverse.

    The line of a theory is pale where the theory does not claim to hold.
    """
    inverse = 1.0 / np.asarray(temperatures)
    grid = np.geomspace(inverse.min() / MARGIN, inverse.max() * MARGIN, POINTS)
    with canvas(path, title) as axes:
        for curve, (colour, dash) in zip(curves, looks()):
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
