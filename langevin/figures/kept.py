"""Figure of quantities that were measured on the weights of a training, against the step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from langevin.errors import UsageError
from langevin.figures.canvas import looks, write_figure
from langevin.types import Measurement, Trajectory
from langevin.words import counted

#: Largest number of quantities in a figure, and number of panels in a row.
MOST, COLUMNS = 12, 2
#: Events whose median is drawn as a vertical line.
EVENTS = {"memorised": "memorised_step", "generalised": "generalised_step"}


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
