"""Runs that stop at a target, with as many walkers as the precision requires, and checks of the hits."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from langevin.comparison import compare_all, format_prediction, format_table, format_value
from langevin.ensemble.record import concatenate
from langevin.errors import UsageError
from langevin.experiment.one_ensemble import one_ensemble, walkers_of
from langevin.experiment.question import Settings
from langevin.experiment.question_walk import steps_in, steps_of
from langevin.kernels.targets import targets_of
from langevin.landscapes.target_contract import is_distance
from langevin.measure import capture_probabilities, confidence_interval, mean_first_passage_time
from langevin.types import (
    Comparison,
    Curve,
    Integrator,
    Landscape,
    Measurement,
    Problem,
    Status,
    Stop,
    Trajectory,
)

#: Number of walkers that excludes a theory with an error of 10 % with a power of 80 %, if its times are exponential.
WALKERS = 1000

MOST_WALKERS = 1_000_000
#: Largest factor from the walkers so far to the next number: the estimate of the needed number is noisy.
GROWTH = 4
#: Hits that are examined, and the time that it takes.
HITS, SECONDS = 8, 0.05


def first_passages(
    problem: Problem, integrator: Integrator, dt: float, horizon: float, settings: Settings, error: float
) -> Trajectory:
    """Run until the mean first-passage time is as precise as required.

    Args:
        problem: to walk on, with a target.
        integrator: the step.
        dt: time of a step.
        horizon: time after which a walker is censored.
        settings: of the run.
        error: error of the steps over the mean time.

    Raises:
        UsageError: frames are requested, of which a run to a target keeps the first and the last; a time of too many
            steps.
    """
    refuse_frames(settings)
    stop = Stop(correction_of(settings, integrator))

    def more(walkers: range) -> Trajectory:
        return one_ensemble(
            problem,
            integrator,
            settings,
            walkers=walkers,
            steps=steps_in(horizon, dt),
            dt=steps_of(settings, dt),
            seed=settings.seed,
            stop=stop,
        )

    return until_precise(more, walkers_of(settings, WALKERS), settings.precision, error)[0]


def correction_of(settings: Settings, integrator: Integrator) -> str:
    """The correction of the overshoot: the requested one, else the shift, and none for steps that are not Gaussian.

    Args:
        settings: of the run.
        integrator: the step.
    """
    return settings.correction or ("shift" if integrator.gaussian_steps else "none")


def refuse_frames(settings: Settings) -> None:
    """Refuse frames of a run to a target.

    Raises:
        UsageError: some are requested.
    """
    given = "--frames" if settings.frames is not None else "--every" if settings.every is not None else None
    if given is not None:
        raise UsageError(
            f"{given} is for runs without a target: one to a target keeps its start and its end",
            f"{given} without a target",
            "leave it out",
        )


def labelled(trajectory: Trajectory, **labels: int) -> Trajectory:
    """The run with whole-number labels, the same for every walker, among its events.

    Args:
        trajectory: the run.
        labels: whole numbers by name.
    """
    count = trajectory.states.shape[0]
    events: Mapping[str, Any] = {name: np.full(count, value, np.int64) for name, value in labels.items()}
    return Trajectory(
        trajectory.times,
        trajectory.steps,
        trajectory.states,
        trajectory.observables,
        {**trajectory.events, **events},
        trajectory.meta,
    )


def until_precise(
    simulate_more: Callable[[range], Trajectory], walkers: int, precision: float | None, steps: float
) -> tuple[Trajectory, Measurement]:
    """Run `simulate_more(numbers of walkers)` until the mean first-passage time is precise enough.

    Every walker launched is run to its end, so early arrivals are not preferred. The precision includes the error
    of the steps.

    Args:
        simulate_more: runs walkers of these numbers.
        walkers: number of the first ones.
        precision: error over the mean time, None for the first walkers alone.
        steps: error of the steps over the mean time.

    Raises:
        UsageError: the error of the steps alone is above the precision.
    """
    if precision is not None:
        if not steps < precision:
            raise UsageError(
                f"the steps alone cause an error of about {100 * steps:.2g} %, and --precision requires "
                f"{100 * precision:.2g} %",
                "an error above that of the steps",
                "give a smaller --dt, or a larger --precision",
            )
        precision = math.sqrt(precision**2 - steps**2)
    trajectory = simulate_more(range(walkers))
    measured = mean_first_passage_time(trajectory)
    while precision is not None and measured.mixed and measured.error > precision * measured.value:
        count = trajectory.states.shape[0]
        needed = math.ceil(count * (measured.error / (precision * measured.value)) ** 2)
        more = min(max(needed, count + walkers), GROWTH * count, MOST_WALKERS) - count
        if more <= 0:
            break
        trajectory = concatenate([trajectory, simulate_more(range(count, count + more))])
        measured = mean_first_passage_time(trajectory)
    return trajectory, measured


class Shares(NamedTuple):
    """Shares by name, compared with the curves whose quantity has that name, and their table."""

    measured: Mapping[str, Measurement]
    comparisons: Sequence[Comparison]
    table: str


def target_shares(
    trajectory: Trajectory, targets: int, curves: Sequence[Curve], temperature: float, level: float
) -> Shares:
    """The share of the walkers that each target caught. A difference is judged relative to an equal share.

    Args:
        trajectory: of walkers that stop at the first of several targets.
        targets: number of targets.
        curves: over the temperature, each for the share that it names.
        temperature: the point on their dial.
        level: chance that any true one of them is excluded.
    """
    found = {f"share of {name}": share for name, share in capture_probabilities(trajectory, targets).items()}
    found = {name: share for name, share in found.items() if share.value or name != "share of none"}
    own = [curve for curve in curves if curve.quantity in found]
    rows: list[Comparison] = []
    for curve in own:
        rows += compare_all(
            [temperature], [found[curve.quantity]], [curve], level / len(own), yardstick=1 / len(found)
        )
    lines: list[list[str | float | None]] = []
    for name, share in found.items():
        low, high = confidence_interval(share)
        laws = [format_prediction(curve.predict(temperature)) for curve in own if curve.quantity == name]
        lines.append(
            [
                name,
                format_value(share.value, share.error),
                f"[{low:.4g}, {high:.4g}]",
                share.n,
                ", ".join(laws) or "-",
            ]
        )
    header = ["reached first", "", "95 % interval", "walkers", "theory"]
    return Shares(found, rows, format_table(header, lines))


def doubt_of_hits(landscape: Landscape, trajectory: Trajectory) -> str:
    """Why the times to the targets are doubtful, by the places where walkers hit them; empty if they are not.

    Args:
        landscape: with targets.
        trajectory: of walkers that stop at a target.
    """
    hits = np.flatnonzero(np.asarray(trajectory.events["status"]) == Status.HIT)[:HITS]
    if not hits.size:
        return ""
    places = np.concatenate([trajectory.states[hits[:1], 0], trajectory.states[hits, -1]])
    points = np.ascontiguousarray(places[np.isfinite(places).all(axis=1)].T)
    deadline = time.thread_time() + SECONDS
    for target in targets_of(landscape):
        seen = is_distance(landscape, target, points, deadline)
        if not seen.passed:
            return f"the target is no signed distance at the points of arrival: {seen.detail}; {seen.remedy}"
    return ""
