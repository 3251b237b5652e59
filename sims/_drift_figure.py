"""The figure of the sim `curvature_drift`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from langevin.figures.canvas import COLOURS, MEASURED, canvas
from langevin.figures.panels import bars, panels, residuals_under
from langevin.measure.combined import scaled
from langevin.types import Comparison

#: Marks of motions that are no member of the family a^gamma; they are open, because they lie on points of this family.
OTHERS = {"soft": ("^", COLOURS[4]), "isotropic kicks": ("^", COLOURS[4]), "label noise": ("s", COLOURS[3])}
MOTIONS = {"gauss-newton": "Gauss-\nNewton"}


def draw(path: str, rows: Sequence[Comparison]) -> None:
    """Strength of the drift of each motion; its shape, and the size of a step, against the exponent of the noise.

    Args:
        path: of the figure.
        rows: comparisons; the name of their theory is "quantity: motion".
    """
    found: dict[str, dict[str, Comparison]] = {}
    for row in rows:
        quantity, name = row.theory.split(": ")
        found.setdefault(quantity, {})[name] = row
    with canvas(path, "Strength of the drift, isotropic kicks", width=12.0, height=5.0) as axes:
        _, middle, right = panels(axes, 1, 3)
        _strengths(axes, found["strength"])
        low = _against_gamma(middle, found["shape"], "drift down $a^\\gamma$", difference=True)
        middle.axhline(0, linestyle="-.", color=COLOURS[0], linewidth=1, label="log-det law")
        middle.axhline(1, linestyle=":", color=COLOURS[1], linewidth=1, label="trace law")
        middle.set_title("Shape of the drift, noise of covariance $a^\\gamma$", loc="left")
        middle.set(ylabel="exponent of the drift")
        low.set_ylabel("(measured - law)\n/ standard error", fontsize=8)
        _against_gamma(right, found["size of a step"], "law, covariance $a^\\gamma$", difference=False)
        right.set_title("Size of a step, stiff side over flat side", loc="left")
        right.set(ylabel="ratio of squared displacements")
        axes.legend(loc="upper left", bbox_to_anchor=(0.0, 0.93))
        for panel in (middle, right):
            panel.legend(loc="upper left")


def _strengths(axes: Any, rows: Mapping[str, Comparison]) -> None:
    """Strength by motion, and its difference to the law."""
    low = residuals_under(axes, difference=True)
    places = range(len(rows))
    for height, law, colour in zip((0, 1, 2), ("no drift", "log-det law", "twice log-det law"), COLOURS):
        axes.axhline(height, linestyle="--", color=colour, linewidth=1, label=law)
    bars(axes, places, [row.measured for row in rows.values()], MEASURED, "o", "simulation, 95 % interval",
         linestyle="none")  # fmt: skip
    bars(low, places, [_excess(row) for row in rows.values()], MEASURED, "o", "", linestyle="none")
    axes.set(ylabel="drift / drift of the log-det law", xlim=(-0.5, len(rows) - 0.5))
    low.set_xticks(places, [MOTIONS.get(name, name) for name in rows])
    low.set_ylabel("measured - law", fontsize=8)


def _against_gamma(axes: Any, rows: Mapping[str, Comparison], law: str, difference: bool) -> Any:
    """Numbers against the exponent of the noise; below, their difference to the law in standard errors, or ratio."""
    low = residuals_under(axes, difference)
    swept = {float(name[2:]): row for name, row in rows.items() if name.startswith("a^")}
    axes.plot(list(swept), [row.predicted.value for row in swept.values()], "--", color=COLOURS[2], label=law)
    drawn = [(list(swept), list(swept.values()), "o", MEASURED, "covariance $a^\\gamma$", "full")]
    for name, (mark, colour) in OTHERS.items():
        if name in rows:
            place = 1.0 if name == "label noise" else 0.0
            drawn.append(([place], [rows[name]], mark, colour, name, "none"))
    for places, some, mark, colour, label, fill in drawn:
        style = {"linestyle": "none", "fillstyle": fill}
        bars(axes, places, [row.measured for row in some], colour, mark, f"{label}, 95 % interval", **style)
        over = [
            scaled(_excess(row), 1 / row.measured.error)
            if difference
            else scaled(row.measured, 1 / row.predicted.value)
            for row in some
        ]
        bars(low, places, over, colour, mark, "", **style)
    low.set(xlabel="exponent $\\gamma$ of the noise covariance")
    return low


def _excess(row: Comparison) -> Any:
    """Measured minus predicted."""
    return replace(row.measured, value=row.measured.value - row.predicted.value, law=None)
