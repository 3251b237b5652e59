"""Compute rates, show them, and continue rates that were stopped. Their state is in PATH.partial.

Nothing in a state chooses what runs. The user types landscape, temperatures and effort again, and the state is
compared with them. The state contains the first command as text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from langevin.cli.begun import first_command, readable, refuse_finished, shows_how_to_continue, target
from langevin.cli.extended import Extended, check_target, explains_stopped_extension, keep_and_show
from langevin.cli.keeping import claim, rates_measured
from langevin.cli.options import draw_seed
from langevin.cli.run_and_show import check_figure, progress_bar
from langevin.cli.unfinished import STATE, Unfinished, check_free, explains_first_command
from langevin.errors import InputFileError, NumericalError
from langevin.experiment.asking import rounds_on_bar
from langevin.experiment.own_landscape import origin_of
from langevin.experiment.rare_escape import check_theories, check_walks, rate_answer
from langevin.experiment.rate_plan import RatePlan, check_plan, identity, rate_plan
from langevin.experiment.rate_walk import RateProgress, extended_walks, pack, run_so_far, unpack, walk
from langevin.stopping import uninterrupted
from langevin.store import check_writable, discard, save
from langevin.store.atomic import output_errors, partial_folder
from langevin.store.journal import open_state, write_state_file
from langevin.store.layout import MAX_BYTES, MOST_PACKED

if TYPE_CHECKING:
    from langevin.ensemble.splitting import Walks
    from langevin.experiment.own_theory import OwnTheory
    from langevin.types import Trajectory

#: The first segment, which contains all finished temperatures.
SEGMENT = "00000.h5"


@dataclass(frozen=True)
class UnfinishedRates(Unfinished):
    """Unfinished rates; `entries` describes their arrays."""

    entries: Mapping[str, Any]


def run_and_show(
    make: Callable[..., Any], dials: dict[str, Any], path: Path, found: UnfinishedRates | None,
    extended: Extended | None, *, seed: int | None, force: bool, plot: Path | None, as_json: bool, quiet: bool,
    threads: int | None, own: tuple[OwnTheory, ...], over: dict[str, Any], **requested: Any,
) -> None:  # fmt: skip
    """Walk for rates, save them and print the answer.

    Args:
        make: factory of the landscape.
        dials: its arguments.
        path: file to write.
        found: unfinished rates that continue, as they were before the claim.
        extended: finished rates that are extended.
        seed: drawn if not given.
        force: whether an existing file or unfinished run may be replaced.
        plot: file of the figure.
        as_json: print JSON.
        quiet: print the answer only.
        threads: of the machine.
        own: user-defined theories of the mean time.
        over: the executor whose workers make the walks, and the number of tasks; empty without an executor.
        requested: arguments of `rate_plan`.
    """
    claim(path, plot)
    figure = None if plot is None else check_figure(plot, "--plot")
    if extended:
        check_target(path, extended.file, force)
        found = reopen(path) if is_unfinished(path) else None
    elif found:  # its writer may have continued until the claim
        found = reopen(path)
        check_free(path, force)
    else:
        check_writable(path, force, remedy="resume it by --resume, ")
    seed = found.seed if found and seed is None else draw_seed(seed)
    landscape = make(**dials)
    plan = rate_plan(landscape, seed=seed, origin=origin_of(make, dials, landscape), **requested)
    check_plan(plan)
    check_theories(own, landscape, plan.dynamics)
    run = _walked(plan, path, found, extended, quiet, threads=threads, **over)
    report = rate_answer(landscape, plan.dynamics, run, own)
    keep_and_show(
        report, rates_measured(report), path, extended, seed=seed, force=force, figure=figure, as_json=as_json,
        quiet=quiet,
    )  # fmt: skip
    check_walks(report.trajectory)


def keeper(path: Path, plan: RatePlan, before: Sequence[Walks] = ()) -> Callable[[RateProgress], None]:
    """A function that keeps unfinished rates: their state, and the temperatures that are finished as a run.

    `before` are the walks of the run that they extend.
    """
    folder = partial_folder(path)
    known = {"seed": plan.seed, "words": list(first_command()), "identity": identity(plan, before)}

    def keep(now: RateProgress) -> None:
        arrays, entries = pack(now)
        with uninterrupted():
            with output_errors(folder):
                folder.mkdir(exist_ok=True)
            write_state_file(folder / STATE, arrays, {**entries, **known})
            save(folder / SEGMENT, run_so_far(plan, now), force=True)

    return keep


def is_unfinished(path: Path) -> bool:
    """Whether unfinished rates are to become this file."""
    return (partial_folder(path) / STATE).is_file()


def reopen(path: Path) -> UnfinishedRates:
    """The unfinished rates of a file. Their arrays are not read.

    Raises:
        InputFileError: no unfinished rates there, or damaged ones.
    """
    path = target(path)
    file = partial_folder(path) / STATE
    if not file.is_file():
        refuse_finished(path)
        raise InputFileError(
            f"{path} has no unfinished rates to resume: {file} is not there; begin the run again"
        )
    arrays, entries = open_state(file)
    if entries.get("kind") != "rate":
        raise InputFileError(f"{file} is not of `langevin rate`: continue it with the command that wrote it")
    seed = entries.get("seed")
    if type(seed) is not int or not 0 <= seed < 2**64:
        raise InputFileError(f"{file} is damaged: begin the run again, with --force")
    _check_packed(file, sum(array.nbytes for array in arrays.values()))
    return UnfinishedRates(path, seed, readable(entries.get("words")), arrays, entries)


def progress_of(found: UnfinishedRates | None, plan: RatePlan, before: Sequence[Walks] = ()) -> RateProgress:
    """Progress of the rates that continue; no progress if no rates continue.

    Args:
        found: unfinished rates that continue; None if there are none.
        plan: of the rates.
        before: walks of the run that they extend.

    Raises:
        InputFileError: they are of another plan, or damaged; the sentence also shows how they began.
    """
    with explains_first_command(found):
        return RateProgress() if found is None else unpack(plan, found.state, found.entries, before)


@contextmanager
def shows_finished_temperatures(path: Path, quiet: bool) -> Iterator[None]:
    """If a temperature fails, print how to see the finished temperatures."""
    try:
        yield
    except NumericalError:
        if (partial_folder(path) / SEGMENT).exists() and not quiet:
            click.echo(f"`langevin compare {path}` shows the temperatures that are finished", err=True)
        raise


def _walked(
    plan: RatePlan,
    path: Path,
    found: UnfinishedRates | None,
    extended: Extended | None,
    quiet: bool,
    **how: Any,
) -> Trajectory:
    """The run of a plan. Its finished part is not walked again."""
    before = extended_walks(plan, extended.run) if extended else ()
    with explains_stopped_extension(path, extended):
        begun = progress_of(found, plan, before)
    if not found:
        discard(path)
    with (
        progress_bar(quiet, rounds_on_bar) as progress,
        shows_how_to_continue(path, quiet),
        shows_finished_temperatures(path, quiet),
    ):
        kept = keeper(path, plan, before)
        return walk(plan, progress=progress, checkpoint=kept, begun=begun, before=before, **how)


def _check_packed(file: Path, unpacked: int) -> None:
    """Refuse numbers that unpack to far more bytes than the file has: the numbers of paths compress little."""
    if unpacked > max(2 * MAX_BYTES, MOST_PACKED * file.stat().st_size):
        raise InputFileError(
            f"{file} unpacks to {unpacked / 2**20:.0f} MiB, more than {MOST_PACKED} times its size: begin the run "
            "again, with --force"
        )
