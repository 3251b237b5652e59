"""Density of the first coordinate at the end of a run, beside the Gibbs law where it is known."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from langevin.figures.canvas import COLOURS, canvas, error_bars
from langevin.types import FloatArray

BINS = 40


def stationary(
    path: str | Path, positions: FloatArray, density: Callable[[FloatArray], FloatArray] | None, title: str
) -> None:
    """Draw a histogram of n walkers with binomial 95 % errors, and the density as a line."""
    sound = positions[np.isfinite(positions)]
    counts, edges = np.histogram(sound, bins=BINS)
    width = edges[1] - edges[0]
    centres = 0.5 * (edges[1:] + edges[:-1])
    heights = counts / (sound.size * width)
    errors = 1.96 * np.sqrt(np.maximum(counts, 1.0)) / (sound.size * width)
    with canvas(path, title) as axes:
        if density is not None:
            grid = np.linspace(edges[0] - width, edges[-1] + width, 400)
            axes.plot(grid, density(grid), color=COLOURS[0], label=r"Gibbs law $e^{-f/\theta}/Z$")
        error_bars(axes, centres, heights, errors, f"simulation, 95 % intervals, n = {sound.size}")
        axes.set(ylim=(0.0, None), xlabel="$x$", ylabel="density")
        axes.legend()
