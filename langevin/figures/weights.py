"""Figures of the weights of a training: quantities measured on them against the step, and circles of residues.

The embeddings of residues are drawn in the plane of their strongest frequency: whether they form a circle, and in which
order.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from langevin.errors import UsageError
from langevin.figures.canvas import canvas, looks, write_figure
from langevin.figures.panels import GREY, panels
from langevin.types import Measurement, Trajectory
from langevin.words import counted

#: Largest number of quantities in a figure, and number of panels in a row.
MOST, COLUMNS = 12, 2
#: Events whose median is drawn as a vertical line.
EVENTS = {"memorised": "memorised_step", "generalised": "generalised_step"}
#: Largest number of networks in a figure.
MOST_CIRCLES = 6
#: Spread over mean of the distances of a Gaussian cloud (Rayleigh distribution): no circle at all.
CLOUD = (4 / math.pi - 1) ** 0.5


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
    remark = "; hollow points are not sound, and the table says why" if hollow else ""
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
