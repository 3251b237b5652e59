"""Carry out a training, with what a terminal shows of it on the way."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from langevin.cli.unfinished import Job
    from langevin.sgld import Model, Plan
    from langevin.types import Trajectory


def run(
    network: Model,
    plan: Plan,
    visit: Callable[[int, list[Any]], object] | None,
    quiet: bool,
    path: Path,
    job: Job,
    state: Mapping[str, Any] | None,
    executor: Executor | None = None,
) -> Trajectory:
    """Carry the plan out with a line on the law of motion, a progress bar on a terminal, and warnings as sentences."""
    from tqdm import tqdm

    from langevin.cli.begun import to_resume
    from langevin.cli.unfinished import keeper, words_of
    from langevin.errors import WorkersLost
    from langevin.sgld import Callbacks, execute
    from langevin.store.atomic import partial_folder

    def say(line: str) -> None:
        if not quiet:
            click.echo(line, err=True)

    hidden = quiet or not sys.stderr.isatty()
    begun = plan.steps * plan.total if state is None else None
    with warnings.catch_warnings(), tqdm(total=begun, unit="step", disable=hidden, leave=False) as bar:
        warnings.simplefilter("always", UserWarning)

        warnings.showwarning = lambda message, *rest: click.echo(f"warning: {message}", err=True)
        try:
            return execute(
                network, plan, Callbacks(say, bar.update, visit, keeper(path, job)), state, executor
            )
        except (KeyboardInterrupt, SystemExit, WorkersLost):
            if partial_folder(path).exists():
                say(f"stopped; `{to_resume(words_of(job), path)}` goes on")
            raise
