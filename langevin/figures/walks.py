"""Figures of a walk: how far it went, measured quantities with a scale of their own, and its density and correlations.

How far a walk went is drawn along a valley, with the rival laws of drift, or in square from the first frame.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from langevin.figures.canvas import COLOURS, canvas, error_bars, in_symbols, looks
from langevin.figures.panels import band, bars, panels
from langevin.measure import confidence_interval, mean_displacement
from langevin.measure.displacement import mean_squared_displacement
from langevin.types import Comparison, Curve, FloatArray, Measurement, Share, Trajectory

#: Number of times at which a measured drift is compared with laws.
COMPARED = 10
#: A law sets the scale of the figure if it predicts at most this many times the measured value.
BEYOND = 20.0

#: Most walkers that have a line of their own.
MOST_LINES = 50
COLUMNS = 4
BINS = 40
#: Number of times at which a theory is drawn.
POINTS = 40
#: Label of the Gibbs density.
GIBBS = r"Gibbs law $e^{-f/\theta}/Z$"


def drift(path: str | Path, trajectory: Trajectory, curves: Sequence[Curve], title: str) -> None:
    """Draw measured displacements at about ten times with 95 % intervals, and every law as a line.

    A law whose displacement is far beyond the measured values leaves the frame: the measured range sets the scale.
    """
    last = len(trajectory.times) - 1
    frames = np.unique(np.linspace(0, last, COMPARED + 1).astype(int))[1:]
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


def quantities(
    path: str, measured: Mapping[str, Measurement], comparisons: Sequence[Comparison], title: str, label: str
) -> None:
    """Draw a panel for every quantity that varies; the bands are remainders of the theories.

    Args:
        path: path of the figure.
        measured: numbers by quantity.
        comparisons: comparisons of these numbers with theories, each with its quantity.
        title: title of the figure.
        label: label of the vertical axis of the first panel.
    """
    shown = {name: m for name, m in measured.items() if math.isfinite(m.value) and (m.value or m.error)}
    styles = dict(zip(dict.fromkeys(row.theory for row in comparisons), looks()))
    columns = max(1, min(COLUMNS, len(shown)))
    rows = max(1, -(-len(shown) // columns))
    with canvas(path, "", 1.6 + 1.9 * columns, 1.2 + 2.6 * rows) as axes:
        axes.figure.suptitle(in_symbols(title), x=0.01, ha="left", fontsize=9, wrap=True)
        places = panels(axes, rows, columns)
        for place, (name, number) in zip(places, shown.items()):
            own = [row for row in comparisons if row.quantity == name and row.predicted.in_range]
            for row in own:
                colour, dash = styles[row.theory]
                value, remainder = row.predicted.value, row.predicted.remainder
                place.axhspan(
                    value - remainder,
                    value + remainder,
                    color=colour,
                    alpha=0.12,
                    linewidth=0,
                )
                place.axhline(
                    value,
                    color=colour,
                    linestyle=dash,
                    label=row.theory,
                )
            error_bars(place, [0.0], [number.value], [1.96 * number.error], f"simulation, n = {number.n}")
            place.set_title(name, loc="left")
            place.set(xticks=[], xlim=(-1.0, 1.0))
        for place in places[len(shown) :]:
            place.axis("off")
        places[0].set_ylabel(f"{label}, 95 % interval")
        handles = dict(
            pair[::-1] for place in places for pair in zip(*place.get_legend_handles_labels(), strict=True)
        )
        # those of theories first, then the simulation, as in other figures
        handles = dict(sorted(handles.items(), key=lambda entry: entry[0] not in styles))
        axes.figure.legend(
            handles.values(), handles.keys(), loc="outside lower center", ncols=min(5, len(handles) or 1)
        )


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
