"""A walk that has settled: the density of its first coordinate, and correlations of its coordinates over time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from langevin.figures.canvas import COLOURS, canvas, error_bars, looks
from langevin.figures.panels import bars, panels
from langevin.measure import confidence_interval
from langevin.types import Curve, FloatArray, Measurement, Share

BINS = 40

#: Number of times at which a theory is drawn.
POINTS = 40

#: Label of the Gibbs density.
GIBBS = r"Gibbs law $e^{-f/\theta}/Z$"


def stationary(
    path: str | Path,
    positions: FloatArray,
    density: Callable[[FloatArray], FloatArray] | None,
    title: str,
    label: str = GIBBS,
) -> None:
    """Draw a histogram of n walkers with exact binomial 95 % intervals, and the density as a line."""
    sound = positions[np.isfinite(positions)]
    counts, edges = np.histogram(sound, bins=BINS)
    width = edges[1] - edges[0]
    centres = 0.5 * (edges[1:] + edges[:-1])
    heights = counts / (sound.size * width)
    intervals = [_interval(int(count), sound.size) for count in counts]
    errors = np.abs(np.array(intervals).T / width - heights)
    with canvas(path, title) as axes:
        if density is not None:
            grid = np.linspace(edges[0] - width, edges[-1] + width, 400)
            axes.plot(grid, density(grid), color=COLOURS[0], label=label)
        error_bars(axes, centres, heights, errors, f"simulation, 95 % intervals, n = {sound.size}")
        axes.set(ylim=(0.0, None), xlabel="$x$", ylabel="density")
        axes.legend()


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
            for curve, (colour, _) in zip(curves.get(name, ()), looks()):
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


def _interval(count: int, n: int) -> tuple[float, float]:
    """Interval of a fraction, by Clopper and Pearson."""
    return confidence_interval(Measurement(count / n, 0.0, n, "bin", law=Share(count, n)))
