"""Go on with a run that was stopped: what its folder says of the command, and what it may not choose."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from langevin.cli.begun import readable, refuse_finished, this_goes_on, to_go_on
from langevin.errors import InputFileError, UsageError, WorkersLost


def target(path: Path) -> Path:
    """The file that a run is to become, by its own name or by that of its folder."""
    return path.with_suffix("") if path.suffix == ".partial" else path


def check_named(
    path: Path, words: Sequence[str], missing: str, named: bool, option: str = "--resume"
) -> None:
    """Refuse to go on where what runs is not typed.

    Args:
        path: file that the run is to become.
        words: what the file says was typed.
        missing: what is, in words.
        named: whether it is typed.
        option: by which the run goes on.

    Raises:
        UsageError: it is not; the sentence shows what the file says.
    """
    if not named:
        raise UsageError(
            f"{option} has no {missing}",
            "nothing in a file chooses what runs, so the run's command is given again",
            f"by the word of the file it is `{to_go_on(words, path, option)}`",
        )


def check_out(path: Path, out: Path | None) -> None:
    """Refuse another file than the one that the run is to become.

    Raises:
        UsageError: --out names one.
    """
    if out is not None and out != path:
        raise UsageError(f"--resume goes on in {path}, not in {out}", "one file", "leave --out out")


def seed_of_walks(path: Path, named: bool, seed: int | None) -> int:
    """The seed of the toy run that goes on: the one that was typed, or that of its folder.

    Args:
        path: file that the run is to become.
        named: whether a landscape was named.
        seed: the option --seed.

    Raises:
        InputFileError: no unfinished run there, or a damaged one.
        UsageError: the command was not given again.
    """
    from langevin.store.atomic import partial_folder
    from langevin.store.walks import read_walk, walk_folders

    walks = walk_folders(partial_folder(path))
    if not walks:
        refuse_finished(path)
        raise InputFileError(
            f"{path} has no unfinished run to resume: {partial_folder(path)} holds none",
            "the name of a run that was stopped",
            "begin it again",
        )
    meta = read_walk(walks[0], lazily=True)[0].meta
    check_named(path, readable(meta.get("command")) or ("langevin", "simulate", "..."), "landscape", named)
    found = meta.get("seed") if seed is None else seed
    if type(found) is not int or not 0 <= found < 2**64:
        raise InputFileError(f"{walks[0]} is damaged: begin the run again, with --force")
    return found


@contextmanager
def told_how_it_goes_on(path: Path, quiet: bool) -> Iterator[None]:
    """Say, where a run is stopped that has been kept, how it goes on."""
    from langevin.store.atomic import partial_folder

    try:
        yield
    except (KeyboardInterrupt, SystemExit, WorkersLost):
        if partial_folder(path).exists() and not quiet:
            click.echo(f"stopped; `{this_goes_on(path)}` goes on", err=True)
        raise
