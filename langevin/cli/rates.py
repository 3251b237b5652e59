"""Carry out rates and show them: files, progress, text or JSON, figure."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from langevin.cli.extended import Extended, check_target, keep_and_show, told_of_another
from langevin.cli.keeping import claim
from langevin.cli.measured import rates_measured
from langevin.cli.options import draw_seed
from langevin.cli.resumed import told_how_it_goes_on
from langevin.cli.run_and_show import check_figure, progress_bar
from langevin.cli.unfinished import check_free
from langevin.cli.unfinished_rate import (
    UnfinishedRates,
    is_unfinished,
    keeper,
    progress_of,
    reopen,
    told_what_is_finished,
)
from langevin.experiment.asking import rounds_told_by
from langevin.experiment.own_landscape import origin_of
from langevin.experiment.rare_escape import check_theories, check_walks, rate_answer
from langevin.experiment.rate_extension import extended_walks
from langevin.experiment.rate_plan import RatePlan, check_plan, rate_plan
from langevin.experiment.rate_walk import walk
from langevin.store import check_writable, discard

if TYPE_CHECKING:
    from langevin.experiment.own_theory import OwnTheory
    from langevin.types import Trajectory


def run_and_show(
    make: Callable[..., Any], dials: dict[str, Any], path: Path, found: UnfinishedRates | None,
    extended: Extended | None, *, seed: int | None, force: bool, plot: Path | None, as_json: bool, quiet: bool,
    threads: int | None, own: tuple[OwnTheory, ...], over: dict[str, Any], **asked: Any,
) -> None:  # fmt: skip
    """Walk for rates, save them and print the answer.

    Args:
        make: factory of the landscape.
        dials: its arguments.
        path: file to write.
        found: unfinished rates that go on, as they were before the claim.
        extended: finished rates that are extended.
        seed: drawn if not given.
        force: whether what is there may be replaced.
        plot: file of the figure.
        as_json: print JSON.
        quiet: print the answer only.
        threads: of the machine.
        own: user-defined theories of the mean time.
        over: the executor over whose workers the walks are cut, and into how many tasks; empty without.
        asked: arguments of `rate_plan`.
    """
    claim(path, plot)
    figure = None if plot is None else check_figure(plot, "--plot")
    if extended:
        check_target(path, extended.file, force)
        found = reopen(path) if is_unfinished(path) else None
    elif found:  # until the claim its writer may have gone on
        found = reopen(path)
        check_free(path, force)
    else:
        check_writable(path, force, remedy="resume it by --resume, ")
    seed = found.seed if found and seed is None else draw_seed(seed)
    landscape = make(**dials)
    plan = rate_plan(landscape, seed=seed, origin=origin_of(make, dials, landscape), **asked)
    check_plan(plan)
    check_theories(own, landscape, plan.dynamics)
    run = _walked(plan, path, found, extended, quiet, threads=threads, **over)
    report = rate_answer(landscape, plan.dynamics, run, own)
    keep_and_show(
        report, rates_measured(report), path, extended, seed=seed, force=force, figure=figure, as_json=as_json,
        quiet=quiet,
    )  # fmt: skip
    check_walks(report.trajectory)


def _walked(
    plan: RatePlan,
    path: Path,
    found: UnfinishedRates | None,
    extended: Extended | None,
    quiet: bool,
    **how: Any,
) -> Trajectory:
    """The run of a plan, of which what was done before is not walked again."""
    before = extended_walks(plan, extended.run) if extended else ()
    with told_of_another(path, extended):
        begun = progress_of(found, plan, before)
    if not found:
        discard(path)
    with (
        progress_bar(quiet, rounds_told_by) as progress,
        told_how_it_goes_on(path, quiet),
        told_what_is_finished(path, quiet),
    ):
        kept = keeper(path, plan, before)
        return walk(plan, progress=progress, checkpoint=kept, begun=begun, before=before, **how)
