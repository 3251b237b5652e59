"""Embeddings of residues in the plane of their strongest frequency: whether they form a circle, and in which order."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from langevin.figures.canvas import canvas
from langevin.figures.panels import GREY, panels

#: Largest number of networks in a figure.
MOST = 6
#: Spread over mean of the distances of a Gaussian cloud (Rayleigh distribution): no circle at all.
CLOUD = (4 / math.pi - 1) ** 0.5


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
    shown = tables[:MOST]
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
