"""The stationary density of an observable in bins, and probability currents in the plane of two observables.

Currents are zero in equilibrium, and not zero in driven motion.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from langevin.errors import UsageError, unfit
from langevin.measure.bootstrap import mean_over_blocks
from langevin.measure.moments import ENOUGH, StateFunction
from langevin.measure.walkers import joined
from langevin.measure.windows import doubts, memory_of, series, window
from langevin.types import FloatArray, Measurement, Trajectory

#: With fewer independent visits, the distribution of the share of a bin is far from normal.
FEWEST_VISITS = 10
Observable = StateFunction | str
#: With fewer walkers, or blocks of their records, the spread is not known well enough.
FEWEST_BLOCKS = 10


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
        first_time: Start of the window, after the burn-in.
        last_time: End of the window.

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


def area_rate(
    trajectory: Trajectory,
    first: Observable,
    second: Observable,
    *,
    first_time: float,
    last_time: float = math.inf,
) -> Measurement:
    """Signed area swept per time in the plane of two observables, (1/2) <x dy - y dx> / dt about their means.

    It is exactly zero, for any time between frames, for stationary motion with detailed balance, such as Langevin
    dynamics in a potential: the reversed record has the same probability (Ghanta, Neu and Teitsworth 2017; Gonzalez,
    Neu and Teitsworth 2019). It is half the mean angular momentum. The error is over walkers or blocks of their records
    (`mean_over_blocks`), whose number is n. `mixed` is False with fewer than 10 of them, or if an observable was not
    stationary (`langevin.measure.stationarity`).

    Args:
        trajectory: A run, stationary within the window.
        first: Function of the states (points, dim), or the name of an observable: x.
        second: The same for y.
        first_time: Start of the window, after the burn-in.
        last_time: End of the window.

    Raises:
        UsageError: the window has fewer than 4 frames, no walker is left, the observable is unknown, or a value is not
            finite.
    """
    part = window(trajectory, first_time, last_time)
    x, y = series(part, first), series(part, second)
    memory = memory_of(part, x, y)
    doubt = doubts(part, memory, x, y)
    x, y = (values - (part.weights * values).mean() for values in (x, y))
    swept = (x[:, :-1] * y[:, 1:] - y[:, :-1] * x[:, 1:]) / (2 * part.spacing)
    # the area of each gap over the mean gap: this is the sum over the total time, for any gaps
    value, error, n = mean_over_blocks(swept, memory)
    doubt = joined(doubt, _few(n))
    return Measurement(value, error, n, "area rate", not doubt, joined(part.note, doubt))


def current_field(
    trajectory: Trajectory,
    first: Observable,
    second: Observable,
    edges: tuple[ArrayLike, ArrayLike],
    *,
    first_time: float,
    last_time: float = math.inf,
) -> NDArray[Any]:
    """Probability current density (x, y) in the cells of a plane, zero everywhere under detailed balance.

    Half of the velocity of each step counts for the cell where it starts, and half for the cell where it ends. This is
    the midpoint rule of J = <dX/dt o delta(X - x)>, which changes its sign if the record is reversed (Battle and others
    2016; Frishman and Ronceray 2020). Unit: probability per area and time, times length. Errors and `mixed` are as for
    `area_rate`; a cell without a visit has no error.

    Args:
        trajectory: A run, stationary within the window.
        first: Function of the states (points, dim), or the name of an observable: x.
        second: The same for y.
        edges: Increasing edges of the cells in x and in y.
        first_time: Start of the window, after the burn-in.
        last_time: End of the window.

    Returns:
        Array of measurements (cells in x, cells in y, 2).

    Raises:
        UsageError: the edges do not increase, or as `area_rate`.
    """
    borders = [bin_edges(each) for each in edges]
    if len(borders) != 2:
        raise UsageError(f"{len(borders)} sets of edges are given", allowed="two are needed, for x and for y")
    part = window(trajectory, first_time, last_time)
    plane = [series(part, first), series(part, second)]
    memory = memory_of(part, *plane)
    doubt = doubts(part, memory, *plane)
    places = [np.digitize(values, own) - 1 for values, own in zip(plane, borders, strict=True)]
    shape = (len(borders[0]) - 1, len(borders[1]) - 1, 2)
    field = np.empty(shape, dtype=object)
    for index in np.ndindex(shape):
        inside = ((places[0] == index[0]) & (places[1] == index[1])).astype(float)
        area = np.prod([borders[axis][index[axis] + 1] - borders[axis][index[axis]] for axis in (0, 1)])
        weight = (inside[:, :-1] + inside[:, 1:]) / 2
        velocity = np.diff(plane[index[2]], axis=1) / part.spacing  # its mean is the sum over the total time
        value, error, n = mean_over_blocks(velocity * weight / area, memory)
        empty = "" if inside.any() else "the cell was never visited"
        reason = joined(doubt, _few(n), empty)
        error = math.inf if empty else error
        name = f"probability current in {'xy'[index[2]]}"
        field[index] = Measurement(value, error, n, name, not reason, joined(part.note, reason))
    return field


def _few(blocks: int) -> str:
    """Note for too few independent blocks; an empty text if there are enough."""
    few = f"only {blocks} independent blocks, {FEWEST_BLOCKS} are needed: run longer or more walkers"
    return few if blocks < FEWEST_BLOCKS else ""
