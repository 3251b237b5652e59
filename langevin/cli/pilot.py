"""What a sweep will cost: its points, those that are there, and the time of the others from a short pilot."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from langevin.sweep.folder import State, state_of
from langevin.words import counted

if TYPE_CHECKING:
    from langevin.cli.points import Job

#: Seconds that a pilot may take, and those that a run is given to end after it was stopped.
PILOT_SECONDS, PATIENCE = 10.0, 20.0
#: Most points that are listed.
MOST_LISTED = 200


class Cost(NamedTuple):
    """Seconds that a point takes; `whole` is whether the pilot came to its end, and `known` whether it can be told."""

    seconds: float
    whole: bool
    known: bool


def show_points(jobs: Sequence[Job], at_once: int, as_json: bool) -> None:
    """List the points of a sweep with their states, and estimate what the missing ones cost."""
    from langevin.cli.points import shown
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
    """What the missing points will take together, in one sentence."""
    if not costs:
        return "nothing is left to be made"
    seconds = [cost.seconds * missing / min(at_once, missing) for cost in costs]
    ends = [_duration(min(seconds)), _duration(max(seconds))]
    said = ends[0] if ends[0] == ends[1] else " to ".join(ends)
    least = "about" if all(cost.known for cost in costs) else "more than"
    ways = f"if all take what {counted(len(costs), 'pilot')} took, run for at most {PILOT_SECONDS:g} s each"
    return f"{least} {said} for {missing} missing {'point' if missing == 1 else 'points'}, {at_once} at once, {ways}"


def pilot(job: Job) -> Cost:
    """Run a point in a folder that is thrown away, for some seconds, and tell what the whole of it would take."""
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
        if "target" in run.events:  # when walkers arrive is what the run is to find
            return Cost(seconds, False, False)
        return _scaled(seconds, run.times, run.meta.get("end_time"))


def _scaled(seconds: float, times: Any, end: object) -> Cost:
    """The time of a whole run, of which a part has gone by."""
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
