"""The points of a sweep: their places in its folder, the words of their commands, and the cost of missing points."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import click

from langevin.cli.options import SEED, number_of
from langevin.cli.settings import check_known, words_of
from langevin.cli.sweep_point import content_of
from langevin.errors import NumericalError
from langevin.sweep.folder import Place, State, failure_of, known_places, place_of, state_of
from langevin.sweep.plan import Plan, Point, points_of, seed_of
from langevin.words import counted

#: Settings that no content depends on: the others are checked once for each of their values.
NUMBERS = frozenset({
    "temperature", "walkers", "precision", "dt", "horizon", "frames", "every", "seed", "steps", "learning-rate", "kill",
    "weight-decay", "label-noise", "batch", "chains", "replicas", "origin", "burn",
})  # fmt: skip

#: Seconds that a pilot may take, and seconds that a stopped run has to end.
PILOT_SECONDS, PATIENCE = 10.0, 20.0
#: Largest number of listed points.
MOST_LISTED = 200


@dataclass(frozen=True)
class Job:
    """A point with its place in the folder, and the words of its command."""

    point: Point
    place: Place
    words: tuple[str, ...]
    content: Mapping[str, str]


class Cost(NamedTuple):
    """Seconds that a point takes. `whole`: the pilot reached its end. `known`: the seconds can be estimated."""

    seconds: float
    whole: bool
    known: bool


def jobs_of(plan: Plan, folder: Path) -> list[Job]:
    """The points of a plan with their places and words, each parsed once, so that a wrong one is refused at the start.

    Args:
        plan: the plan.
        folder: of the sweep.

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
    """The points of a plan in a folder, only to be shown.

    A folder may have any content, so nothing that its plan names is looked for or imported.

    Args:
        plan: the plan.
        folder: of the sweep.
    """
    known = known_places(folder)
    places = [(point, place_of(folder, plan.command, point.settings, {})) for point in points_of(plan)]
    return [Job(point, known.get(place.stem, place), (), {}) for point, place in places]


def shown(place: Mapping[str, str]) -> str:
    """Settings in one line."""
    return (
        ", ".join(f"{name.removeprefix('p.')} = {value}" for name, value in place.items()) or "its only point"
    )


def check_points(jobs: Sequence[Job]) -> None:
    """Refuse a sweep with failed points, after all other points are made and shown.

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


def show_points(jobs: Sequence[Job], at_once: int, as_json: bool) -> None:
    """List the points of a sweep with their states, and estimate the cost of missing points.

    Args:
        jobs: the points.
        at_once: number of points that are made at once.
        as_json: whether JSON is printed.
    """
    from langevin.cli.swept import states_line

    missing = [job for job in jobs if state_of(job.place) in (State.MISSING, State.BEGUN)]
    costs = [pilot(job) for job in [*missing[:1], *missing[1:][-1:]]]
    if as_json:
        points = [
            {
                "settings": dict(job.point.settings),
                "state": state_of(job.place).value,
                "file": str(job.place.file),
            }
            for job in jobs
        ]
        seconds = [cost._asdict() for cost in costs]
        click.echo(json.dumps({"points": points, "pilots": seconds, "jobs": at_once}, indent=2))
        return
    lines = [f"{state_of(job.place).value:<9} {shown(job.point.place)}" for job in jobs[:MOST_LISTED]]
    lines += [f"... and {len(jobs) - MOST_LISTED} more"] if len(jobs) > MOST_LISTED else []
    click.echo(
        "\n".join(
            [*lines, "", states_line(jobs[0].place.folder, jobs), estimate(costs, len(missing), at_once)]
        )
    )


def estimate(costs: Sequence[Cost], missing: int, at_once: int) -> str:
    """The time that the missing points will take together, in one sentence.

    Args:
        costs: of the tried points.
        missing: number of missing points.
        at_once: number of points that are made at once.
    """
    if not costs:
        return "nothing is left to be made"
    seconds = [cost.seconds * missing / min(at_once, missing) for cost in costs]
    ends = [_duration(min(seconds)), _duration(max(seconds))]
    duration_text = ends[0] if ends[0] == ends[1] else " to ".join(ends)
    least = "about" if all(cost.known for cost in costs) else "more than"
    ways = f"if all take what {counted(len(costs), 'pilot')} took, run for at most {PILOT_SECONDS:g} s each"
    points = "point" if missing == 1 else "points"
    return f"{least} {duration_text} for {missing} missing {points}, {at_once} at once, {ways}"


def pilot(job: Job) -> Cost:
    """Run a point for some seconds in a temporary folder, and return the estimated cost of the whole point."""
    from langevin.store import load

    with TemporaryDirectory() as folder:
        file = Path(folder) / "pilot.h5"
        words = [*job.words, "--quiet", "--out", str(file)]
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "langevin", *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            process.wait(PILOT_SECONDS)
        except subprocess.TimeoutExpired:
            process.terminate()
            process.wait(PATIENCE)
        finally:
            if process.poll() is None:
                process.kill()
        seconds = time.perf_counter() - began
        if file.exists() or process.returncode not in (0, 143, -15):
            return Cost(seconds, True, True)
        try:
            run = load(file)
        except OSError:
            return Cost(seconds, False, False)
        if "target" in run.events:  # the arrival times of walkers are the result of the run
            return Cost(seconds, False, False)
        return _scaled(seconds, run.times, run.meta.get("end_time"))


@cache
def _content(command: str, settings: tuple[tuple[str, str], ...]) -> dict[str, str]:
    return content_of(command, dict(settings))


@contextmanager
def _at(point: Point) -> Iterator[None]:
    """Add the name of the point to a refusal."""
    from langevin.cli.refused import refusal_of

    try:
        yield
    except Exception as error:
        refusal = refusal_of(error)
        if refusal is None or not point.place:
            raise
        duration_text = f"at {shown(point.place)}: {refusal}"
        raise type(refusal)(refusal.what, refusal.allowed, refusal.remedy, sentence=duration_text) from error


def _scaled(seconds: float, times: Any, end: object) -> Cost:
    """The time of a whole run, from the time of a part."""
    import numpy as np

    reached = float(np.asarray(times)[-1]) if np.size(times) else 0.0
    if isinstance(end, float | int) and 0.0 < reached < float(end):
        return Cost(seconds * float(end) / reached, False, True)
    return Cost(seconds, False, False)


def _duration(seconds: float) -> str:
    for unit, size in (("h", 3600.0), ("min", 60.0)):
        if seconds >= 2 * size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.2g} s"
