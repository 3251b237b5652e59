"""Figure of a training: loss, accuracy, displacement of the weights and requested observables against the step."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from langevin.errors import UsageError
from langevin.figures.canvas import looks, remarked, write_figure, write_remark
from langevin.measure.walkers import lost
from langevin.sgld import observable_parts, split
from langevin.types import FloatArray, Status, Trajectory
from langevin.words import counted

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Colours of the palette of Okabe and Ito, which colour-blind readers can distinguish.
BLUE, VERMILION, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#555555"
#: Dashes of the test set, so that the line of the training set below it is visible if both agree.
DASHED = (0, (4, 1.2))
FORMATS = (".png", ".pdf", ".svg")
#: Number of settings of a sweep in a row.
COLUMNS = 3
#: Inches of a panel of a requested observable.
EXTRA = 2.3
MARKS = {"memorised": ("memorised_step", ":"), "generalised": ("generalised_step", "--")}
#: Most observables in a figure, most parts with a name in the legend each, and most marks of a scale of colours.
MOST, NAMED, SCALE_MARKS = 6, 8, 6
#: Quantiles of the networks between which the band lies.
BAND = (0.25, 0.75)
#: Ratio of the largest to the smallest value from which the axis is logarithmic, if all values are above 0.
WIDE = 30.0


def training(trajectory: Trajectory, path: str | Path) -> Path:
    """Draw a training into a file; its suffix decides the format.

    Each network has a thin line; the thick line is the median of the networks that were not lost. Both axes are
    logarithmic, so the initial weights and losses of exactly 0 are not shown. Vertical lines are the median steps at
    which networks memorised (train accuracy 1), arrived on the zero-loss set and generalised (test accuracy 1).
    Each requested observable has a panel (`draw_observed`). Settings of a sweep are side by
    side.

    Args:
        trajectory: the training.
        path: path of the figure.

    Raises:
        UsageError: the suffix is not an image format.
        OutputError: the file cannot be written.
    """
    from matplotlib.figure import Figure

    check_format(path)
    settings = split(trajectory)
    rows = -(-len(settings) // COLUMNS)
    columns = -(-len(settings) // rows)
    height = 7.4 + EXTRA * len(requested(trajectory))
    figure = Figure(figsize=(7.0 * columns, height * rows), layout="constrained")
    places = figure.subfigures(rows, columns, squeeze=False).ravel() if len(settings) > 1 else [figure]
    for place, setting in zip(places, settings):
        one_setting(place, setting)
    write_figure(figure, path, dpi=200)
    return Path(path)


def one_setting(figure: Any, trajectory: Trajectory) -> None:
    """Draw the networks of one setting; for a regression, without accuracies."""
    from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

    labelled = "train_accuracy" in trajectory.observables
    own = requested(trajectory)
    count = 1 + labelled + len(own)
    panels = figure.subplots(1 + count, 1, sharex=True, height_ratios=(1.15, *[1] * count))
    loss, displacement = panels[0], panels[1 + labelled]
    for part, colour, dashes in (("train", BLUE, "-"), ("test", VERMILION, DASHED)):
        draw(loss, trajectory, f"{part}_loss", colour, part, dashes)
        if labelled:
            draw(panels[1], trajectory, f"{part}_accuracy", colour, dashes=dashes)
            panels[1].set(ylabel="accuracy", ylim=(-0.02, 1.04))
    draw(displacement, trajectory, "displacement", GREEN)
    for axes, name in zip(panels[2 + labelled :], own):
        draw_observed(axes, trajectory, name)

    loss.set_yscale("log", nonpositive="mask")
    displacement.set_yscale("log", nonpositive="mask")
    displacement.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    displacement.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    displacement.yaxis.set_minor_formatter(NullFormatter())
    loss.set(ylabel="loss", xscale="log")
    displacement.set(ylabel="distance from start")
    panels[-1].set_xlabel("step")

    marks = {label: event for label, event in MARKS.items() if event[0] in trajectory.events}
    if "arrival_loss" in trajectory.meta:
        marks["arrived on the zero-loss set"] = ("arrival_step", "-.")
        loss.axhline(trajectory.meta["arrival_loss"], color=GREY, linewidth=0.7, label=r"$\theta$ rank(J)")
    for axes in panels:
        mark(axes, trajectory, marks)
        axes.spines[["top", "right"]].set_visible(False)
        axes.margins(x=0.01)
    figure.align_ylabels()
    with remarked(lost(trajectory)):
        write_remark(figure)
    bands = "; bands: middle half of the networks" if own and len(trajectory.events["status"]) > 1 else ""
    figure.suptitle(title(trajectory, ", median thick") + bands, fontsize=10, wrap=True)
    handles, labels = loss.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3, frameon=False, fontsize=9)


def check_format(path: str | Path) -> None:
    """Refuse a file name whose suffix is not an image format.

    Raises:
        UsageError: the suffix is not an image format.
    """
    if Path(path).suffix.lower() not in FORMATS:
        raise UsageError(
            f"no figure can be written as {Path(path).name}",
            "an image format",
            f"end it in {', '.join(FORMATS)}",
        )


def draw(
    axes: Axes, trajectory: Trajectory, name: str, colour: str, label: str = "", dashes: Any = "-"
) -> None:
    """Draw one observable: every network thin; thick the median of those that finished or met a criterion to stop."""
    seen = trajectory.steps > 0
    steps, values = trajectory.steps[seen], trajectory.observables[name][:, seen]
    axes.plot(steps, values.T, color=colour, linewidth=0.6, alpha=0.45)
    sound = np.isin(np.asarray(trajectory.events["status"]), (Status.FINISHED, Status.HIT))
    if sound.any():
        axes.plot(
            steps,
            np.median(values[sound], axis=0),
            color=colour,
            linewidth=1.8,
            label=label,
            linestyle=dashes,
        )


def mark(axes: Axes, trajectory: Trajectory, marks: dict[str, tuple[str, str]]) -> None:
    """Draw a vertical line at the median step of each event that more than half of the networks reached."""
    for label, (event, style) in marks.items():
        steps = np.asarray(trajectory.events[event], dtype=float)
        middle = np.median(np.where(steps < 0, np.inf, steps))
        if 0 < middle < np.inf:
            axes.axvline(middle, color=GREY, linewidth=1.1, linestyle=style, label=label)


def title(trajectory: Trajectory, note: str = "") -> str:
    """Model, number of networks, a note on them, and law of motion."""
    meta: Any = trajectory.meta
    count = len(trajectory.events["status"])
    law = rf"$\theta$ = {number(meta['temperature'])}, learning rate {number(meta['learning_rate'])}"
    if number(meta["weight_decay"]) != "0":
        law += f", weight decay {number(meta['weight_decay'])}"
    return f"{meta['model']}: {counted(count, 'network')}{note}; {law}"


def number(value: Any) -> str:
    """A number as text, or the different values of a sweep."""
    return " / ".join(dict.fromkeys(f"{one:g}" for one in value)) if isinstance(value, list) else f"{value:g}"


def setting_name(trajectory: Trajectory, part: Trajectory) -> str:
    """The swept settings of a run, with their values in one of its parts."""
    return ", ".join(
        f"{name.replace('_', ' ')} {part.meta[name]:g}" for name in trajectory.meta.get("swept", ())
    )


def requested(trajectory: Trajectory) -> list[str]:
    """Names of the observables that were requested and recorded, without their parts; the first `MOST`."""
    recorded = {name.partition("[")[0] for name in trajectory.observables}
    return [name for name in trajectory.meta.get("observed", []) if name in recorded][:MOST]


def draw_observed(axes: Axes, trajectory: Trajectory, name: str) -> None:
    """Draw an observable: for each part the median of the networks that were not lost, and a band of half of them.

    Up to `NAMED` parts are named in a legend, more by a scale of colours, in the order of the parts.

    Args:
        axes: where.
        trajectory: the training.
        name: of the observable, without a part.
    """
    import matplotlib as mpl

    parts, values = _parts(trajectory, name)
    few = len(parts) <= NAMED
    alpha = 0.2 if few else 0.06
    scale = mpl.colormaps["viridis"]
    colours = [one for (one, _), _ in zip(looks(), parts)] if few else scale(np.linspace(0, 1, len(parts)))
    seen = trajectory.steps > 0
    for part, colour, lines in zip(parts, colours, np.moveaxis(values[:, seen], 2, 0)):
        low, middle, high = np.quantile(lines, (BAND[0], 0.5, BAND[1]), axis=0)
        axes.plot(trajectory.steps[seen], middle, color=colour, linewidth=1.4, label=part)
        axes.fill_between(trajectory.steps[seen], low, high, color=colour, alpha=alpha, linewidth=0)
    shown = values[:, seen]
    if shown.size and shown.min() > 0 and shown.max() > WIDE * shown.min():
        axes.set_yscale("log")
    axes.set(ylabel=name.replace("_", " "), xscale="log")
    if few and parts != [""]:
        axes.legend(fontsize=7, ncols=min(len(parts), 4), frameon=False)
    elif not few:
        _scale_of(axes, parts, scale)


def _parts(trajectory: Trajectory, name: str) -> tuple[list[str], FloatArray]:
    """Names of the parts, empty for a single number, and numbers (networks, frames, parts) of those not lost."""
    if name in trajectory.observables:
        parts, values = [""], np.asarray(trajectory.observables[name])[..., None]
    else:
        parts, values = observable_parts(trajectory, name)
    sound = np.isin(np.asarray(trajectory.events["status"]), (Status.FINISHED, Status.HIT))
    return parts, values[sound] if sound.any() else values


def _scale_of(axes: Axes, parts: Sequence[str], scale: Any) -> None:
    """A bar of colours next to the axes, with the names of some parts."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    figure = axes.get_figure()
    assert figure is not None
    places = np.unique(np.linspace(0, len(parts) - 1, SCALE_MARKS).round().astype(int))
    bar = figure.colorbar(ScalarMappable(Normalize(0, len(parts) - 1), scale), ax=axes, pad=0.01, aspect=12)
    bar.set_ticks(places.tolist(), labels=[parts[place] for place in places])
    bar.ax.tick_params(labelsize=7)
    bar.set_label("part", fontsize=8)
