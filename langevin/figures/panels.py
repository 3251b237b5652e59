"""Common parts of figures of several networks: panels, bands, intervals, groups of points, marked times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import Any

import numpy as np

from langevin.figures.canvas import looks
from langevin.measure.combined import scaled
from langevin.measure.interval import confidence_interval, critical_value
from langevin.types import FloatArray, Measurement

GREY = "#555555"
MARKS = "os^Dv*"


def panels(axes: Any, rows: int, columns: int) -> list[Any]:
    """Divide the area of `axes` into rows x columns; `axes` become the first of the list, row by row."""
    grid = axes.figure.add_gridspec(rows, columns)
    axes.set_subplotspec(grid[0, 0])
    places = [grid[row, column] for row in range(rows) for column in range(columns)]
    return [axes, *(axes.figure.add_subplot(place) for place in places[1:])]


def residuals_under(axes: Any, difference: bool = False) -> Any:
    """A low panel in the lower part of the axes' place, with the same abscissa, for measured / theory; a line at 1.

    With `difference` it is for measured - theory, with a line at 0.
    """
    grid = axes.get_subplotspec().subgridspec(2, 1, height_ratios=(3, 1))
    axes.set_subplotspec(grid[0])
    low = axes.figure.add_subplot(grid[1], sharex=axes)
    axes.tick_params(labelbottom=False)
    low.axhline(0.0 if difference else 1.0, color=GREY, linewidth=0.8)
    low.set_ylabel(f"measured {'-' if difference else '/'} theory", fontsize=8)
    return low


def plain_ticks(axis: Any, values: Sequence[float]) -> None:
    """Mark a logarithmic axis at these values alone, as plain numbers."""
    axis.set_ticks(values, [f"{value:g}" for value in values])
    axis.set_ticks([], minor=True)


def band(
    axes: Any, x: Any, values: FloatArray, colour: str, dash: Any, label: str, geometric: bool = False
) -> None:
    """Draw the mean over networks of values (networks, points), with its 95 % interval by Student's distribution.

    A `geometric` mean, whose interval is that of the mean logarithm, suits a logarithmic axis: its band ends above 0.
    """
    rows = np.log(values) if geometric else values
    middle = rows.mean(axis=0)
    half = critical_value(0.05, len(rows)) * rows.std(axis=0, ddof=1) / len(rows) ** 0.5
    low, middle, high = (
        np.exp(line) if geometric else line for line in (middle - half, middle, middle + half)
    )
    axes.plot(x, middle, color=colour, linestyle=dash, label=label)
    axes.fill_between(x, low, high, color=colour, alpha=0.2, linewidth=0)


def bars(
    axes: Any, x: Any, measured: Sequence[Measurement], colour: str, mark: str, label: str, **style: Any
) -> None:
    """Draw measurements with their 95 % intervals; `style` as for `errorbar`."""
    half = [m.value - confidence_interval(m)[0] for m in measured]
    axes.errorbar(
        x,
        [m.value for m in measured],
        half,
        fmt=mark,
        color=colour,
        capsize=3,
        markersize=4.5,
        linewidth=1.0,
        label=label,
        **style,
    )


def beside_theory(
    axes: Any, low: Any, x: Any, measured: Sequence[Measurement], theory: Sequence[float], colour: str, mark: str,
    label: str,
) -> None:  # fmt: skip
    """Draw measurements with their 95 % intervals in `axes`, and divided by their theory in the panel `low`."""
    bars(axes, x, measured, colour, mark, label)
    bars(low, x, [scaled(m, 1 / value) for m, value in zip(measured, theory, strict=True)], colour, mark, "")


def groups(axes: Any, points: FloatArray, members: Any, names: Sequence[str]) -> None:
    """Draw points (samples, 2) without scales, coloured by group: `members` (samples,) are indices of `names`."""
    for group, (name, (colour, _), mark) in enumerate(zip(names, looks(), cycle(MARKS))):
        axes.scatter(
            *points[np.asarray(members) == group].T, s=9, color=colour, marker=mark, linewidths=0, label=name
        )
    axes.set(xticks=[], yticks=[])


def marked(axes: Any, times: Mapping[str, float]) -> None:
    """Draw a grey line at each named time."""
    for (name, time), dash in zip(times.items(), (":", "-.", "--")):
        axes.axvline(time, color=GREY, linestyle=dash, linewidth=1, label=name)
