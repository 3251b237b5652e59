"""Extend a finished run by more time or more walkers: the result has the bits of one run of the full size.

Noise is addressed by seed, walker and step, and both counters continue. So unfinished walkers continue from their last
state, and added walkers begin at their start, under new numbers. Walkers that were lost or had arrived do not move.

Three things differ from one run. A lost walker is lost at the same step, but frames after the loss may differ, because
the longer run detects the loss later. Censored walkers with individual clocks (`variable_step`) have stopped at
different steps, so they walk again from their start, which gives the same bits but takes time. And the distance between
frames is that of the finished run: one run of the full size has the same frames if it has the same `every`.
"""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from langevin.ensemble.beginning import Origin
from langevin.ensemble.checks import walker_numbers
from langevin.ensemble.identity import END, RequestedSize, lasting, requested_size
from langevin.ensemble.keeping import PIECE_BYTES, progress_of
from langevin.ensemble.record import IDENTITY, Plan, Progress, concatenate, end_time
from langevin.ensemble.simulation import prepared, simulate, walked
from langevin.errors import InputFileError, UsageError
from langevin.provenance import DAMAGED, changes, check_none
from langevin.types import (
    FloatArray,
    Integrator,
    Journal,
    Problem,
    Start,
    Status,
    StepSchedule,
    Stop,
    Trajectory,
    Watch,
)


def extend(
    run: Trajectory,
    problem: Problem,
    integrator: Integrator | None = None,
    *,
    walkers: int | range | None = None,
    steps: int,
    dt: float | StepSchedule,
    start: ArrayLike | Start | Trajectory | None = None,
    stop: Stop | None = None,
    watch: Watch | None = None,
    watch_of_added: Watch | None = None,
    executor: Executor | None = None,
) -> Trajectory:
    """Extend `run` to the result of `simulate(problem, integrator, walkers=walkers, steps=steps, ...)`.

    Only the steps that `run` lacks are simulated. The seed and the distance between frames are those of `run`. All
    other arguments are given again, since a run holds no functions; they are compared with those of `run`.

    Args:
        run: a finished run of one ensemble, from `simulate` or `extend`, or loaded from a file.
        problem: the problem of the run.
        integrator: the integrator of the run; by default the one for the problem's law.
        walkers: all walkers of the extended run, at least those of the run; by default the same.
        steps: number of all steps since the start of the run, at least those of the run.
        dt: the step of the run, or its schedule, which continues.
        start: the start of the run, for all walkers of the extended run.
        stop: the stop of the run, with a horizon that is the same or later.
        watch: for the walkers of the run: observables, threads, and the function that reports progress.
        watch_of_added: the watch for the added walkers; by default `watch` without its journal.
        executor: whose workers simulate, as in `simulate`.

    Returns:
        The extended run, as `simulate` returns it.

    Raises:
        InputFileError: the run was made by another problem, integrator or software (something that decides its bits
            has changed), or its state is damaged.
        UsageError: the run holds no state (older versions kept none), the request is smaller than the run, or
            `simulate` refuses the arguments.
    """
    requested, watch = requested_size(run), watch or Watch()
    watch_of_added = replace(watch, journal=None) if watch_of_added is None else watch_of_added
    own = _own(run)
    whole = own if walkers is None else walker_numbers(walkers)
    if whole.start != own.start or whole.stop < own.stop:
        raise UsageError(
            f"the run has the walkers {own.start} to {own.stop - 1} already, and {len(whole)} from {whole.start} on "
            "are requested",
            "an extension keeps all walkers",
            "ask for more of them",
        )
    added = range(own.stop, whole.stop)
    common: dict[str, Any] = {
        "steps": steps, "dt": dt, "every": requested.every or None, "seed": requested.seed, "stop": stop
    }  # fmt: skip
    plan, states = prepared(
        problem, integrator, walkers=own, start=_start(start, slice(0, len(own))), watch=watch, executor=executor,
        **common,
    )  # fmt: skip
    first = walked(plan, states, watch, partial(_grown, plan, states, run, requested, watch), executor)
    if not added:
        return first
    rows = slice(len(own), len(whole))
    more = simulate(
        problem,
        integrator,
        walkers=added,
        start=_start(start, rows),
        watch=watch_of_added,
        executor=executor,
        **common,
    )
    return concatenate(_at_the_same_steps([first, more]))


