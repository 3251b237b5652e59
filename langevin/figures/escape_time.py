"""Escape times: the fraction of walkers that are still in the well, and the exponentials of the theories."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from langevin.figures.canvas import COLOURS, DASHES, MEASURED, canvas
from langevin.measure.survival import Survival
from langevin.types import Comparison, Measurement
from langevin.words import format_value


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
        for row, colour, dash in zip(comparisons, COLOURS, DASHES):
            if row.predicted.in_range and math.isfinite(row.predicted.value) and row.predicted.value > 0:
                name = f"{row.theory}: T = {row.predicted.value:.4g}, {row.verdict}"
                axes.plot(grid, np.exp(-grid / row.predicted.value), color=colour, linestyle=dash, label=name)
        axes.set(yscale="log", ylim=(0.5 / n, 1.3), xlim=(0.0, None), xlabel="time $t$")
        axes.set_ylabel("share of walkers still on the way")
        axes.legend()
