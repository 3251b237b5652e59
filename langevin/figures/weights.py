"""Figures of the weights of a training: quantities measured on them, their displacement, and circles of residues.

Quantities are drawn against the step. The displacement is that of networks before and after they arrive on the
zero-loss set, with its power of the time. The embeddings of residues are drawn in the plane of their strongest
frequency: whether they form a circle, and in which order.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import fill
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from langevin.errors import UsageError
from langevin.figures.canvas import COLOURS, canvas, looks, write_figure
from langevin.figures.panels import GREY, band, bars, panels
from langevin.figures.training import setting_name, title
from langevin.measure.arrival import AFTER, BEFORE, Stretch, arrival_frames, stretch
from langevin.measure.displacement import squared_displacements
from langevin.measure.exponent import local_exponent, shared_lags
from langevin.sgld import split
from langevin.sgld.premises import FREE_DIFFUSION, whole_batch, why_not
from langevin.theory.scaling.distance_and_steps import mean_square_displacement
from langevin.types import FloatArray, Measurement, Trajectory
from langevin.words import counted

#: Largest number of quantities in a figure, and number of panels in a row.
MOST, COLUMNS = 12, 2
#: Events whose median is drawn as a vertical line.
EVENTS = {"memorised": "memorised_step", "generalised": "generalised_step"}
#: Largest number of networks in a figure.
MOST_CIRCLES = 6
#: Spread over mean of the distances of a Gaussian cloud (Rayleigh distribution): no circle at all.
CLOUD = (4 / math.pi - 1) ** 0.5
#: The power of the time that the diffusion picture of grokking predicts for each window.
POWERS = {BEFORE: 2.0, AFTER: 1.0}
#: An exponent is measured over lags from t to this many times t.
WIDTH = 4.0


def draw_kept(
    path: Path, run: Trajectory, rows: Sequence[tuple[Mapping[str, float], str, Measurement]]
) -> None:
    """Draw the mean of each quantity over the networks against the step, with its standard error as a band.

    Each setting of a sweep has a line. A hollow point is a mean that is not mixed. Vertical lines are the median steps
    at which the networks of the run memorised and generalised.

    Args:
        path: path of the figure.
        run: the measured run.
        rows: place, quantity and mean, as `langevin.experiment.measured_weights.measure_weights` returns them.

    Raises:
        UsageError: nothing was measured at more than one step.
        OutputError: the file cannot be written.
    """
    from matplotlib.figure import Figure

    lines = _lines(rows)
    every = list(dict.fromkeys(quantity for quantity, _ in lines))
    quantities = every[:MOST]
    if not quantities:
        raise UsageError(
            "nothing was measured at more than one step",
            "numbers at kept steps",
            "pass --at frames, or no --plot",
        )
    first = min(step for points in lines.values() for step, *_ in points if step > 0)
    columns = min(COLUMNS, len(quantities))
    count = -(-len(quantities) // columns)
    figure = Figure(figsize=(5.2 * columns, 3.2 * count), layout="constrained")
    panels = figure.subplots(count, columns, squeeze=False, sharex=True).ravel()
    for panel in panels[len(quantities) :]:
        panel.set_visible(False)
    for panel, quantity in zip(panels, quantities):
        own = [(setting, points) for (name, setting), points in lines.items() if name == quantity]
        for (setting, points), (colour, dash) in zip(own, looks()):
            steps, values, errors, mixed = np.array(points).T
            panel.plot(steps, values, label=setting or None, color=colour, linestyle=dash)
            for chosen, face in ((mixed == 1, colour), (mixed == 0, "white")):
                panel.plot(
                    steps[chosen],
                    values[chosen],
                    "o",
                    color=colour,
                    markersize=4,
                    markerfacecolor=face,
                )
            panel.fill_between(steps, values - errors, values + errors, color=colour, alpha=0.2, linewidth=0)
        panel.set(ylabel=quantity)
        panel.set_xscale("symlog", linthresh=first)
        for dashes, (label, event) in zip((":", "--"), EVENTS.items()):
            found = np.asarray(run.events.get(event, np.empty(0)))
            if (found >= 0).sum() * 2 > found.size:
                panel.axvline(
                    float(np.median(found)), color="#555555", linewidth=0.8, linestyle=dashes, label=label
                )
    for panel in panels[max(0, len(quantities) - columns) : len(quantities)]:
        panel.set_xlabel("step")
        panel.tick_params(labelbottom=True)
    if panels[0].get_legend_handles_labels()[1]:
        panels[0].legend()
    networks, name = len(run.events["status"]), run.meta.get("model", "network")
    hollow = any(not mixed for points in lines.values() for *_, mixed in points)
    bands = "bands are standard errors" if networks > 1 else "of one network there is no error"
    remark = "; the assumptions fail at hollow points, for reasons in the table" if hollow else ""
    left = f"; the first {MOST} of {len(every)} quantities" if len(every) > MOST else ""
    figure.suptitle(f"{name}: means over {counted(networks, 'network')}, {bands}{remark}{left}", fontsize=9)
    write_figure(figure, path, dpi=200)


def _lines(
    rows: Sequence[tuple[Mapping[str, float], str, Measurement]],
) -> dict[tuple[str, str], list[tuple[float, float, float, bool]]]:
    """(step, mean, error, mixed) by quantity and setting, for those with two steps or more; an unknown error is 0."""
    found: dict[tuple[str, str], list[tuple[float, float, float, bool]]] = {}
    for at, quantity, mean in rows:
        if "step" not in at or not np.isfinite(mean.value):
            continue
        setting = ", ".join(
            f"{name.replace('_', ' ')} {value:g}" for name, value in at.items() if name != "step"
        )
        error = mean.error if np.isfinite(mean.error) else 0.0
        found.setdefault((quantity, setting), []).append((at["step"], mean.value, error, mean.mixed))
    return {key: points for key, points in found.items() if len(points) > 1}


def circle(tables: Sequence[ArrayLike], path: str | Path, title: str, names: Sequence[str] = ()) -> Path:
    """Draw the embedding table (residues, width) of each network in the plane of its strongest frequency k.

    A residue a is written at its position, in the colour of the angle 2 pi k a / p. If the residues are on a circle in
    the order of their multiples by k, neighbours have neighbouring colours. The grey circle is the mean distance from
    the middle. The title of each network contains its name (from `names`, or its number), its frequency, the fraction
    of the variance of the table in it, and the spread of the distances over their mean.

    Raises:
        UsageError: as `langevin.measure.networks.frequency_plane`.
        OutputError: the file cannot be written.
    """
    shown = tables[:MOST_CIRCLES]
    rows = math.ceil(len(shown) / 3)
    columns = math.ceil(len(shown) / rows)
    with canvas(path, "", 3.4 * columns, 3.7 * rows + 0.4) as axes:
        places = panels(axes, rows, columns)
        for number, (place, table) in enumerate(zip(places, shown)):
            network(place, names[number] if names else f"network {number}", table)
        for place in places[len(shown) :]:
            place.set_axis_off()
        axes.figure.suptitle(f"{title}\nspread of the radius of a random cloud: {CLOUD:.2f}", fontsize=9)
    return Path(path)


def network(axes: Any, name: str, table: ArrayLike) -> None:
    """The residues of one network."""
    from matplotlib import colormaps

    from langevin.measure.networks import fourier_power, frequency_plane

    plane, frequency = frequency_plane(table)
    distances = np.hypot(*plane.T)
    around = np.linspace(0, 2 * np.pi, 200)
    axes.plot(*(distances.mean() * np.array([np.cos(around), np.sin(around)])), color=GREY, linewidth=0.7)
    for residue, (x, y) in enumerate(plane.tolist()):
        colour = [0.8 * part for part in colormaps["hsv"](frequency * residue / len(plane) % 1)[:3]]
        axes.text(x, y, str(residue), color=colour, fontsize=7, ha="center", va="center")
    reach = 1.12 * float(np.abs(plane).max())
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal", xticks=[], yticks=[], frame_on=False)
    share, spread = fourier_power(table)[frequency - 1], distances.std() / distances.mean()
    axes.set_title(
        f"{name}\nfrequency {frequency}, share {share:.2f}\nspread of the radius {spread:.2f}",
        loc="left",
    )


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
