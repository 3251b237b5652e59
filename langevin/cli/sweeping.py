"""Make a sweep: a folder of run files, one for each point of a plan."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from langevin import stopping
from langevin.cli.plugins import NAMED
from langevin.cli.points import Job, jobs_of
from langevin.cli.sweep_point import Expected, Made, Task, make_point
from langevin.cli.sweep_settings import SweepSettings, executor_of, sweep_settings_of
from langevin.ensemble.checks import thread_count
from langevin.errors import OutputError
from langevin.sgld.programs import programs_shared
from langevin.store.atomic import replace_file
from langevin.store.decode import Findings
from langevin.sweep.folder import (
    PLAN,
    State,
    changed_since,
    keep_failure,
    keep_plan,
    run_files,
    state_of,
)
from langevin.sweep.plan import Plan
from langevin.sweep.plan_file import plan_text, read_plan
from langevin.sweep.pool import carry_out, processes
from langevin.sweep.rows import SWEEP

#: Points submitted to each process before one of them ends, so that no process waits for a point.
AHEAD = 3


def make_sweep(plan: Plan, given: Mapping[str, Any]) -> None:
    """Make all points of a plan that are not finished yet, and show their results.

    Args:
        plan: of the sweep.
        given: options on how it is made, by their names.

    Raises:
        UsageError: a setting that the command does not have, or points whose content has changed since.
        NumericalError: points failed; all others are made.
    """
    from langevin.cli.run_and_show import check_figure

    how = sweep_settings_of(plan, given)
    if how.plot is not None:
        check_figure(how.plot, "--plot")
    plan = _with_plugins(_with_seed(plan, how.folder))
    jobs = jobs_of(plan, how.folder)
    _check_changed(jobs, how.force)
    if how.dry_run:
        from langevin.cli.points import show_points

        show_points(jobs, how.jobs, how.as_json)
        return
    _keep(plan, how.folder)
    with _shows_how_to_continue(how):
        known = _make(_due(jobs[how.task[0] - 1 :: how.task[1]], how), how)
    from langevin.cli.swept import show_sweep

    try:
        show_sweep(jobs, how, known)
    finally:
        _check_there(how.folder)


def _check_there(folder: Path) -> None:
    """Make sure, after a sweep, that its folder is still there.

    Raises:
        OutputError: it was removed.
    """
    if not (folder / PLAN).is_file():
        raise OutputError(f"{folder} was removed while the sweep went on: begin it again")


@contextmanager
def _shows_how_to_continue(how: SweepSettings) -> Iterator[None]:
    """If a sweep is stopped, print how to continue it."""
    try:
        yield
    except (KeyboardInterrupt, SystemExit):
        if not how.quiet:
            click.echo(f"stopped; the same command continues in {how.folder}", err=True)
        raise


def _with_seed(plan: Plan, folder: Path) -> Plan:
    """The plan with a root seed: the typed seed, else the seed of the folder, else a seed that is drawn."""
    if "seed" in plan.fixed or _varies(plan, "seed"):
        return plan
    seed = str(secrets.randbits(31))
    if (folder / PLAN).is_file():
        seed = read_plan(folder / PLAN)[0].fixed.get("seed", seed)
    return replace(plan, fixed={**plan.fixed, "seed": seed})


def _with_plugins(plan: Plan) -> Plan:
    """The plan with the folders of plugins that were named before the command, or after `sweep`."""
    named = click.get_current_context().meta.get(NAMED, ())
    if not named or _varies(plan, "plugins"):
        return plan
    known = plan.fixed["plugins"].split(os.pathsep) if "plugins" in plan.fixed else []
    folders = os.pathsep.join(dict.fromkeys((*known, *named)))
    return replace(plan, fixed={**plan.fixed, "plugins": folders})


def _varies(plan: Plan, name: str) -> bool:
    """Whether a setting differs from point to point."""
    axes = [axis.name for axis in (*plan.grid, *plan.zipped)]
    return name in axes or any(name in point for point in plan.points)


def _check_changed(jobs: Sequence[Job], force: bool) -> None:
    """Refuse to continue a folder whose finished points were made with other functions or versions.

    Raises:
        OutputError: there are some, and `force` is not given, which removes them.
    """
    changed = changed_since([job.place for job in jobs])
    if changed and not force:
        raise OutputError(
            f"{changed[0].parent} holds {len(changed)} of {len(jobs)} points, such as {changed[0].name}, that were "
            "made with other functions, another network or other versions than there are now",
            "points of one sweep are made alike",
            "name another folder by --out, or pass --force to make these anew",
        )
    for file in changed:
        file.unlink(missing_ok=True)


def _keep(plan: Plan, folder: Path) -> None:
    """Make the folder, and keep the plan in it.

    Raises:
        OutputError: something else has its name, or the operating system refuses.
    """
    from langevin.store.atomic import output_errors

    with output_errors(folder):
        if folder.is_dir() and any(folder.iterdir()) and not ((folder / PLAN).is_file() or run_files(folder)):
            raise OutputError(f"{folder} is a folder of something else: name another one by --out")
        folder.mkdir(exist_ok=True)
    text = plan_text(plan)
    if not (folder / PLAN).is_file() or (folder / PLAN).read_bytes() != text.encode():
        keep_plan(folder, text)


def _due(jobs: Sequence[Job], how: SweepSettings) -> list[Job]:
    """The points that are to be made: failed points only if that is requested."""
    due = []
    for job in jobs:
        state = state_of(job.place)
        if state is State.FAILED and (how.retry_failed or how.force):
            job.place.failure.unlink(missing_ok=True)
            state = State.MISSING
        if state in (State.MISSING, State.BEGUN):
            due.append(job)
    return due


def _make(jobs: Sequence[Job], how: SweepSettings) -> dict[Path, Findings]:
    """Make points, in one or several processes, and print a line for each. Return the findings of each file."""
    from langevin.cli.swept import progress

    known: dict[Path, Findings] = {}
    if not jobs:
        return known
    workers = min(how.jobs, len(jobs))
    threads = how.threads or (1 if how.elsewhere else max(1, thread_count(None) // workers))
    tasks = {str(job.place.file): job for job in jobs}
    with progress(jobs, how.quiet) as (report, tick):

        def ended(task: Task, result: Made | Exception) -> None:
            made = result if isinstance(result, Made) else Made(3, str(result), False, 0.0)
            _take(tasks[task.file], made)
            if made.kept and made.found is not None:
                known[tasks[task.file].place.file] = made.found
            report(tasks[task.file], made)

        every = [_task(job, threads, ships=bool(how.elsewhere)) for job in jobs]
        if how.elsewhere:
            with executor_of(how.elsewhere) as (executor, at_once):
                carry_out(every, make_point, lambda: executor, AHEAD * at_once, ended, tick)
        elif how.alone:
            _alone(every, ended)
        else:
            with processes(workers) as renewed:
                carry_out(every, make_point, renewed, AHEAD * workers, ended, tick)
    return known


def _alone(tasks: Sequence[Task], ended: Callable[[Task, Made], None]) -> None:
    """Make points one after the other in this process, and discard their output."""
    with programs_shared():
        for task in tasks:
            stopping.check()
            with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere):
                made = make_point(task)
            ended(task, made)


def _task(job: Job, threads: int, ships: bool) -> Task:
    how = ("--quiet",) if job.words[0] == "train" else ("--quiet", "--threads", str(threads))
    expected = Expected(job.words[0], dict(job.point.settings), dict(job.content))
    return Task(job.words, str(job.place.file), how, {SWEEP: dict(job.point.settings)}, expected, ships)


def _take(job: Job, made: Made) -> None:
    """Keep the outcome of a point: its file, if it was shipped, or the reason why there is none.

    Raises:
        OutputError: the operating system refuses to write it, which is no failure of the point.
    """
    if made.content is not None:
        replace_file(job.place.file, made.content)
    if made.code == OutputError.exit_code and not made.taken:
        raise OutputError(made.message)
    if not made.kept and not made.taken:
        keep_failure(job.place, made.message, made.code)
