"""Changes of several quantities along a zero-loss set, measured and predicted, each in units of its own size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from langevin.figures.canvas import COLOURS, canvas, error_bars
from langevin.types import Comparison, Measurement


def flatness(
    path: str, measured: Mapping[str, Measurement], comparisons: Sequence[Comparison], title: str
) -> None:
    """Draw measured over predicted changes: every quantity is divided by the change that the first law predicts.

    Args:
        path: of the figure.
        measured: changes by quantity.
        comparisons: of the changes with the laws; the law of the step comes first.
        title: of the figure.
    """
    with canvas(path, title) as axes:
        laws = list(dict.fromkeys(row.theory for row in comparisons))
        told = [(name, moved) for name, moved in measured.items() if moved.value or moved.error]
        for place, (_, moved) in enumerate(told):
            own = [row for row in comparisons if row.measured is moved]
            sizes = [abs(row.predicted.value) for row in own] + [abs(moved.value), 1.0]
            unit = next(size for size in sizes if 0.0 < size < float("inf"))
            for row in own:
                colour = COLOURS[laws.index(row.theory) % len(COLOURS)]
                height = row.predicted.value / unit
                axes.plot([place - 0.3, place + 0.3], [height, height], color=colour, linestyle="--",
                          label=row.theory if place == 0 else None)  # fmt: skip
            error_bars(axes, [place], [moved.value / unit], [1.96 * moved.error / unit],
                       f"simulation, 95 % interval, n = {moved.n}" if place == 0 else "")  # fmt: skip
        axes.set_xticks(range(len(told)), labels=[name for name, _ in told])
        axes.set(ylabel="change over that of the step's law")
        if told:
            axes.legend()
