"""Correlation of each coordinate of a walk over time, and the prediction from the spectrum of the surface."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from langevin.figures.canvas import COLOURS, canvas
from langevin.figures.panels import bars, panels
from langevin.types import Curve, Measurement

#: Number of times at which a theory is drawn.
POINTS = 40


def relaxation(
    path: str | Path,
    correlations: Mapping[str, Sequence[tuple[float, Measurement]]],
    curves: Mapping[str, Sequence[Curve]],
    title: str,
) -> None:
    """Draw a panel for each coordinate: correlations by their lag with 95 % intervals, theories as lines.

    Args:
        path: path of the figure.
        correlations: for each coordinate, pairs of lag and measurement.
        curves: for each coordinate, theories over the lag.
        title: title of the figure.
    """
    with canvas(path, title) as axes:
        for place, (name, pairs) in zip(
            panels(axes, len(correlations), 1), correlations.items(), strict=True
        ):
            lags = [lag for lag, _ in pairs]
            times = np.linspace(min(lags) / 2, max(lags), POINTS)
            for curve, colour in zip(curves.get(name, ()), COLOURS):
                found = [curve.predict(float(time)) for time in times]
                inside = [prediction.value if prediction.in_range else np.nan for prediction in found]
                place.plot(times, inside, color=colour, label=curve.name)
            measured = [number for _, number in pairs]
            bars(
                place,
                lags,
                measured,
                "black",
                "o",
                f"correlation in the simulation, 95 % intervals, n = {measured[0].n}",
            )
            place.set(ylabel=name)
            place.legend()
        place.set(xlabel="lag $t$")
