"""The phase diagram of learning: the phase of the networks at each point of a sweep."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from langevin.figures.sweep import VERDICTS, Grid, framed, hatch, layers, legend_below, samples_text, ticks
from langevin.measure.phases import Phase

#: Colour of each phase, and a letter with the same meaning.
PHASES = {
    Phase.CONFUSION: ("#DDDDDD", "C", "black"),
    Phase.MEMORISATION: ("#D55E00", "M", "white"),
    Phase.GROKKING: ("#F0E442", "G", "black"),
    Phase.COMPREHENSION: ("#0072B2", "+", "white"),
}


def draw_phase_diagram(path: str | Path, grid: Grid) -> None:
    """Draw the phase of learning over two axes, or over two axes for each value of a third.

    Raises:
        OutputError: the file cannot be written.
    """
    panels = [*layers(grid)]
    columns = min(len(panels), 3)
    with framed(path, -(-len(panels) // columns), columns) as (figure, places):
        for place, (title, layer) in zip(places, panels):
            _phases(place, layer)
            place.set_title(f"phase of learning, {_phase_remark(layer)}{title}", loc="left")
        for place in places[len(panels) :]:
            place.set_visible(False)
        there = {int(value) for value in grid.value[np.isfinite(grid.value)].tolist()}
        legend_below(figure, {phase.name.lower(): PHASES[phase] for phase in Phase if phase in there})


def _phases(axes: Any, grid: Grid) -> None:
    """Draw cells coloured by phase, each with its letter; hatched if at most half of the networks are in this phase."""
    from matplotlib.colors import to_rgb

    known = {int(phase): look for phase, look in PHASES.items()}
    looks = [
        [known.get(int(value), VERDICTS[""]) for value in row] for row in np.nan_to_num(grid.value, nan=-1.0)
    ]
    colours = np.array([[to_rgb(look[0]) for look in row] for row in looks])
    axes.imshow(colours.swapaxes(0, 1), origin="lower", aspect="auto")
    ticks(axes, grid)
    for (x, y), value in np.ndenumerate(grid.value):
        if np.isfinite(value) and not grid.mixed[x, y]:
            hatch(axes, (x, y))
        axes.text(x, y, looks[x][y][1], ha="center", va="center", fontsize=8, color=looks[x][y][2])


def _phase_remark(grid: Grid) -> str:
    """The number of networks, and the meaning of hatching if there is any."""
    split = (np.isfinite(grid.value) & ~grid.mixed).any()
    return f"most of {samples_text(grid)} networks" + ("; marked: half of them or fewer" if split else "")
