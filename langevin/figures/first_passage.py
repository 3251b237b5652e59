"""Figures of first passage: escapes over time, rates against 1 / temperature, and mean times against training samples.

The rates have a logarithmic scale, on which the Arrhenius law is a straight line.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import numpy as np

from langevin.figures.canvas import MEASURED, canvas, error_bars, looks
from langevin.figures.panels import MARKS, residuals_under
from langevin.measure import confidence_interval
from langevin.measure.waiting_law import Survival
from langevin.types import Comparison, Curve, Measurement, Prediction
from langevin.words import format_value

#: Number of points of the line of a theory, and its extension beyond the measurements.
POINTS = 60
MARGIN = 1.1
#: Opacity of a theory out of its range.
PALE = 0.35
#: Logarithm of measured / theory that is shown under the figure, and the distance of theories there, in samples.
NEAR, SHIFT = 0.25, 0.08
#: Place of the lattice law among the colours: behind the three built-in theories, and before those of users.
LATTICE = 3


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
        number = format_value(measured.value, measured.error)
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

    The line of a theory is pale at points outside its range.
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


def grokking_time(
    path: str | Path,
    samples: Sequence[int],
    measured: Sequence[Measurement],
    curves: Sequence[Curve],
    lattice: Sequence[tuple[float, float]],
    title: str,
) -> None:
    """Draw log T against k: measured points, and theories as lines, which are thin out of their range.

    `lattice` contains (k, T) of the lattice law. Only its slope is a prediction, so it is drawn through the measurement
    with the most samples.
    """
    known = [(k, m) for k, m in zip(samples, measured) if m.mixed and m.value > 0.0]
    styles = list(islice(looks(), max(len(curves), LATTICE) + 1))
    of_lattice = styles.pop(LATTICE)
    with canvas(path, title) as axes:
        for curve, (colour, dash) in zip(curves, styles):
            points = [(k, curve.predict(k)) for k in samples]
            drawn = [(k, p) for k, p in points if math.isfinite(p.value) and p.value > 0.0]
            inside = [(k, p) for k, p in drawn if p.in_range]
            suffix = "" if inside else " (out of range)"
            axes.plot(
                [k for k, _ in drawn], [p.value for _, p in drawn], linestyle=dash, color=colour, linewidth=0.8,
                alpha=0.8, label=None if inside else curve.name + suffix,
            )  # fmt: skip
            if inside:
                axes.plot(
                    [k for k, _ in inside], [p.value for _, p in inside], linestyle=dash, color=colour,
                    label=curve.name, marker="." if len(inside) == 1 else None,
                )  # fmt: skip
        if lattice:
            colour, dash = of_lattice
            axes.plot(*zip(*lattice), color=colour, linestyle=dash, label="lattice law (slope only)")
        if known:
            intervals = [confidence_interval(m) for _, m in known]
            spans = [
                [max(m.value - low, 0.0) for (_, m), (low, _) in zip(known, intervals)],
                [high - m.value for (_, m), (_, high) in zip(known, intervals)],
            ]
            least = min(m.n for _, m in known)
            error_bars(axes, [k for k, _ in known], [m.value for _, m in known], spans,
                       f"simulation, 95 % interval, n $\\geq$ {least}")  # fmt: skip
        axes.set_yscale("log")
        axes.set_ylabel(r"mean first-passage time $T$")
        axes.legend()
        bottom = _ratios(axes, known, curves, [colour for colour, _ in styles])
        bottom.set_xlabel("training samples imposed, $k$")
        bottom.xaxis.get_major_locator().set_params(integer=True)


def _ratios(
    axes: Any, known: Sequence[tuple[int, Measurement]], curves: Sequence[Curve], colours: Sequence[str]
) -> Any:
    """Measured / theory under the axes, for theories that come near somewhere; without any, the axes themselves."""
    low = None
    for curve, colour, mark in zip(curves, colours, cycle(MARKS)):
        pairs = [(k, m, p.value) for k, m in known if (p := curve.predict(k)).in_range and p.value > 0.0]
        near = [(k, m, value) for k, m, value in pairs if abs(math.log(m.value / value)) < NEAR]
        if not near:
            continue
        low = residuals_under(axes) if low is None else low
        ends = [[end / value for end in confidence_interval(m)] for _, m, value in near]
        middle = [m.value / value for _, m, value in near]
        spans = [[y - a for y, (a, _) in zip(middle, ends)], [b - y for y, (_, b) in zip(middle, ends)]]
        places = [k + SHIFT * curves.index(curve) for k, _, _ in near]
        low.errorbar(places, middle, spans, fmt=mark, color=colour, markersize=4, capsize=2, linewidth=1)
    return axes if low is None else low
