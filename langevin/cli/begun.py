"""The words and the time of a command. A file keeps them, and they are shown to continue a stopped run.

Nothing in a file chooses what runs. The user types the command again, and another command than the run's is refused.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import click

from langevin.errors import InputFileError, UsageError, WorkersLost

#: Place of the `Begun` in a context of click.
BEGUN = "langevin.begun"
#: Places of further entries for the meta of the run, and of the measured numbers of the command: in one line, and as
#: `langevin.store.decode.Findings`.
ENTRIES, MEASURED_LINE, FOUND = "langevin.entries", "langevin.measured_line", "langevin.found"
#: Most words, and letters of all of them, of a command that a file repeats.
MOST_WORDS, MOST_LETTERS = 100, 2000


def refuse_finished(path: Path) -> None:
    """Refuse to resume a run that has ended; `path` is its file.

    Raises:
        InputFileError: the file is there.
    """
    if path.is_file():
        raise InputFileError(
            f"{path} is finished, so there is nothing to resume",
            "--resume needs the file of an interrupted run",
            "add more to a finished run by --extend",
        )


class Begun(NamedTuple):
    """The words that follow `langevin` in a command, and the time of the command."""

    words: tuple[str, ...]
    moment: datetime


def this_command() -> Begun:
    """The words and the time of this command; empty if a test calls the command alone."""
    begun: Begun = click.get_current_context().meta.get(BEGUN, Begun((), datetime.now(UTC)))
    return begun


def provenance() -> dict[str, Any]:
    """Entries for the meta of a finished run: the words of the command, its begin, and the present as its end (UTC)."""
    words, moment = this_command()
    began, ended = (one.isoformat(timespec="seconds") for one in (moment, datetime.now(UTC)))
    entries: dict[str, Any] = click.get_current_context().meta.get(ENTRIES, {})
    return {"command": ["langevin", *words], "began": began, "ended": ended, **entries}


def first_command() -> tuple[str, ...]:
    """The words that began this run, also if it is continued."""
    return ("langevin", *without(this_command().words, "--resume"))


def without(words: Sequence[str], option: str) -> list[str]:
    """The words without an option and its value.

    Args:
        words: words of a command.
        option: name of the option, with its dashes.
    """
    left = list(words)
    while option in left:
        place = left.index(option)
        del left[place : place + 2]
    return [word for word in left if not word.startswith(f"{option}=")]


def continue_this_command(path: Path) -> str:
    """The command line that continues this run: the same words for an extension, --resume for any other run."""
    return continue_command(first_command(), path)


def continue_command(words: Sequence[str], path: Path) -> str:
    """The command line that continues a run.

    Args:
        words: words of the command that began the run.
        path: final file of the run.
    """
    if len(without(words, "--extend")) == len(words):
        return to_resume(words, path)
    return shlex.join(word for word in words if word != "--force")


def readable(words: Any) -> tuple[str, ...]:
    """The words of the command in a file, if a terminal shows them unchanged; else none."""
    if not isinstance(words, list) or not all(isinstance(word, str) and word.isprintable() for word in words):
        return ()
    return tuple(words) if len(words) <= MOST_WORDS and sum(map(len, words)) <= MOST_LETTERS else ()


def to_resume(words: Sequence[str], path: Path) -> str:
    """The command line that continues the run of a file.

    Args:
        words: words of the command that began the run.
        path: final file of the run.
    """
    return to_go_on(words, path, "--resume")


def to_go_on(words: Sequence[str], path: Path, option: str) -> str:
    """The command line that continues the run of a file by an option.

    Args:
        words: words of the command that made the file.
        path: the file.
        option: name of the option, with its dashes.
    """
    return shlex.join([*without(words, option), option, str(path)])


def target(path: Path) -> Path:
    """The final file of a run, from the name of the file or of the run's folder."""
    return path.with_suffix("") if path.suffix == ".partial" else path


def check_named(
    path: Path, words: Sequence[str], missing: str, named: bool, option: str = "--resume"
) -> None:
    """Refuse to continue if the model or the landscape is not typed.

    Args:
        path: file that the run is to become.
        words: the typed words that the file contains.
        missing: the missing part, in words.
        named: whether it is typed.
        option: by which the run continues.

    Raises:
        UsageError: it is not; the sentence shows the command in the file.
    """
    if not named:
        raise UsageError(
            f"{option} has no {missing}",
            "no option is read from the file, so give the whole command again",
            f"according to the file it is `{to_go_on(words, path, option)}`",
        )


def check_out(path: Path, out: Path | None) -> None:
    """Refuse another file than the final file of the run.

    Args:
        path: final file of the run.
        out: the option --out; None if it is not typed.

    Raises:
        UsageError: --out names one.
    """
    if out is not None and out != path:
        raise UsageError(
            f"--resume continues in {path}, not in {out}", "both must name one file", "leave --out out"
        )


def seed_of_walks(path: Path, named: bool, seed: int | None) -> int:
    """The seed of the toy run that continues: the typed seed, or the seed in its folder.

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
            "--resume needs the file of an interrupted run",
            "begin it again",
        )
    meta = read_walk(walks[0], lazily=True)[0].meta
    check_named(path, readable(meta.get("command")) or ("langevin", "simulate", "..."), "landscape", named)
    found = meta.get("seed") if seed is None else seed
    if type(found) is not int or not 0 <= found < 2**64:
        raise InputFileError(f"{walks[0]} is damaged: begin the run again, with --force")
    return found


@contextmanager
def shows_how_to_continue(path: Path, quiet: bool) -> Iterator[None]:
    """If a kept run is stopped, print how to continue it.

    Args:
        path: final file of the run.
        quiet: whether nothing is printed.
    """
    from langevin.store.atomic import partial_folder

    try:
        yield
    except (KeyboardInterrupt, SystemExit, WorkersLost):
        if partial_folder(path).exists() and not quiet:
            click.echo(f"stopped; `{continue_this_command(path)}` continues the run", err=True)
        raise
