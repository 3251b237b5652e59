"""Density of the first coordinate at the end of a run, and the Gibbs distribution if it is known."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from langevin.figures.canvas import COLOURS, canvas, error_bars
from langevin.measure import confidence_interval
from langevin.types import FloatArray, Measurement, Share

BINS = 40


def stationary(
    path: str | Path, positions: FloatArray, density: Callable[[FloatArray], FloatArray] | None, title: str
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
            axes.plot(grid, density(grid), color=COLOURS[0], label=r"Gibbs law $e^{-f/\theta}/Z$")
        error_bars(axes, centres, heights, errors, f"simulation, 95 % intervals, n = {sound.size}")
        axes.set(ylim=(0.0, None), xlabel="$x$", ylabel="density")
        axes.legend()


def _interval(count: int, n: int) -> tuple[float, float]:
    """Interval of a fraction, by Clopper and Pearson."""
    return confidence_interval(Measurement(count / n, 0.0, n, "bin", law=Share(count, n)))
