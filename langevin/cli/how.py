"""How a sweep is made and shown, from the options that were typed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from langevin.cli.elsewhere import chosen_place
from langevin.cli.options import COUNT, number_of
from langevin.cli.paths import FILE, FOLDER
from langevin.ensemble.checks import thread_count
from langevin.errors import unfit
from langevin.sweep.plan import Plan


@dataclass(frozen=True)
class How:
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


def how_of(plan: Plan, given: Mapping[str, Any]) -> How:
    """The options on how a sweep is made, checked; the folder is by default named after what is swept.

    Args:
        plan: the plan.
        given: options by name.
    """
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
    return How(
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
