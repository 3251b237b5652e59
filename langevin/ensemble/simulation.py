"""Simulate walkers: check the arguments, start, advance, return a Trajectory."""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import closing
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from langevin.dynamics import default_integrator, dynamics_of
from langevin.ensemble import checks
from langevin.ensemble.advance import advance
from langevin.ensemble.beginning import (
    Origin,
    beginning,
    check_going_on,
    given_states,
    last_states,
    time_at,
    usual_states,
)
from langevin.ensemble.blocks import few_of
from langevin.ensemble.identity import identity
from langevin.ensemble.keeping import cut, end_state, finished, progress_of, write
from langevin.ensemble.positions import FARTHEST, all_somewhere, check_body_start, check_surface_start
from langevin.ensemble.record import Frames, Plan, Progress, run_so_far
from langevin.ensemble.spread import advance_over
from langevin.ensemble.step_length import check_kick, shifted_targets, target_margin
from langevin.ensemble.trial_kernels import check_kernels, check_trial
from langevin.errors import WorkersLost, unfit
from langevin.landscapes.contracts import check_shapes
from langevin.types import (
    FloatArray,
    Integrator,
    Problem,
    Start,
    Status,
    StepSchedule,
    Stop,
    Trajectory,
    Watch,
)


def simulate(
    problem: Problem,
    integrator: Integrator | None = None,
    *,
    walkers: int | range | None = None,
    steps: int,
    dt: float | StepSchedule,
    every: int | None = None,
    seed: int | None = None,
    start: ArrayLike | Start | Trajectory | None = None,
    stop: Stop | None = None,
    watch: Watch | None = None,
    executor: Executor | None = None,
) -> Trajectory:
    """Simulate an ensemble of independent walkers.

    Walker w draws the same noise for every number of walkers, threads or chunks. A run that continues from its
    Trajectory has the bits of a run that was never interrupted.

    Args:
        problem: landscape, temperature and law of motion; motion down a loss at temperature 0 is its gradient flow.
        integrator: one step; by default the one for the problem's law.
        walkers: their count, or a range of their numbers: range(400, 800) adds walkers to an earlier run of 400. A
            count means the numbers from 0 on. Leave it out if `start` is a run.
        steps: largest number of steps, counted from the start.
        dt: time step, or a schedule of steps.
        every: record a frame at the multiples of this number of steps; by default only at start and end.
        seed: a 64-bit number; by default that of the run that continues, or drawn; kept in the trajectory's meta.
        start: (dim,) or (walkers, dim) states instead of the landscape's own start; with a seed `Start(states,
            first_step)`, since an array does not determine the next noise; or a Trajectory, from whose last states,
            step and time the run continues. Walkers that ended in it stay as they are.
        stop: stop walkers at the landscape's target; the others end as censored. Times are counted from the first run
            with a stop.
        watch: observables to keep at every frame, threads, and the function that reports progress. It never changes
            a state.
        executor: whose workers simulate: a pool of threads or of spawned processes, or a cluster (docs/cluster.md).
            Each task has some of the walkers, on one thread or on the `threads` of the watch. The bits are the same.
            Checks, observables and files stay in this process. A landscape is sent by the names of its functions,
            which must be defined in modules.

    Returns:
        The run: frames (walkers, frames, dim), observables, events of the walkers and the configuration.

    Raises:
        UsageError: a number out of range; a law that the landscape or the integrator cannot have; an
            unstable step; projected motion that starts off its surface or where its equations depend on one another;
            reflected motion that starts outside its body; a kernel that breaks its contract, such as a wrong gradient;
            an integrator that fails its trial step; a start that does not determine which noise comes next; a landscape
            that the workers of an executor cannot import, or of which they have another version.
        WorkersLost: the workers of an executor have died; a run that a journal has kept can be continued.
    """
    watch = watch or Watch()
    plan, states = prepared(
        problem, integrator, walkers=walkers, steps=steps, dt=dt, every=every, seed=seed, start=start, stop=stop,
        watch=watch, executor=executor,
    )  # fmt: skip
    return walked(plan, states, watch, partial(_progress, plan, states), executor)


def prepared(
    problem: Problem,
    integrator: Integrator | None,
    *,
    walkers: int | range | None,
    steps: int,
    dt: float | StepSchedule,
    every: int | None,
    seed: int | None,
    start: Origin,
    stop: Stop | None,
    watch: Watch,
    executor: Executor | None = None,
) -> tuple[Plan, FloatArray]:
    """The plan of a run with these arguments of `simulate`, after all checks, and its first states (walkers, dim)."""
    begin = beginning(start, walkers, seed)
    integrator = integrator or default_integrator(problem)
    schedule, dt = (dt.factors, dt.dt) if isinstance(dt, StepSchedule) else (None, dt)
    checks.check_numbers(problem, len(begin.walkers), steps, dt, every, begin.seed)
    checks.check_law(problem, integrator)
    dynamics = dynamics_of(problem.dynamics)
    last = checks.last_step(begin.step, steps, dt)
    checks.check_schedule(schedule, integrator, begin.step, last, stop)
    checks.check_frames(integrator, every, stop)
    begin_time = 0.0 if integrator.variable_step else time_at(begin, dt, schedule)
    watched_from = begin.watched_from if begin.watched else begin_time
    horizon = watched_from + stop.horizon if stop else math.inf
    if not integrator.variable_step:
        last = checks.last_step(begin.step, steps, dt, horizon - (begin_time - dt * begin.step))
    margin = target_margin(problem, integrator, stop, dt)
    bridges = stop is not None and stop.correction == "bridge"
    plan = Plan(
        problem=problem,
        integrator=integrator,
        dt=float(dt),
        schedule=schedule,
        begin=begin,
        begin_time=begin_time,
        last=last,
        every=int(every or 0),
        margin=margin,
        watched_from=watched_from,
        horizon=horizon,
        targets=shifted_targets(problem.landscape, integrator) if stop else (),
        bridges=bridges,
        threads=checks.task_threads(watch, executor),
        usual_start=begin.watched and begin.usual if isinstance(start, Trajectory) else _given(start) is None,
        few=few_of(problem.landscape, integrator, len(begin.walkers), bridges),
    )
    states = _start_states(plan, start)
    check_going_on(begin, integrator, problem.landscape, plan.numbers, stop is not None)
    check_shapes(problem.landscape)
    running = states[~begin.ended]
    _check_places(plan, running)
    if running.size:
        check_kernels(problem, plan.dt, last - begin.step, running)
        if dynamics.cold and not (integrator.law and integrator.law.exact):
            check_kick(problem.landscape, running, problem.temperature, dt)
    checks.check_step(
        problem.landscape,
        problem.temperature,
        dt,
        dynamics,
        checks.stability_of(integrator),
        checks.diffusion_of(integrator),
    )
    if running.size:
        check_trial(problem, integrator, plan.dt, running)
    return plan, states


