"""The table of a sweep of trainings: a line for each point, with its delay and its share of networks."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from langevin.cli.training_text import STEPS
from langevin.sweep.rows import DELAY, PHASE, SHARE
from langevin.words import format_mean, too_few

if TYPE_CHECKING:
    from langevin.sweep.results import Sweep
    from langevin.sweep.rows import Row

MEMORISED, GENERALISED = (
    f"step at which it {STEPS[name]}" for name in ("memorised_step", "generalised_step")
)
HEADER = ("memorised", "generalised", "delay", "share", "phase of most", "n")
MEANING = (
    "delay: steps from memorising to generalising, of networks that memorised; share: of networks that generalised; "
    "all else: --json, or `langevin plot FOLDER --quantity NAME`"
)


def of_trainings(sweep: Sweep) -> bool:
    """Whether all points are trainings of which it is known when they memorised and generalised."""
    by_file: dict[str, set[str]] = {}
    for row in sweep.rows:
        by_file.setdefault(row.file, set()).add(row.quantity)
    return all({MEMORISED, GENERALISED} <= quantities for quantities in by_file.values())


def trainings_table(sweep: Sweep, most: int) -> str:
    """A line for each point.

    Args:
        sweep: trainings.
        most: number of lines, at most.
    """
    from langevin.comparison import format_table

    points: dict[tuple[float | str, ...], dict[str, Row]] = {}
    for row in sweep.rows:
        points.setdefault(tuple(sweep.place(row).values()), {})[row.quantity] = row
    shown = [*points.items()][:most]
    lines = [(*place, *_cells(found)) for place, found in shown]
    header = (*(name.removeprefix("p.") for name in sweep.axes), *HEADER)
    rest = len(points) - len(shown)
    more = f"... and {rest} points more: langevin.load_sweep({str(sweep.folder)!r}).to_dataframe()"
    few = too_few(found[name].n for _, found in shown for name in (GENERALISED, DELAY) if name in found)
    return "\n".join([format_table(header, lines), *([more] if rest else []), *few, MEANING])


def _cells(found: dict[str, Row]) -> tuple[str | int, ...]:
    memorised, generalised = found[MEMORISED], found[GENERALISED]
    delay, share, phase = (found.get(name) for name in (DELAY, SHARE, PHASE))
    return (
        _number(memorised.value, memorised.error, memorised.n, memorised.bound),
        _number(generalised.value, generalised.error, generalised.n, generalised.bound),
        _number(delay.value, delay.error, delay.n, delay.bound) if delay else "-",
        f"{share.value:.2g}" if share else "-",
        phase.note.partition(" networks")[0] if phase else "-",
        generalised.n,
    )


def _number(value: float, error: float, n: int, bound: bool) -> str:
    if bound:
        return f"> {value:.4g}"
    return format_mean(value, math.inf if math.isnan(error) else error, n)
