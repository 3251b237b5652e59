"""Escape times: the share of walkers still in the well, beside the exponentials that theory implies."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from langevin.figures.canvas import COLOURS, DASHES, MEASURED, canvas
from langevin.types import Comparison, FloatArray, Measurement


def escape_time(
    path: str | Path, times: FloatArray, measured: Measurement, comparisons: Sequence[Comparison], title: str
) -> None:
    """Draw the survival probability with its 95 % band and exp(-t / T) for each theory's mean time T."""
    ordered = np.sort(times)
    n = ordered.size
    survival = 1.0 - np.arange(1, n + 1) / n
    band = 1.96 * np.sqrt(np.maximum(survival * (1.0 - survival), 0.25 / n) / n)
    with canvas(path, title) as axes:
        axes.fill_between(ordered, np.maximum(survival - band, 1e-9), survival + band, color="0.85", step="post",
                          label="95 % band")  # fmt: skip
        label = f"simulation: T = {measured.value:.4g} $\\pm$ {measured.error:.2g} (n = {measured.n})"
        axes.step(ordered, survival, where="post", color=MEASURED, label=label)
        grid = np.linspace(0.0, ordered[-1], 200)
        for row, colour, dash in zip(comparisons, COLOURS, DASHES):
            if math.isfinite(row.predicted.value):
                name = f"{row.theory}: T = {row.predicted.value:.4g}, {row.verdict}"
                axes.plot(grid, np.exp(-grid / row.predicted.value), color=colour, linestyle=dash, label=name)
        axes.set(yscale="log", ylim=(0.5 / n, 1.3), xlim=(0.0, None), xlabel="time $t$")
        axes.set_ylabel("share of walkers still on the way")
        axes.legend()
