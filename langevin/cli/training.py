"""Carry out a training, with what a terminal shows of it on the way."""

from __future__ import annotations

import math
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from langevin.cli.unfinished import Job
    from langevin.types import Trajectory


def run(
    network: Any,
    settings: dict[str, Any],
    quiet: bool,
    path: Path,
    job: Job,
    state: dict[str, Any] | None,
) -> Trajectory:
    """Train with a line on the law of motion, a progress bar on a terminal, and warnings as sentences."""
    from tqdm import tqdm

    from langevin.cli.unfinished import keeper
    from langevin.sgld import train as train_networks
    from langevin.store.atomic import partial_folder

    def say(line: str) -> None:
        if not quiet:
            click.echo(line, err=True)

    hidden = quiet or not sys.stderr.isatty()
    chains = settings.setdefault("chains", 5) * math.prod(map(len, settings.get("sweep", {}).values()))
    begun = settings["steps"] * chains if state is None else None
    with warnings.catch_warnings(), tqdm(total=begun, unit="step", disable=hidden, leave=False) as bar:
        warnings.simplefilter("always", UserWarning)

        warnings.showwarning = lambda message, *rest: click.echo(f"warning: {message}", err=True)
        try:
            return train_networks(
                network,
                announce=say,
                progress=bar.update,
                checkpoint=keeper(path, job),
                resume=state,
                **settings,
            )
        except (KeyboardInterrupt, SystemExit):
            if partial_folder(path).exists():
                say(f"stopped; langevin train --resume {path} goes on")
            raise