def _at_the_same_steps(parts: list[Trajectory]) -> list[Trajectory]:
    """Runs with one end, all at the frames of the run that has most; walkers of the others stay where they ended."""
    longest = max(parts, key=lambda part: len(part.steps))

    def at_all(part: Trajectory) -> Trajectory:
        if len(part.steps) == len(longest.steps):
            return part
        places = np.searchsorted(part.steps, longest.steps)
        observables = {name: np.asarray(values)[:, places] for name, values in part.observables.items()}
        states = np.asarray(part.states)[:, places]
        return replace(part, times=longest.times, steps=longest.steps, states=states, observables=observables)

    return [at_all(part) for part in parts]


def _own(run: Trajectory) -> range:
    """Numbers of the walkers of a run."""
    first = run.meta.get("first_walker", 0)
    if type(first) is not int:
        raise InputFileError(DAMAGED)
    return walker_numbers(range(first, first + run.states.shape[0]))


def _start(start: Origin, rows: slice) -> Origin:
    """The start of the walkers in `rows`; its first step counts in the noise of the run's seed."""
    if start is None or isinstance(start, Trajectory):
        return start
    states, step = (start.states, start.first_step) if isinstance(start, Start) else (start, 0)
    if states is not None and np.ndim(states) == 2:
        states = np.asarray(states)[rows]
    return Start(states, step)


def _grown(
    plan: Plan, states: FloatArray, run: Trajectory, requested: RequestedSize, watch: Watch
) -> Progress:
    """The progress of the longer run, with the walkers of the finished run instead of those at its start."""
    _check_the_same(plan, states, run, requested, watch)
    if not plan.integrator.variable_step and run.steps[-1] != requested.last:
        raise InputFileError(DAMAGED)
    at, stopped = requested.last, np.asarray(run.state.get("stop_step", ()))
    if not plan.integrator.variable_step and stopped.size and (stopped >= 0).all():
        at = max(
            plan.begin.step, int(stopped.max())
        )  # after the last arrival there are no frames, except the last one of the run
    recorded = 1 + (at // plan.every - plan.begin.step // plan.every if plan.every else 0)
    large = watch.journal is not None and run.states.nbytes > PIECE_BYTES and recorded > 1
    pieces, before = (1, recorded - 1) if large else (0, 0)
    state = {
        **{name: values for name, values in run.state.items() if name != IDENTITY},
        "at": np.array([at, pieces, before, recorded - before]),
        "states": np.array(run.states[:, -1]),
    }
    now = progress_of(plan, replace(run, state=state))
    if large and watch.journal is not None:
        _put_aside(watch.journal, run, recorded - 1)
    if plan.integrator.variable_step and end_time(plan) != requested.end:
        late = now.status == Status.CENSORED
        now.states[late], now.memory[late], now.status[late] = states[late], 0.0, Status.FINISHED
        now.stop_step[late], now.which[late] = -1, -1
        now.step = plan.begin.step
    return now


def _put_aside(journal: Journal, run: Trajectory, frames: int) -> None:
    """Write the first `frames` frames of a run as the start of the longer one, in blocks if they are in a file."""
    part = slice(frames)
    observables = {name: values[:, part] for name, values in run.observables.items()}
    first = replace(run, times=run.times[part], steps=run.steps[part], states=run.states[:, part],
                    observables=observables, state={})  # fmt: skip
    journal.cut(0, first)


def _check_the_same(
    plan: Plan, states: FloatArray, run: Trajectory, requested: RequestedSize, watch: Watch
) -> None:
    """Refuse a run that another plan made, and a plan that requests less than the run has.

    Raises:
        InputFileError: something that decides the bits of the run differs from the plan.
        UsageError: the plan requests less than the run has.
    """
    end = end_time(plan)
    shorter = end is not None and requested.end is not None and end < requested.end
    if plan.last < requested.last or (plan.integrator.variable_step and shorter):
        raise UsageError(
            f"the run has {requested.last} steps already, to the time {requested.end}, and {plan.last} are requested, "
            f"to the time {end}",
            "an extension keeps all of the run",
            "ask for a later end",
        )
    then = replace(plan, last=requested.last)
    differing = [
        change for change in changes(requested.text, lasting(then, watch)) if f"setting {END} " not in change
    ]
    if not np.array_equal(np.asarray(run.states[:, 0]), states, equal_nan=True):
        differing.append("the starts")
    check_none(differing)
