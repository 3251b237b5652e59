"""Mean first-passage time against the number of training samples, on a logarithmic scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from langevin.figures.canvas import canvas, error_bars, looks
from langevin.figures.panels import MARKS, residuals_under
from langevin.measure import confidence_interval
from langevin.types import Curve, Measurement

#: Logarithm of measured / theory that is shown under the figure, and the distance of theories there, in samples.
NEAR, SHIFT = 0.25, 0.08
#: Place of the lattice law among the colours: behind the three built-in theories, and before those of users.
LATTICE = 3


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