def walked(
    plan: Plan,
    states: FloatArray,
    watch: Watch,
    begun: Callable[[], Progress],
    executor: Executor | None = None,
) -> Trajectory:
    """Simulate the plan to its end: from the progress that its journal has kept, otherwise from `begun()`."""
    kept = None if watch.journal is None else watch.journal.open(partial(identity, plan, states, watch))
    if kept is not None and kept.meta.get("complete") is True:
        return finished(plan, kept)
    return _walk(plan, begun() if kept is None else progress_of(plan, kept), watch, executor)


def _walk(plan: Plan, now: Progress, watch: Watch, executor: Executor | None) -> Trajectory:
    """Simulate to the end; meanwhile report progress and write files as the watch requests."""
    journal = watch.journal
    steps = advance(plan, now) if executor is None else advance_over(executor, plan, now, watch.tasks)
    try:
        with closing(steps) as going:  # an exception raised here ends the tasks of an executor at once
            for _ in going:
                if watch.progress:
                    watch.progress(now.step, now.active.size)
                if journal:
                    cut(journal, plan, now, watch)
                    if journal.due():
                        write(journal, plan, now, watch)
    except (KeyboardInterrupt, SystemExit, WorkersLost):
        if journal and now.steady:
            write(journal, plan, now, watch)
        raise
    last = replace(run_so_far(plan, now, watch, complete=True), state=end_state(plan, now, watch))
    return journal.close(now.frames.pieces, last) if journal else last


def _start_states(plan: Plan, start: Origin) -> FloatArray:
    landscape, walkers = plan.problem.landscape, plan.begin.walkers
    if isinstance(start, Trajectory):
        return last_states(plan.begin, landscape.dim)
    if (states := _given(start)) is not None:
        return given_states(states, len(walkers), landscape.dim)
    numbers = np.arange(walkers.start, walkers.stop, dtype=np.uint64)
    return usual_states(plan.problem, plan.begin.seed, numbers)


def _given(start: ArrayLike | Start | None) -> ArrayLike | None:
    return start.states if isinstance(start, Start) else start


def _check_places(plan: Plan, states: FloatArray) -> None:
    """Refuse states (walkers, dim) outside the set on which walkers move."""
    problem, landscape = plan.problem, plan.problem.landscape
    if not states.size:
        return
    if dynamics_of(problem.dynamics).cold:
        check_surface_start(landscape, states, math.sqrt(2.0 * problem.temperature * plan.dt))
    if landscape.is_body:
        check_body_start(landscape, states)
    if not all_somewhere(states):
        raise unfit(
            "the coordinates of every start",
            f"must be below {FARTHEST:g} in size",
            f"{np.abs(states).max():.3g}",
        )


def _progress(plan: Plan, states: FloatArray) -> Progress:
    """The progress at the start: walkers that ended in an earlier run, or that start in the target, have stopped."""
    begin, count = plan.begin, len(states)
    now = Progress(
        step=begin.step,
        states=states.copy(),
        status=np.zeros(count, np.int64),
        stop_step=np.full(count, -1, np.int64),
        which=np.full(count, -1, np.int64),
        memory=np.zeros((count, plan.memory_rows)),
        frames=Frames([states[:, None]]),
    )
    for row, name in enumerate(plan.integrator.tallies):
        now.memory[:, row] = 0 if (counted := begin.event(name)) is None else counted
    if (ended := begin.ended).any() and begin.run is not None:
        events = begin.run.events
        now.status[ended], now.stop_step[ended] = events["status"][ended], events["step"][ended]
        now.which[ended] = events["target"][ended] if begin.watched else -1
    _stop_at_once(plan, now)
    return now


def _stop_at_once(plan: Plan, now: Progress) -> None:
    """Stop walkers that start inside the target: they arrive at once, and there is no overshoot to correct.

    If a run with a target continues, the target keeps its width: the last step of that run may have ended in the
    target, after the horizon.
    """
    columns = np.ascontiguousarray(now.states.T)
    margin = plan.margin if plan.begin.watched else 0.0
    for place, target in enumerate(plan.targets):
        distance = np.empty(now.states.shape[0])
        target(columns, distance, plan.problem.landscape.parameters)
        inside = (distance <= margin) & (now.stop_step < 0)
        now.status[inside], now.stop_step[inside], now.which[inside] = Status.HIT, now.step, place
