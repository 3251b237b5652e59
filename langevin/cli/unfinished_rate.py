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
from click.core import ParameterSource

from langevin.cli.unfinished import STATE, Unfinished, readable_words, target, to_resume, told_how_it_began
from langevin.cli.uninterrupted import uninterrupted
from langevin.errors import InputFileError, UsageError

if TYPE_CHECKING:
    from langevin.experiment.rate_plan import RatePlan
    from langevin.experiment.rate_walk import RateProgress

#: The first segment, which holds all temperatures that are finished.
SEGMENT = "00000.h5"
#: Options that are not repeated: those of the place and of the seed, which are said otherwise, and of what is printed.
SILENT = ("resume", "out", "seed", "plugins", "as_json", "quiet")


@dataclass(frozen=True)
class UnfinishedRates(Unfinished):
    """Unfinished rates; `said` is what their arrays are of."""

    said: Mapping[str, Any]


def typed(context: click.Context, seed: int) -> list[str]:
    """The words of this command as they were typed, with its seed."""
    from langevin.registry.plugins import folders

    words = ["langevin", "rate", *(word for folder in folders() for word in ("--plugins", str(folder)))]
    for param in context.command.params:
        name = str(param.name)
        if name in SILENT or context.get_parameter_source(name) is not ParameterSource.COMMANDLINE:
            continue
        value, option = context.params[name], param.opts[0]
        if isinstance(param, click.Option) and param.is_flag:
            words.append(option)
        else:
            words += [word for one in (value if param.multiple else [value]) for word in (option, str(one))]
    return [*words, "--seed", str(seed)]


def keeper(path: Path, plan: RatePlan, words: Sequence[str]) -> Callable[[RateProgress], None]:
    """A function that keeps unfinished rates: their state, and the temperatures that are finished as a run."""
    from langevin.experiment.rate_state import identity, pack
    from langevin.experiment.rate_walk import run_so_far
    from langevin.store import save
    from langevin.store.atomic import output_errors, partial_folder, replace_file
    from langevin.store.state import encode_state

    folder = partial_folder(path)
    known = {"seed": plan.seed, "words": list(words), "identity": identity(plan)}

    def keep(now: RateProgress) -> None:
        arrays, said = pack(now)
        with uninterrupted():
            with output_errors(folder):
                folder.mkdir(exist_ok=True)
            replace_file(folder / STATE, encode_state(arrays, {**said, **known}))
            save(folder / SEGMENT, run_so_far(plan, now), force=True)

    return keep


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
    return UnfinishedRates(path, seed, readable_words(said.get("words")), arrays, said)


def _check_packed(file: Path, unpacked: int) -> None:
    """Refuse numbers that unpack to far more than the file holds: those of paths shrink little."""
    from langevin.store.layout import MAX_BYTES, MOST_PACKED

    if unpacked > max(2 * MAX_BYTES, MOST_PACKED * file.stat().st_size):
        raise InputFileError(
            f"{file} unpacks to {unpacked / 2**20:.0f} MiB, more than {MOST_PACKED} times its size: begin the run "
            "again, with --force"
        )


def check_named(found: UnfinishedRates | None, manifold: str | None, potential: str | None) -> None:
    """Refuse to go on where no landscape is typed.

    Raises:
        UsageError: none is; the sentence says what was typed when the run began.
    """
    if found is not None and manifold is None and potential is None:
        line = to_resume(found.words or ("langevin", "rate"), found.path)
        raise UsageError(
            "--resume has no landscape",
            "nothing in a file chooses what runs, so the run's command is given again",
            f"by the word of the file it is `{line}`",
        )


def place_of(found: UnfinishedRates | None, out: Path | None, usual: str) -> Path:
    """The file that the run is to become.

    Raises:
        UsageError: --out names another one than --resume.
    """
    if found is None:
        return out or Path(usual)
    if out is not None and out != found.path:
        raise UsageError(f"--resume goes on in {found.path}, not in {out}", "one file", "leave --out out")
    return found.path


def progress_of(found: UnfinishedRates | None, plan: RatePlan) -> RateProgress:
    """How far the rates are that go on; nowhere if none do.

    Raises:
        InputFileError: they are not those of the plan, or damaged; the sentence also says how they began.
    """
    from langevin.experiment.rate_state import unpack
    from langevin.experiment.rate_walk import RateProgress

    with told_how_it_began(found):
        return RateProgress() if found is None else unpack(plan, found.state, found.said)


@contextmanager
def told_what_is_kept(path: Path, words: Sequence[str], quiet: bool) -> Iterator[None]:
    """Say, where a run ends early, how it goes on, or how to see the temperatures that are finished."""
    from langevin.errors import NumericalError
    from langevin.store.atomic import partial_folder

    try:
        yield
    except (KeyboardInterrupt, SystemExit):
        if partial_folder(path).exists() and not quiet:
            click.echo(f"stopped; `{to_resume(list(words), path)}` goes on", err=True)
        raise
    except NumericalError:
        if (partial_folder(path) / SEGMENT).exists() and not quiet:
            click.echo(f"`langevin compare {path}` shows the temperatures that are finished", err=True)
        raise
