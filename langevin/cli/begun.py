"""What was typed, and when: kept in what a command leaves, and said again to go on with a run that was stopped."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import click

#: Where a context of click holds the `Begun`.
BEGUN = "langevin.begun"
#: Where it holds more entries for the meta of the run, and where the command leaves what it measured, in one line.
SAID, TOLD = "langevin.said", "langevin.told"
#: Most words, and letters of all of them, of a command that a file repeats.
MOST_WORDS, MOST_LETTERS = 100, 2000


class Begun(NamedTuple):
    """The words behind `langevin`, and the moment."""

    words: tuple[str, ...]
    moment: datetime


def this_command() -> Begun:
    """What began this command; nothing where a test calls the command alone."""
    begun: Begun = click.get_current_context().meta.get(BEGUN, Begun((), datetime.now(UTC)))
    return begun


def provenance() -> dict[str, Any]:
    """Entries for the meta of a finished run: the words of the command, when it began, and now as its end (UTC)."""
    words, moment = this_command()
    began, ended = (one.isoformat(timespec="seconds") for one in (moment, datetime.now(UTC)))
    said: dict[str, Any] = click.get_current_context().meta.get(SAID, {})
    return {"command": ["langevin", *words], "began": began, "ended": ended, **said}


def words_anew() -> tuple[str, ...]:
    """The words that began this run, whether it goes on or not."""
    words = list(this_command().words)
    while "--resume" in words:
        place = words.index("--resume")
        del words[place : place + 2]
    return ("langevin", *(word for word in words if not word.startswith("--resume=")))


def readable(words: Any) -> tuple[str, ...]:
    """The words that a file says, if they are ones that a terminal shows as they are; else none."""
    if not isinstance(words, list) or not all(isinstance(word, str) and word.isprintable() for word in words):
        return ()
    return tuple(words) if len(words) <= MOST_WORDS and sum(map(len, words)) <= MOST_LETTERS else ()


def to_resume(words: Sequence[str], path: Path) -> str:
    """The line to type that goes on with the run of a file."""
    return shlex.join([*words, "--resume", str(path)])
