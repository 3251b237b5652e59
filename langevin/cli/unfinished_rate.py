"""Rates that may be interrupted: their state and what is finished in PATH.partial, and how they go on.

Nothing in a state chooses what runs. Landscape, temperatures and effort are typed again; the state is compared with
them, and says, as text to be read, what was typed when the run began.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from langevin.cli.begun import readable, refuse_finished, words_anew
from langevin.cli.resumed import target
from langevin.cli.unfinished import STATE, Unfinished, told_how_it_began
from langevin.cli.uninterrupted import uninterrupted
from langevin.errors import InputFileError

if TYPE_CHECKING:
    from langevin.ensemble.splitting_result import Walks
    from langevin.experiment.rate_plan import RatePlan
    from langevin.experiment.rate_walk import RateProgress

#: The first segment, which holds all temperatures that are finished.
SEGMENT = "00000.h5"


@dataclass(frozen=True)
class UnfinishedRates(Unfinished):
    """Unfinished rates; `said` is what their arrays are of."""

    said: Mapping[str, Any]


def keeper(path: Path, plan: RatePlan, before: Sequence[Walks] = ()) -> Callable[[RateProgress], None]:
    """A function that keeps unfinished rates: their state, and the temperatures that are finished as a run.

    `before` are the walks of the run that they extend.
    """
    from langevin.experiment.rate_plan import identity
    from langevin.experiment.rate_walk import pack, run_so_far
    from langevin.store import save
    from langevin.store.atomic import output_errors, partial_folder
    from langevin.store.state import write_state_file

    folder = partial_folder(path)
    known = {"seed": plan.seed, "words": list(words_anew()), "identity": identity(plan, before)}

    def keep(now: RateProgress) -> None:
        arrays, said = pack(now)
        with uninterrupted():
            with output_errors(folder):
                folder.mkdir(exist_ok=True)
            write_state_file(folder / STATE, arrays, {**said, **known})
            save(folder / SEGMENT, run_so_far(plan, now), force=True)

    return keep


def is_unfinished(path: Path) -> bool:
    """Whether unfinished rates are to become this file."""
    from langevin.store.atomic import partial_folder

    return (partial_folder(path) / STATE).is_file()


def reopen(path: Path) -> UnfinishedRates:
    """The unfinished rates of a file, nothing of their arrays read.

    Raises:
        InputFileError: no unfinished rates there, or damaged ones.
    """
    from langevin.store.atomic import partial_folder
    from langevin.store.state import open_state

    path = target(path)
    file = partial_folder(path) / STATE
    if not file.is_file():
        refuse_finished(path)
        raise InputFileError(
            f"{path} has no unfinished rates to resume: {file} is not there; begin the run again"
        )
    arrays, said = open_state(file)
    if said.get("kind") != "rate":
        raise InputFileError(f"{file} is not of `langevin rate`: go on with the command that wrote it")
    seed = said.get("seed")
    if type(seed) is not int or not 0 <= seed < 2**64:
        raise InputFileError(f"{file} is damaged: begin the run again, with --force")
    _check_packed(file, sum(array.nbytes for array in arrays.values()))
    return UnfinishedRates(path, seed, readable(said.get("words")), arrays, said)


def _check_packed(file: Path, unpacked: int) -> None:
    """Refuse numbers that unpack to far more than the file holds: those of paths shrink little."""
    from langevin.store.layout import MAX_BYTES, MOST_PACKED

    if unpacked > max(2 * MAX_BYTES, MOST_PACKED * file.stat().st_size):
        raise InputFileError(
            f"{file} unpacks to {unpacked / 2**20:.0f} MiB, more than {MOST_PACKED} times its size: begin the run "
            "again, with --force"
        )


def progress_of(found: UnfinishedRates | None, plan: RatePlan, before: Sequence[Walks] = ()) -> RateProgress:
    """How far the rates are that go on; nowhere if none do.

    Raises:
        InputFileError: they are not those of the plan, or damaged; the sentence also says how they began.
    """
    from langevin.experiment.rate_walk import RateProgress, unpack

    with told_how_it_began(found):
        return RateProgress() if found is None else unpack(plan, found.state, found.said, before)


@contextmanager
def told_what_is_finished(path: Path, quiet: bool) -> Iterator[None]:
    """Say, where a temperature fails, how to see those that are finished."""
    from langevin.errors import NumericalError
    from langevin.store.atomic import partial_folder

    try:
        yield
    except NumericalError:
        if (partial_folder(path) / SEGMENT).exists() and not quiet:
            click.echo(f"`langevin compare {path}` shows the temperatures that are finished", err=True)
        raise
