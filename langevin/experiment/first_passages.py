"""Runs that stop at a target, as many walkers as the precision requires."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from langevin.ensemble.record import concatenate
from langevin.errors import UsageError
from langevin.experiment.asked_walk import steps_in, steps_of
from langevin.experiment.one_ensemble import one_ensemble, walkers_of
from langevin.experiment.question import Settings
from langevin.measure import mean_first_passage_time
from langevin.types import Integrator, Measurement, Problem, Stop, Trajectory

#: Enough that a theory with an error of 10 % is excluded with a power of 80 %, if its times are exponential.
WALKERS = 1000

MOST_WALKERS = 1_000_000
#: Never more than this many times the walkers so far at once: the estimate of what is needed is itself noisy.
GROWTH = 4


def first_passages(
    problem: Problem, integrator: Integrator, dt: float, horizon: float, settings: Settings, error: float
) -> Trajectory:
    """Run until the mean first-passage time is as precise as required; `error` is that of the steps over it.

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
    """The correction of the overshoot: the requested one, else the shift, and none for steps that are not Gaussian."""
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
    """The run with whole-number labels, the same for every walker, among its events."""
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

    Every walker launched is run to its end, so early arrivals are not preferred. The precision is that of the scatter
    and the steps together.

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
