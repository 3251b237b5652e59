"""Panels of the requested observables of a training: each with all its parts, against the step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from langevin.figures.canvas import looks
from langevin.sgld import observable_parts
from langevin.types import FloatArray, Status, Trajectory

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Most observables in a figure, most parts with a name in the legend each, and most marks of a scale of colours.
MOST, NAMED, MARKS = 6, 8, 6
#: Quantiles of the networks between which the band lies.
BAND = (0.25, 0.75)
#: Ratio of the largest to the smallest value from which the axis is logarithmic, if all values are above 0.
WIDE = 30.0


def asked(trajectory: Trajectory) -> list[str]:
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
    places = np.unique(np.linspace(0, len(parts) - 1, MARKS).round().astype(int))
    bar = figure.colorbar(ScalarMappable(Normalize(0, len(parts) - 1), scale), ax=axes, pad=0.01, aspect=12)
    bar.set_ticks(places.tolist(), labels=[parts[place] for place in places])
    bar.ax.tick_params(labelsize=7)
    bar.set_label("part", fontsize=8)
