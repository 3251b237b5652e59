"""How far walkers went over time: along a valley, with the rival laws of drift, or in square from the first frame."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from langevin.figures.canvas import canvas, error_bars, looks
from langevin.figures.panels import band
from langevin.measure import mean_displacement
from langevin.measure.displacement import mean_squared_displacement
from langevin.types import Curve, Trajectory

POINTS = 10
#: A law sets the scale of the figure if it predicts at most this many times the measured value.
BEYOND = 20.0

#: Most walkers that have a line of their own.
MOST_LINES = 50


def drift(path: str | Path, trajectory: Trajectory, curves: Sequence[Curve], title: str) -> None:
    """Draw measured displacements at about ten times with 95 % intervals, and every law as a line.

    A law whose displacement is far beyond the measured values leaves the frame: the measured range sets the scale.
    """
    last = len(trajectory.times) - 1
    frames = np.unique(np.linspace(0, last, POINTS + 1).astype(int))[1:]
    moved = [mean_displacement(trajectory, frame=int(frame)) for frame in frames]
    times = trajectory.times[frames] - trajectory.times[0]
    with canvas(path, title) as axes:
        shown = [m.value + side * 1.96 * m.error for m in moved for side in (-1.0, 1.0)]
        reach = BEYOND * max(abs(value) for value in shown)
        for curve, (colour, dash) in zip(curves, looks()):
            values = [0.0, *(curve.predict(float(time)).value for time in times)]
            axes.plot([0.0, *times], values, color=colour, linestyle=dash, label=curve.name)
            shown += [value for value in values if abs(value) <= reach]
        margin = 0.1 * (max(shown) - min(shown))
        error_bars(axes, times, [m.value for m in moved], [1.96 * m.error for m in moved],
                   f"simulation, 95 % interval, n = {moved[-1].n}")  # fmt: skip
        axes.set(ylim=(min(shown) - margin, max(shown) + margin), xlim=(0.0, None), xlabel="time $t$")
        axes.set_ylabel("mean displacement along the valley")
        axes.legend()


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
