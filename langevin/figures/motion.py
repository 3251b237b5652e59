"""Displacement of networks before and after they arrive on the zero-loss set, and its power of the time."""

from __future__ import annotations

import math
from pathlib import Path
from textwrap import fill
from typing import Any

import numpy as np

from langevin.errors import UsageError
from langevin.figures.canvas import COLOURS, canvas
from langevin.figures.panels import GREY, band, bars, panels
from langevin.figures.training import setting_name, title
from langevin.measure.arrival import AFTER, BEFORE, Stretch, arrival_frames, stretch
from langevin.measure.displacement import squared_displacements
from langevin.measure.exponent import local_exponent, shared_lags
from langevin.sgld import split
from langevin.sgld.premises import FREE_DIFFUSION, whole_batch, why_not
from langevin.theory.scaling.distance_and_steps import mean_square_displacement
from langevin.types import FloatArray, Measurement, Trajectory

#: The power of the time that the diffusion picture of grokking predicts for each window.
POWERS = {BEFORE: 2.0, AFTER: 1.0}
#: An exponent is measured over lags from t to this many times t.
WIDTH = 4.0


def motion(trajectory: Trajectory, path: str | Path) -> Path:
    """Draw the squared displacement against the time before and after arrival, and below each its local exponent.

    Before arrival, time counts from the start; after arrival, from the arrival to the end. Thin lines are networks; the
    thick line is their mean with a band of 95 %. Networks whose record is shorter than the median are left out. The
    dashed line before arrival is t^2 through the first point. After arrival it is free diffusion: 2 theta (parameters -
    rank J) t if the law of motion predicts it, otherwise t through the first point. A sweep has two rows for each of
    its settings.

    Args:
        trajectory: the training.
        path: path of the figure.

    Raises:
        UsageError: the run does not define arrival (`langevin.measure.arrival_frames`).
        OutputError: the file cannot be written.
    """
    settings = split(trajectory)
    if len(settings) == 1:
        arrival_frames(trajectory)
    with canvas(path, "", 8.4, 6.2 * len(settings)) as axes:
        places = panels(axes, 2 * len(settings), 2)
        for number, setting in enumerate(settings):
            own = places[4 * number : 4 * number + 4]
            windows(own, setting)
            if len(settings) > 1:
                own[0].set_title(
                    f"{setting_name(trajectory, setting)}. {own[0].get_title('left')}", loc="left"
                )
        axes.figure.suptitle(title(trajectory), fontsize=10)
    return Path(path)


def windows(places: list[Any], trajectory: Trajectory) -> None:
    """Draw displacement and exponent of one setting: on the left before arrival, on the right after it."""
    for window, above, below in zip(POWERS, places[:2], places[2:], strict=True):
        try:
            part = stretch(trajectory, window)
        except UsageError as reason:
            for place in (above, below):
                place.set_axis_off()
            above.text(0.5, 0.5, fill(str(reason), 40), ha="center", va="center")
            continue
        exponents(below, trajectory, window, displacements(above, trajectory, part, window))
        below.set_xlim(above.get_xlim())


def displacements(axes: Any, trajectory: Trajectory, part: Stretch, window: str) -> FloatArray:
    """Draw squared displacements of a part of the run, with the expected power; return the lags (in time)."""
    lags = shared_lags(trajectory, part)
    squared = squared_displacements(trajectory, part, lags)
    axes.plot(lags, squared.T, color=COLOURS[0], linewidth=0.5, alpha=0.4)
    label = f"mean of {len(squared)} of {len(trajectory.states)} networks"
    if len(squared) > 1:
        band(axes, lags, squared, COLOURS[0], "-", label)
    else:
        axes.plot(lags, squared[0], color=COLOURS[0], label=label)
    law, name = free_diffusion(trajectory, lags) if window == AFTER else (None, "")
    if law is None:
        power = POWERS[window]
        law, name = squared.mean(axis=0)[0] * (lags / lags[0]) ** power, "$t^2$" if power == 2 else "$t$"
    axes.plot(lags, law, color=COLOURS[1], linestyle="--", label=name, zorder=9)
    axes.set(xscale="log", yscale="log", ylabel="squared displacement")
    top = float(np.nanmax(squared))
    axes.set_ylim(float(np.nanmin(squared[squared > 0], initial=top)) / 2, 3 * top)
    axes.set_title(f"{window.capitalize()} on the zero-loss set", loc="left")
    axes.legend()
    return lags


def free_diffusion(trajectory: Trajectory, lags: FloatArray) -> tuple[FloatArray | None, str]:
    """E |x(t) - x(0)|^2 in the directions without a constraint, and its name; None for another law of motion."""
    meta = trajectory.meta
    if why_not(meta, (*FREE_DIFFUSION, whole_batch)) or meta.get("rank") is None:
        return None, ""
    free = meta["parameters"] - meta["rank"]
    law = [mean_square_displacement(free, meta["temperature"], float(lag)).value for lag in lags]
    return np.array(law), rf"$2\theta t$ x {free} free directions"


def exponents(axes: Any, trajectory: Trajectory, window: str, lags: FloatArray) -> None:
    """Draw exponents over short windows of the lags (in time), if enough of them were recorded."""
    first, last = lags[[0, -1]].tolist()
    count = max(math.floor(math.log(last / first / WIDTH, 2)) + 1, 0)
    found: list[tuple[float, Measurement]] = []
    for start in (first * 2**i for i in range(count)):
        try:
            measured = local_exponent(trajectory, window=window, lags=(start, WIDTH * start))
        except UsageError:
            continue
        if np.isfinite(measured.error):
            found.append((WIDTH**0.5 * start, measured))
    if found:
        places, values = zip(*found, strict=True)
        bars(axes, places, values, COLOURS[0], "o", "over lags of a factor 4, 95 % interval")
    axes.axhline(POWERS[window], color=COLOURS[1], linestyle="--")
    axes.axhline(0, color=GREY, linewidth=0.7)
    axes.set(xscale="log", ylim=(-0.4, 2.6), xlabel="time $t$", ylabel="local exponent")
    axes.legend(*axes.get_legend_handles_labels())
