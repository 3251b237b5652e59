"""`langevin plan`: how many walkers separate the theories of a landscape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from langevin.cli.given import chosen_landscape
from langevin.cli.narrow import show
from langevin.cli.settings import ONLY_SWEEPS
from langevin.cli.simulate import parsed, simulate

if TYPE_CHECKING:
    from langevin.comparison.plan import Need
    from langevin.types import Trajectory

#: Options of a run that a plan of its size does not use; the options of a sweep are among them.
UNWANTED = {"resume", "extend", "out", "force", "plot", "check_dt", "scheduler", "config"} | {
    name.replace("-", "_") for name in ONLY_SWEEPS
}


@click.command(params=[option for option in simulate.params if option.name not in UNWANTED])
def plan(
    manifold: str | None, potential: str | None, pairs: tuple[str, ...], field: str | None,
    field_pairs: tuple[str, ...], dim: int | None, quiet: bool,
    as_json: bool, samples: str | None, integrator_pairs: tuple[str, ...], **options: Any,
) -> None:  # fmt: skip
    """Compute how many walkers and steps can distinguish the theories of a landscape.

    Takes the options of `langevin simulate`, runs a pilot with them (by default the ordinary run), and computes from
    the spread that it measured how many walkers would exclude one theory if the other is true, with probability
    0.9, at a family-wise level of 5 %, and how many steps these take together at the step of the pilot.

    \b
    Examples:
      langevin plan --manifold cube --samples 4:8
      langevin plan --potential double-well --temperature 0.1
    """  # noqa: D301
    import json
    from dataclasses import asdict

    from langevin.cli.run_and_show import parse_samples, progress_bar
    from langevin.comparison.plan import walkers_needed
    from langevin.errors import UsageError
    from langevin.experiment import Settings, run
    from langevin.experiment.report import check_survivors

    if options["temperature"] == 0.0:
        raise UsageError("at temperature 0 there are no theories to distinguish: give --temperature above 0")
    make, dials, _ = chosen_landscape(manifold, potential, pairs, dim, field, field_pairs)
    options |= parsed(options, integrator_pairs)
    with progress_bar(quiet) as progress:
        numbers = None if samples is None else parse_samples(samples)
        report = run(make, dials, Settings(progress=progress, **options), numbers)
    needs = walkers_needed(
        report.comparisons, steps=lambda point: steps_of_a_walker(report.trajectory, point)
    )
    if as_json:
        click.echo(json.dumps([asdict(need) for need in needs], indent=2))
    else:
        show(f"{report.title}\n\n{_as_text(needs)}")
    check_survivors(report.trajectory)


def steps_of_a_walker(trajectory: Trajectory, point: float) -> float:
    """Mean number of steps over the walkers; over the walkers at this point, if the run has several ensembles.

    Args:
        trajectory: the run.
        point: number of samples of an ensemble.
    """
    import numpy as np

    steps, labels = np.asarray(trajectory.events["step"]), trajectory.events.get("samples")
    own = slice(None) if labels is None else np.asarray(labels) == point
    return float(steps[own].mean())


def _as_text(needs: list[Need]) -> str:
    import math

    from langevin.comparison import format_table

    if not needs:
        return "No two theories are in their range at the same point: there is nothing to separate."
    rows = [
        (need.point, need.first, need.second, need.gap, need.spread,
         *((f"{need.walkers:.0f}", f"{need.steps:.3g}") if math.isfinite(need.walkers)
           else ("none: no gap beyond their remainders", "-")))
        for need in needs
    ]  # fmt: skip
    return format_table(
        ("point", "theory", "other theory", "gap", "spread of a walker", "walkers needed", "steps in all"),
        rows,
    )
