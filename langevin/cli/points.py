"""The points of a sweep, each with its place in the folder and the words of its command."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import click

from langevin.cli.content import content_of
from langevin.cli.options import SEED, number_of
from langevin.cli.words import check_known, words_of
from langevin.errors import NumericalError
from langevin.sweep.folder import Place, State, failure_of, known_places, place_of, state_of
from langevin.sweep.plan import Plan, Point, points_of, seed_of

#: Settings that no content depends on: the others are looked at once for each of their values.
NUMBERS = frozenset({
    "temperature", "walkers", "precision", "dt", "horizon", "frames", "every", "seed", "steps", "learning-rate", "kill",
    "weight-decay", "label-noise", "batch", "chains", "replicas", "origin", "burn",
})  # fmt: skip


@dataclass(frozen=True)
class Job:
    """A point with its place in the folder, and the words of its command."""

    point: Point
    place: Place
    words: tuple[str, ...]
    content: Mapping[str, str]


def jobs_of(plan: Plan, folder: Path) -> list[Job]:
    """The points of a plan with their places and words, each parsed once, so that a wrong one is refused now.

    Raises:
        UsageError: a setting or a value that the command does not take; the sentence names the point.
    """
    from langevin.cli import main

    parent = click.get_current_context().find_root()
    command = main.get_command(parent, plan.command)
    assert command is not None
    known: set[tuple[str, str]] = set()
    jobs = []
    for point in points_of(plan):
        settings = {**point.settings, "seed": str(seed_of(plan.command, point.settings))}
        words = words_of(command, settings)
        with _at(point):
            number_of("seed", point.settings.get("seed", "0"), SEED)
            if not known.issuperset(point.settings.items()):
                check_known(command, settings)
                command.make_context(plan.command, list(words), parent=parent)
                known.update(point.settings.items())
            content = _content(
                plan.command, tuple(one for one in point.settings.items() if one[0] not in NUMBERS)
            )
        place = place_of(folder, plan.command, point.settings, content)
        jobs.append(Job(point, place, (plan.command, *words), content))
    _content.cache_clear()
    return jobs


def jobs_in(plan: Plan, folder: Path) -> list[Job]:
    """The points of a plan that lies in a folder, to look at only.

    A folder may be anyone's, so nothing that its plan names is looked for or imported.
    """
    known = known_places(folder)
    places = [(point, place_of(folder, plan.command, point.settings, {})) for point in points_of(plan)]
    return [Job(point, known.get(place.stem, place), (), {}) for point, place in places]


@cache
def _content(command: str, settings: tuple[tuple[str, str], ...]) -> dict[str, str]:
    return content_of(command, dict(settings))


@contextmanager
def _at(point: Point) -> Iterator[None]:
    """Name the point in what is refused of it."""
    from langevin.cli.refused import refusal_of

    try:
        yield
    except Exception as error:
        refusal = refusal_of(error)
        if refusal is None or not point.place:
            raise
        said = f"at {shown(point.place)}: {refusal}"
        raise type(refusal)(refusal.what, refusal.allowed, refusal.remedy, sentence=said) from error


def shown(place: Mapping[str, str]) -> str:
    """Settings in one line."""
    return (
        ", ".join(f"{name.removeprefix('p.')} = {value}" for name, value in place.items()) or "its only point"
    )


def check_points(jobs: Sequence[Job]) -> None:
    """Refuse a sweep of which points failed, after all others are made and shown.

    Raises:
        NumericalError: there are some; the sentence has the first reason.
    """
    failed = [job for job in jobs if state_of(job.place) is State.FAILED]
    if failed:
        raise NumericalError(
            f"{len(failed)} of {len(jobs)} points failed, the first at {shown(failed[0].point.place)}: "
            f"{failure_of(failed[0].place)}",
            remedy="`--retry-failed` makes them again",
        )
