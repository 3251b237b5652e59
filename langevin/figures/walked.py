"""How far walkers went: the mean squared displacement of a run over time."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from langevin.figures.canvas import canvas
from langevin.figures.panels import band
from langevin.measure.displacement import mean_squared_displacement
from langevin.types import Trajectory

#: Most walkers that have a line of their own.
MOST_LINES = 50


def walked(path: str | Path, trajectory: Trajectory, title: str) -> None:
    """Draw the squared displacement from the first frame: thin lines are walkers, the thick line is their mean.

    Args:
        path: of the figure.
        trajectory: a run of walkers.
        title: of the figure.

    Raises:
        UsageError: no walker has a second frame.
        OutputError: the file cannot be written.
    """
    lags, squared = mean_squared_displacement(trajectory)
    known = squared[np.isfinite(squared).any(axis=1)]
    with canvas(path, title) as axes:
        axes.plot(lags, known[:MOST_LINES].T, color="0.75", linewidth=0.5)
        label = f"mean, 95 % band (n = {len(known)})"
        whole = known[:, np.isfinite(known).all(axis=0)]
        if len(known) > 1 and whole.shape[1]:
            band(axes, lags[: whole.shape[1]], whole, "#000000", "-", label)
        axes.set(xlabel="time $t$", ylabel="squared displacement", xlim=(0.0, None), ylim=(0.0, None))
        axes.legend(*axes.get_legend_handles_labels())
