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

    from langevin.cli.extended import Extended
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
    longer: Extended | None = None,
    executor: Executor | None = None,
) -> Trajectory:
    """Carry the plan out with a line on the law of motion, a progress bar on a terminal, and warnings as sentences.

    `state` is that of the unfinished run that goes on, and `longer` the finished one that is extended.
    """
    from tqdm import tqdm

    from langevin.cli.begun import goes_on
    from langevin.cli.unfinished import keeper, words_of
    from langevin.errors import WorkersLost
    from langevin.sgld import Callbacks, execute, extend
    from langevin.store.atomic import partial_folder

    def say(line: str) -> None:
        if not quiet:
            click.echo(line, err=True)

    hidden = quiet or not sys.stderr.isatty()
    begun = plan.steps * plan.total if state is None and longer is None else None
    with warnings.catch_warnings(), tqdm(total=begun, unit="step", disable=hidden, leave=False) as bar:
        warnings.simplefilter("always", UserWarning)

        warnings.showwarning = lambda message, *rest: click.echo(f"warning: {message}", err=True)
        try:
            callbacks = Callbacks(say, bar.update, visit, keeper(path, job))
            if longer is not None:
                return extend(longer.run, network, plan, callbacks, state, executor)
            return execute(network, plan, callbacks, state, executor)
        except (KeyboardInterrupt, SystemExit, WorkersLost):
            if partial_folder(path).exists():
                say(f"stopped; `{goes_on(words_of(job), path)}` goes on")
            raise
