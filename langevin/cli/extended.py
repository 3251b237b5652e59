"""Extend a finished run: find its file, refuse options that would change the run, and write the result.

Nothing in a file chooses what runs. The user types the command again with more time, walkers or seeds, and the
file is compared with it. The file gives only numbers that were not typed: the seed, and for a toy the distance of
frames and the smallest number of walkers.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from langevin.cli.begun import check_named, readable
from langevin.cli.keeping import keep
from langevin.cli.narrow import show
from langevin.errors import InputFileError, OutputError, UsageError

if TYPE_CHECKING:
    from langevin.experiment.rare_escape import RareEscape
    from langevin.experiment.report import Report
    from langevin.types import Comparison, Trajectory

#: Entries of the meta of a run about the command that made it.
PROVENANCE = ("command", "began", "ended")
#: Entries of the meta that contain the length of a run.
GROWING = ("end_time", "steps", "temperatures")


@dataclass(frozen=True)
class Extended:
    """The file of a finished run that is extended, and the run."""

    file: Path
    run: Trajectory

    @property
    def seed(self) -> int:
        """The seed of the run, which the extension keeps."""
        seed = self.run.meta.get("seed")
        if type(seed) is not int or not 0 <= seed < 2**64:
            raise InputFileError(f"{self.file} is damaged: it does not contain the seed of its run")
        return seed

    def words(self, path: Path) -> tuple[str, ...]:
        """The command line that extends the run into the file of this path."""
        return ("--extend", str(self.file), *(() if path == self.file else ("--out", str(path))))


def to_extend(file: Path, kind: str, resume: Path | None = None) -> Extended:
    """The finished run of a file.

    Args:
        file: its name.
        kind: of the run, as its meta has it.
        resume: the option --resume, which continues a run that is not finished.

    Raises:
        InputFileError: missing, damaged, not finished, of another kind, or without its state.
        UsageError: both options.
    """
    from langevin.cli.reading import check_packed, is_finished, why_not_extended
    from langevin.store import load

    if resume is not None:
        raise UsageError(
            "--extend continues a finished run, and --resume one that is not finished", "give one of them"
        )
    run = load(file)
    if not is_finished(run):
        raise InputFileError(f"{file} has not finished: continue it first, by --resume {file}")
    if run.meta.get("kind") != kind:
        raise InputFileError(f"{file} is of another kind of run: extend it by the command that made it")
    check_packed(file, run, "extend a file that langevin wrote")
    if why := why_not_extended(run):
        raise InputFileError(
            f"{file} cannot be extended, for {why}: run it again, with all that it is to have"
        )
    return Extended(file, run)


def seed_of(found: Extended, missing: str, named: bool, seed: int | None) -> int:
    """The seed of a run that is extended.

    Args:
        found: the run.
        missing: the part that must be typed, in words.
        named: whether it is typed.
        seed: the option --seed.

    Raises:
        UsageError: it is not typed, or another seed.
    """
    words = readable(found.run.meta.get("command")) or ("langevin", "...")
    check_named(found.file, words, missing, named, "--extend")
    if seed is not None and seed != found.seed:
        raise UsageError(
            f"the run of {found.file} has the seed {found.seed}, and --seed {seed} is another",
            "a run keeps its own seed",
            "leave --seed out",
        )
    return found.seed


def check_target(path: Path, file: Path, force: bool) -> None:
    """Make sure that the extended run can be written. With `force`, drop an extension that was stopped.

    Args:
        path: file of the extended run.
        file: file of the run that is extended.
        force: whether `path` may be replaced.

    Raises:
        OutputError: the path is another file that exists and `force` is not given, or its folder does not let it.
    """
    from langevin.store import discard
    from langevin.store.atomic import check_place

    check_place(path)
    if path != file and not force and os.path.lexists(path):
        raise OutputError(f"{path} exists already: choose another name, or pass --force to replace it")
    if force:
        discard(path)


def check_measured(path: Path, found: Extended) -> None:
    """Refuse to replace a training by a longer one if `langevin measure` has added numbers to its file.

    Args:
        path: file of the extended run.
        found: the run that is extended.

    Raises:
        OutputError: it has; they are numbers of the training that ended at the same step.
    """
    from langevin.experiment.measured_weights import quantities_of

    if path == found.file and (names := quantities_of(found.run)):
        raise OutputError(
            f"{path} holds numbers of `langevin measure`, which a longer run would not have ({', '.join(names)})",
            remedy="write the longer run to another file, by --out",
        )


def check_more(found: Extended, walkers: int | None, precision: float | None) -> None:
    """Refuse fewer walkers than an ensemble of the run has. With a precision, they are the first walkers.

    Raises:
        UsageError: fewer walkers are requested.
    """
    import numpy as np

    labels = found.run.events.get("samples", np.zeros(found.run.states.shape[0], np.int64))
    _, counts = np.unique(np.asarray(labels), return_counts=True)
    if walkers is not None and precision is None and counts.size and walkers < counts.min():
        raise UsageError(
            f"{found.file} has {counts.min()} walkers already, and --walkers {walkers} are fewer",
            "an extension keeps all walkers",
            "ask for more, or leave --walkers out",
        )


@contextmanager
def explains_stopped_extension(path: Path, found: Extended | None) -> Iterator[None]:
    """Add to a refusal to continue how to drop an extension that was stopped."""
    from langevin.store.atomic import partial_folder

    try:
        yield
    except InputFileError as error:
        if found is None or not partial_folder(path).exists():
            raise
        raise InputFileError(
            f"{error}; {partial_folder(path)} holds an extension that was stopped: pass --force to drop it"
        ) from error


def is_longer(before: Trajectory, after: Trajectory) -> bool:
    """Whether an extension added anything.

    Args:
        before: the earlier run.
        after: the extended run.
    """
    had, has = ([run.states.shape[0], *map(run.meta.get, GROWING)] for run in (before, after))
    return had != has


def keep_longer(
    path: Path,
    run: Trajectory,
    force: bool,
    theory: Sequence[Comparison],
    found: Extended | None,
    measured: Sequence[Mapping[str, Any]],
) -> None:
    """Write a run, as `keep`. An extended run replaces the earlier run, if the extension added anything.

    Raises:
        OutputError: as `keep`.
    """
    from langevin.store import discard

    if found is None:
        keep(path, run, force, theory, measured)
    elif is_longer(found.run, run):
        keep(path, with_earlier_commands(found.run, run), force or path == found.file, theory, measured)
    else:
        discard(path)


def keep_and_show(
    report: Report | RareEscape, measured: Sequence[Mapping[str, Any]], path: Path, found: Extended | None, *,
    seed: int, force: bool, figure: Path | None, as_json: bool, quiet: bool,
) -> None:  # fmt: skip
    """Write the run of an answer, print the answer, and draw its figure.

    Raises:
        OutputError: as `keep`; the answer is printed before.
    """
    import json

    import click

    run = report.trajectory
    try:
        keep_longer(path, run, force, report.comparisons, found, measured)
    finally:  # if nothing can be saved, the answer is still printed
        if as_json:
            click.echo(json.dumps(report.record, indent=2))
        else:
            show(report.text)
    if figure is not None:
        report.draw(str(figure))
    if not quiet:
        drawn = f", figure to {figure}" if figure is not None else ""
        click.echo(f"\nseed {seed}; {what_came(found, run, path)}{drawn}", err=as_json)


def what_came(found: Extended | None, run: Trajectory, path: Path) -> str:
    """The outcome of a run, as a text.

    Args:
        found: the run that was extended; None if there is none.
        run: the finished run.
        path: its file.
    """
    if found is None or is_longer(found.run, run):
        return f"run saved to {path}"
    return f"nothing was added: {found.file} has all of this already, and stays as it is"


def with_earlier_commands(before: Trajectory, after: Trajectory) -> Trajectory:
    """The extended run. Its meta also contains the commands of the earlier run.

    Args:
        before: the earlier run.
        after: the extended run.
    """
    earlier: Any = before.meta.get("extended")
    made = {name: before.meta[name] for name in PROVENANCE if name in before.meta}
    commands = [*(earlier if isinstance(earlier, list) else []), made]
    return replace(after, meta={**after.meta, "extended": commands})
