"""Choose what a figure of a sweep shows, and draw it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from langevin.errors import UsageError, unfit
from langevin.figures.phases import draw_phase_diagram
from langevin.figures.sweep import MOST_PANELS, Grid, draw_curve, draw_diagram
from langevin.sweep.results import Sweep, arrays_of
from langevin.sweep.rows import PHASE


def draw_sweep(
    path: str | Path,
    sweep: Sweep,
    quantity: str | None = None,
    theory: str | None = None,
    verdicts: bool = False,
) -> None:
    """Draw one quantity of a sweep: a curve over one axis, a phase diagram over two, several phase diagrams over three.

    Args:
        path: path of the figure.
        sweep: a sweep with a finished point.
        quantity: the quantity; by default the first measured one.
        theory: the theory of the verdicts, and of the values next to a phase diagram; by default the first.
        verdicts: whether the colours of a phase diagram show verdicts.

    Raises:
        UsageError: no such quantity or theory, no axis, or more than three.
        OutputError: the file cannot be written.
    """
    grid = grid_of(sweep, quantity, theory)
    if len(grid.axes) == 1:
        draw_curve(path, grid)
        return
    if verdicts and not grid.theory:
        raise UsageError(
            f"{grid.quantity} is not compared with a theory, so there are no verdicts",
            "a quantity with a theory",
            "draw its values",
        )
    draw_diagram(path, grid, verdicts)


def draw_phases(path: str | Path, sweep: Sweep) -> None:
    """Draw the phase of learning of the networks of a sweep of trainings, over two or three axes.

    Args:
        path: path of the figure.
        sweep: a sweep of trainings.

    Raises:
        UsageError: the sweep has no trainings on labels, or another number of axes.
        OutputError: the file cannot be written.
    """
    if PHASE not in {row.quantity for row in sweep.rows}:
        raise UsageError(
            f"the runs of {sweep.folder} say no phase of learning",
            "trainings on labels with a test set",
            "draw values",
        )
    grid = grid_of(sweep, PHASE, None)
    if len(grid.axes) < 2:
        raise UsageError(
            f"{sweep.folder} has one axis, and phases are drawn over two or three",
            "two axes or three",
            "draw values",
        )
    draw_phase_diagram(path, grid)


def grid_of(sweep: Sweep, quantity: str | None, theory: str | None) -> Grid:
    """One quantity of a sweep over the axes along which it varies.

    Args:
        sweep: a sweep with a finished point.
        quantity: the quantity; by default the first measured one.
        theory: the theory of the verdicts; by default the first one with numbers.

    Raises:
        UsageError: no such quantity or theory, no axis, or more than three.
    """
    quantities = list(dict.fromkeys(row.quantity for row in sweep.rows))
    if quantity is not None and quantity not in quantities:
        raise unfit("the quantity", f"must be one of {', '.join(quantities)}", repr(quantity))
    chosen = quantities[0] if quantity is None else quantity
    rows = [row for row in sweep.rows if row.quantity == chosen]
    theories = list(dict.fromkeys(row.theory for row in rows if row.theory))
    if theory is not None and theory not in theories:
        raise unfit("the theory", f"must be one of {', '.join(theories) or 'none'}", repr(theory))
    arrays, order = arrays_of(sweep)
    at = order["quantity"].index(chosen)
    axes = {name: values for name, values in sweep.axes.items() if len(values) > 1}
    _check_axes(sweep, axes)
    keep = tuple(0 if name not in axes else slice(None) for name in sweep.axes)
    counts = arrays["n"][(*keep, at)][np.isfinite(arrays["value"][(*keep, at)])]
    predicted = {}
    for name in theories:
        cell = (*keep, at, order["theory"].index(name))
        predicted[name] = np.where(arrays["in_range"][cell], arrays["predicted"][cell], np.nan)
    known = [name for name in theories if np.isfinite(predicted[name]).any()]
    if not counts.size:
        raise UsageError(
            f"no finished point of {sweep.folder} has a number of {chosen}", "one or more", "draw another"
        )
    named = theory or next(iter([*known, *theories]), "")
    words = arrays["verdict"][(*keep, at, order["theory"].index(named))] if named else np.zeros(1, str)
    value, error, mixed, bound = (arrays[name][(*keep, at)] for name in ("value", "error", "mixed", "bound"))
    shown = {name.removeprefix("p."): values for name, values in axes.items()}
    count = int(counts.min()), int(counts.max())
    return Grid(shown, chosen, value, error, mixed, bound, count, predicted, named, words)


def _check_axes(sweep: Sweep, axes: dict[str, tuple[float | str, ...]]) -> None:
    if not 1 <= len(axes) <= 3 or (len(axes) == 3 and len(list(axes.values())[2]) > MOST_PANELS):
        names = ", ".join(f"{name} ({len(values)} values)" for name, values in axes.items()) or "none"
        raise UsageError(
            f"{sweep.folder} has {len(axes)} axes: {names}",
            f"a figure has one to three, the third with at most {MOST_PANELS} values",
            "draw a part of it from langevin.load_sweep(...).to_dataframe()",
        )  # fmt: skip
