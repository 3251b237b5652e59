"""Stationary density of an observable in bins."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from langevin.errors import unfit
from langevin.measure.bootstrap import mean_over_blocks
from langevin.measure.moments import ENOUGH, StateFunction
from langevin.measure.walkers import joined
from langevin.measure.windows import doubts, memory_of, series, window
from langevin.types import FloatArray, Measurement, Trajectory

#: With fewer independent visits, the distribution of the share of a bin is far from normal.
FEWEST_VISITS = 10


def stationary_density(
    trajectory: Trajectory,
    function: StateFunction | str,
    edges: ArrayLike,
    *,
    first_time: float,
    last_time: float = math.inf,
) -> tuple[Measurement, ...]:
    """Probability density of a function of the state, averaged over each bin.

    It is the fraction of walkers and time in the bin over the width of the bin; values outside all bins also count in
    the total. The error is over walkers or blocks of their records (`mean_over_blocks`), whose number is n. `mixed` is
    False if there are fewer than 100 independent values or 10 independent visits, or if the function was not stationary
    (`langevin.measure.stationarity`). A bin without a visit has no error.

    Args:
        trajectory: The run.
        function: Function of the states (points, dim), or the name of an observable.
        edges: Increasing edges of the bins (bins + 1,), left ones included.
        first_time: Where the window begins: after the burn-in.
        last_time: Where it ends.

    Returns:
        One measurement for each bin.

    Raises:
        UsageError: the edges do not increase, the window has fewer than 4 frames, no walker is left, the observable is
            unknown, or a value is not finite.
    """
    borders = bin_edges(edges)
    part = window(trajectory, first_time, last_time)
    values = series(part, function)
    bins = np.digitize(values, borders) - 1
    outside = float((part.weights * ((bins < 0) | (bins >= len(borders) - 1))).mean())
    memory = memory_of(part, values)
    doubt = doubts(part, memory, values)
    note = joined(part.note, f"{outside:.3g} of the values lie outside the bins" if outside else "", doubt)
    return tuple(
        _bin_density(
            mean_over_blocks((bins == index).astype(float), memory, part.weights),
            borders[index : index + 2],
            note,
            not doubt,
        )
        for index in range(len(borders) - 1)
    )


def bin_edges(edges: ArrayLike) -> FloatArray:
    """The edges as an array.

    Raises:
        UsageError: there are fewer than two edges, or they are not finite or not increasing.
    """
    borders = np.asarray(edges, dtype=float)
    if (
        borders.ndim != 1
        or len(borders) < 2
        or not np.isfinite(borders).all()
        or (np.diff(borders) <= 0).any()
    ):
        raise unfit("the edges of the bins", "must be at least two finite, increasing numbers", "")
    return borders


def _bin_density(
    measured: tuple[float, float, int], borders: FloatArray, note: str, mixed: bool
) -> Measurement:
    """Density in one bin; `measured` is the fraction of time in it, the error, and the number of blocks."""
    share, error, n = measured
    width = float(borders[1] - borders[0])
    name = f"density from {borders[0]:.4g} to {borders[1]:.4g}"
    if share == 0:
        return Measurement(0.0, math.inf, n, name, False, joined(note, "the bin was never visited"))
    effective = share * (1 - share) / error**2 if error > 0 else math.inf
    few = ""
    if effective < ENOUGH or effective * share < FEWEST_VISITS:
        few = f"worth only {effective:.0f} independent values, {effective * share:.0f} in the bin: run longer"
    return Measurement(share / width, error / width, n, name, mixed and not few, joined(note, few))
