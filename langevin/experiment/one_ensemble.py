"""One ensemble by the settings: a whole ensemble, or the part that an extended run lacks."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from langevin.ensemble import simulate
from langevin.ensemble.extending import extend
from langevin.ensemble.identity import ensemble_of, requested_size
from langevin.errors import UsageError
from langevin.experiment.question import Settings
from langevin.experiment.stage import Stage, Way
from langevin.types import Integrator, Problem, Start, Status, StepSchedule, Stop, Trajectory, Watch


def one_ensemble(
    problem: Problem,
    integrator: Integrator,
    settings: Settings,
    *,
    walkers: range,
    steps: int,
    dt: float | StepSchedule,
    seed: int,
    every: int | None = None,
    stop: Stop | None = None,
    label: str = "",
    labels: Mapping[str, int] | None = None,
) -> Trajectory:
    """Walkers of an ensemble. Walkers of the extended run continue, if it has the ensemble.

    Args:
        problem: to walk on.
        integrator: the step.
        settings: of the run: start, threads, progress, journal, and the run that is extended.
        walkers: their numbers.
        steps: of the whole run.
        dt: the step, or a schedule of steps.
        seed: of the ensemble.
        every: steps from frame to frame.
        stop: at the target.
        label: of the ensemble, in its progress.
        labels: events that distinguish it from other ensembles of the run.

    Raises:
        UsageError: as `simulate` and `extend`; other frames than in the extended run.
    """
    labels = labels or {}
    length = math.nan if isinstance(dt, StepSchedule) else dt
    way = Way(label or problem.landscape.name, len(walkers), steps, length, stop is not None)
    watch = _watch(settings, way, labels)
    common: dict[str, Any] = {
        "walkers": walkers, "steps": steps, "dt": dt, "stop": stop, "start": _start(settings, walkers)
    }  # fmt: skip
    earlier = _earlier(settings, labels) if walkers.start == 0 else None
    if earlier is None:
        run = simulate(
            problem, integrator, seed=seed, every=every, watch=watch, executor=settings.executor, **common
        )
        _check_way(run, settings)
        return run
    had = requested_size(earlier).every
    if (every or 0) != had:
        raise UsageError(
            f"the run that is extended has frames at the multiples of {had} steps, and {every} are requested",
            "one distance of frames in a run",
            f"give --every {had}, or leave --every and --frames out",
        )
    watch_of_added = _watch(settings, way, labels)
    return extend(
        earlier,
        problem,
        integrator,
        watch=watch,
        watch_of_added=watch_of_added,
        executor=settings.executor,
        **common,
    )


def _check_way(run: Trajectory, settings: Settings) -> None:
    """Refuse requested starts that all lie in the target.

    Raises:
        UsageError: all of them lie in the target.
    """
    status, steps = np.asarray(run.events["status"]), np.asarray(run.events["step"])
    if settings.start is not None and ((status == Status.HIT) & (steps <= run.steps[0])).all():
        raise UsageError(
            "the start lies in the target, so no walker is on its way",
            "the start must be outside the target",
            "give another --start",
        )


def walkers_of(settings: Settings, usual: int, labels: Mapping[str, int] | None = None) -> int:
    """Number of walkers of an ensemble: the requested one, at least the extended run's number; else the usual one.

    If a state is given for each walker, the usual number is the number of states.

    Args:
        settings: of the run.
        usual: number of walkers if none is requested.
        labels: labels that select the ensemble of an extended run.
    """
    earlier = _earlier(settings, labels or {})
    if earlier is not None:
        return max(settings.walkers or 0, len(earlier.states))
    given = settings.start if settings.start is not None and settings.start.ndim == 2 else None
    return settings.walkers or (usual if given is None else len(given))


def every_of(settings: Settings, steps: int, usual: int) -> int:
    """Steps from frame to frame: as requested, as in the run that is extended, or as usual.

    Args:
        settings: of the run.
        steps: of the whole run.
        usual: steps from frame to frame, if the settings give none.
    """
    if settings.every is not None:
        return settings.every
    if settings.frames is not None:
        return max(1, steps // settings.frames)
    earlier = _earlier(settings, {})
    return usual if earlier is None else requested_size(earlier).every or usual


def steps_had(settings: Settings) -> int:
    """Steps of the run that is extended; 0 if none is."""
    earlier = _earlier(settings, {})
    return 0 if earlier is None else requested_size(earlier).last


def _earlier(settings: Settings, labels: Mapping[str, int]) -> Trajectory | None:
    """The ensemble of the run that is extended; a check of the step has none."""
    return None if settings.earlier is None or settings.aside else ensemble_of(settings.earlier, labels)


def _watch(settings: Settings, way: Way, labels: Mapping[str, int]) -> Watch:
    """The watch of one walk: threads, progress, journal and meta of the settings."""
    progress = settings.progress
    return Watch(
        labels=labels,
        extra_meta=settings.extra_meta,
        threads=settings.threads,
        tasks=settings.tasks,
        progress=None if progress is None else lambda step, running: progress(Stage(way, step, running)),
        journal=None if settings.journal is None else settings.journal(settings.aside),
    )


def _start(settings: Settings, walkers: range) -> Start | None:
    """The states at which these walkers start; None for the usual start of the landscape."""
    states = settings.start
    if states is None:
        return None
    if states.ndim == 2 and settings.aside:  # a check of the step may have more walkers
        return Start(states[np.arange(walkers.start, walkers.stop) % len(states)], first_step=0)
    if states.ndim == 2 and walkers.stop > len(states):
        raise UsageError(
            f"{walkers.stop} walkers are requested, and --start has {len(states)} states",
            "there must be a state for each walker",
            f"give --walkers {len(states)}, or one state for all",
        )
    return Start(states[walkers.start : walkers.stop] if states.ndim == 2 else states, first_step=0)
