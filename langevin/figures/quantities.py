"""Several measured quantities, each with its own scale, and the theories that are in range."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from langevin.figures.canvas import canvas, error_bars, in_symbols, looks
from langevin.figures.panels import panels
from langevin.types import Comparison, Measurement

COLUMNS = 4


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
