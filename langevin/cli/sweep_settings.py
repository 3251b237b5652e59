"""Settings of a sweep, of its display and of work on other machines, from the options that were typed.

Other machines work over a Dask scheduler, or as jobs of a batch system for the points of a sweep.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from langevin.cli.options import COUNT, number_of
from langevin.cli.paths import FILE, FOLDER
from langevin.errors import UsageError, unfit
from langevin.sweep.plan import Plan

#: Options that name a batch system, and the options for its jobs.
BATCH = ("slurm", "pbs", "lsf")
WORDS = ("cores", "memory", "walltime", "jobs", "queue", "account", "host")
FORM = "cores=N,memory=8GB,walltime=HH:MM:SS[,jobs=N][,queue=NAME][,account=NAME][,host=ADDRESS]"

#: Parts of a run for each worker of a cluster: a worker that ends early then does not wait long.
PARTS = 2

#: For every command that makes one long run.
scheduler_option = click.option(
    "--scheduler",
    metavar="tcp://HOST:PORT",
    help="Dask scheduler whose workers do the work; never changes a result.  [default: this process does it]",
)


def place_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options of a sweep that is made by jobs of a batch system."""
    for name in reversed(BATCH):
        text = f"Run a sweep as jobs of {name.upper()}, which this command submits and ends."
        command = click.option(f"--{name}", metavar="NAME=VALUE,...", expose_value=False, help=text)(command)
    return command


def chosen_place(given: Mapping[str, Any]) -> dict[str, str]:
    """The option that names a place, and its value; empty if points are made on this machine.

    Raises:
        UsageError: two places are named, or the settings of the jobs do not fit.
    """
    named = {name: str(given[name]) for name in ("scheduler", *BATCH) if given.get(name)}
    if len(named) > 1:
        raise UsageError(
            f"a sweep is made in one place, and {' and '.join(f'--{name}' for name in named)} name several",
            "name one place", "leave all but one out",
        )  # fmt: skip
    for name in set(named) & set(BATCH):
        jobs_of(name, named[name])
    return named


@contextmanager
def executor_of(place: Mapping[str, str]) -> Iterator[tuple[Executor, int]]:
    """An executor of the place, and the number of tasks that it does at once.

    Raises:
        UsageError: Dask is not installed.
        WorkersLost: no scheduler answers at the address.
    """
    from langevin import cluster

    ((name, value),) = place.items()
    if name == "scheduler":
        with cluster.connected(value) as executor:
            yield executor, max(1, cluster.workers_of(executor))
        return
    jobs = jobs_of(name, value)
    begin = {"slurm": cluster.on_slurm, "pbs": cluster.on_pbs, "lsf": cluster.on_lsf}[name]
    with begin(jobs) as executor:
        yield executor, jobs.jobs * jobs.cores


def jobs_of(option: str, text: str) -> Any:
    """The jobs that an option requests from a batch system.

    Args:
        option: name of the option.
        text: value of the option.

    Raises:
        UsageError: another form.
    """
    from langevin.cluster import Jobs

    pairs = [part.partition("=") for part in text.split(",")]
    found: dict[str, Any] = {name: value for name, _, value in pairs}
    missing = [name for name in WORDS[:3] if not found.get(name)]
    if missing or set(found) - set(WORDS):
        raise unfit(f"--{option}", f"takes {FORM}", f"{text!r}")
    for name in {"cores", "jobs"} & set(found):
        found[name] = number_of(f"{name} of --{option}", found[name], COUNT)
    return Jobs(**found)


def spread(address: str | None) -> dict[str, Any]:
    """The `executor` of a scheduler, until the command ends, and the number of `tasks` of its work; empty without one.

    Raises:
        UsageError: no address of a scheduler, or Dask is not installed.
        WorkersLost: no scheduler answers at the address.
    """
    if address is None:
        return {}
    from langevin.cluster import connected, workers_of

    executor = click.get_current_context().with_resource(connected(address))
    return {"executor": executor, "tasks": PARTS * workers_of(executor) or None}


@dataclass(frozen=True)
class SweepSettings:
    """How a sweep is made and shown: nothing here changes a number.

    A single job is done in this process (`alone`); a process of the pool may die and be replaced.
    """

    folder: Path
    jobs: int
    alone: bool
    task: tuple[int, int]
    threads: int | None
    dry_run: bool
    retry_failed: bool
    force: bool
    quiet: bool
    as_json: bool
    plot: Path | None
    figure: str | None
    elsewhere: Mapping[str, str]


def sweep_settings_of(plan: Plan, given: Mapping[str, Any]) -> SweepSettings:
    """The options on how a sweep is made, checked; the folder is by default named after what is swept.

    Args:
        plan: the plan.
        given: options by name.
    """
    from langevin.ensemble.checks import thread_count

    threads, jobs = given.get("threads"), given.get("jobs")
    subject = next(
        (plan.fixed[name] for name in ("manifold", "potential", "model") if name in plan.fixed), plan.command
    )
    name = re.sub(r"[^A-Za-z0-9_-]", "_", subject.rpartition(".")[2])
    figure = given.get("figure")
    if figure not in (None, "phases") or (figure and not given.get("plot")):
        raise unfit(
            "--figure of a sweep",
            "must be phases, together with --plot FILE",
            f"{figure!r}",
            "name it, or leave it out",
        )
    count = thread_count(None) if jobs is None else number_of("--jobs", jobs, COUNT)
    return SweepSettings(
        folder=FOLDER.convert(given.get("out") or f"{name}-sweep", None, None),
        jobs=count,
        alone=jobs is not None and count == 1,
        task=parse_task(given.get("task", "1/1")),
        threads=None if threads is None else number_of("--threads", threads, COUNT),
        dry_run=bool(given.get("dry-run")),
        retry_failed=bool(given.get("retry-failed")),
        force=bool(given.get("force")),
        quiet=bool(given.get("quiet")),
        as_json=bool(given.get("json")),
        plot=FILE.convert(given["plot"], None, None) if given.get("plot") else None,
        figure=figure,
        elsewhere=chosen_place(given),
    )


def parse_task(text: str) -> tuple[int, int]:
    """`I/N` as two whole numbers.

    Raises:
        UsageError: anything else.
    """
    first, slash, count = text.partition("/")
    if not (slash and text.isascii() and first.isdigit() and count.isdigit()):
        raise unfit("--task", "takes I/N with I from 1 to N", f"{text!r}")
    numbers = number_of("--task", first, COUNT), number_of("--task", count, COUNT)
    if numbers[0] > numbers[1]:
        raise unfit("--task", "takes I/N with I from 1 to N", f"{text!r}")
    return numbers
