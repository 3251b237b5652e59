"""The door: check, start, advance, hand back a Trajectory."""

from __future__ import annotations

import math
import time
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from langevin.dynamics import default_integrator, dynamics_of
from langevin.ensemble import checks
from langevin.ensemble.advance import Plan, Progress, advance, step_lengths
from langevin.ensemble.beginning import beginning, check_going_on, given_states, last_states, time_at
from langevin.ensemble.body_start import check_body_start
from langevin.ensemble.kick_length import check_kick
from langevin.ensemble.surface_start import check_surface_start
from langevin.ensemble.trial_kernels import check_kernels
from langevin.ensemble.trial_step import check_trial
from langevin.ensemble.usual_start import usual_states
from langevin.kernels.targets import targets_of
from langevin.landscapes.contracts import check_shapes
from langevin.provenance import versions
from langevin.types import (
    FloatArray,
    Integrator,
    Noise,
    Problem,
    Start,
    Status,
    StepSchedule,
    Stop,
    Trajectory,
    Watch,
    step_meta,
)

CHECKPOINT_SECONDS = 5.0
#: The time of a step is a rounded product.
ROUND_OFF = 1e-12
RANDOM_NUMBERS = {
    Noise.NORMAL: "Philox4x32-10, Box-Muller in single precision",
    Noise.TWO_POINT: "Philox4x32-10, one bit a number",
}


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
) -> Trajectory:
    """Simulate an ensemble of independent walkers.

    Walker w draws the same noise whatever the number of walkers, threads or chunks. A run that goes on from its
    Trajectory has the bits of one that was never interrupted.

    Args:
        problem: landscape, temperature and law of motion; motion down a loss at temperature 0 is its gradient flow.
        integrator: one step; by default the one that serves the problem's law.
        walkers: how many, 0 to walkers - 1, or their numbers: range(400, 800) adds walkers to an earlier run of 400.
            Left out where `start` is a run.
        steps: largest number of steps, from the start on.
        dt: time step, or a schedule of steps.
        every: record a frame at the multiples of so many steps; by default the first and the last.
        seed: 64-bit; if not given, that of the run that goes on, or drawn; kept in the trajectory's meta.
        start: (dim,) or (walkers, dim) states instead of the landscape's own start; with a seed `Start(states,
            first_step)`, since an array does not say which noise comes next; or a Trajectory, from whose last states,
            step and time the run goes on. Walkers that ended in it stay as they are.
        stop: stop walkers at the landscape's target; the others end as censored. Time counts from the first run that
            stops.
        watch: observables to keep at every frame, threads, and whom to tell; never changes a state.

    Raises:
        UsageError: a number out of range, a law the landscape or integrator does not serve, an
            unstable step, projected motion that starts off its surface or where its equations depend on one another,
            reflected motion that starts outside its body, a kernel that breaks its contract, as a wrong gradient, an
            integrator that fails its trial step, a start that does not say which noise comes next.
    """
    begin = beginning(start, walkers, seed)
    integrator = integrator or default_integrator(problem)
    schedule, dt = (dt.factors, dt.dt) if isinstance(dt, StepSchedule) else (None, dt)
    watch = watch or Watch()
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
    margin = checks.target_margin(problem, integrator, stop, dt)
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
        targets=targets_of(problem.landscape) if stop else (),
        bridges=stop is not None and stop.correction == "bridge",
        threads=checks.thread_count(watch.threads),
        usual_start=begin.watched and begin.usual if isinstance(start, Trajectory) else _given(start) is None,
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
    checks.check_step(problem.landscape, problem.temperature, dt, dynamics, integrator.stability)
    if running.size:
        check_trial(problem, integrator, plan.dt, running)
    now = _progress(plan, states)
    saved = time.perf_counter()
    try:
        for _ in advance(plan, now):
            if watch.progress:
                watch.progress(now.step, now.active.size)
            if watch.checkpoint and time.perf_counter() - saved > CHECKPOINT_SECONDS:
                watch.checkpoint(_trajectory(plan, states, now, watch, complete=False))
                saved = time.perf_counter()
    except (KeyboardInterrupt, SystemExit):
        if watch.checkpoint:
            watch.checkpoint(_trajectory(plan, states, now, watch, complete=False))
        raise
    return _trajectory(plan, states, now, watch, complete=True)


def _start_states(plan: Plan, start: ArrayLike | Start | Trajectory | None) -> FloatArray:
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


def _progress(plan: Plan, states: FloatArray) -> Progress:
    """All walkers at the start; those that had ended in an earlier run, and those in the target, have stopped."""
    begin, count = plan.begin, len(states)
    now = Progress(
        step=begin.step,
        states=states.copy(),
        status=np.zeros(count, np.int64),
        stop_step=np.full(count, -1, np.int64),
        which=np.full(count, -1, np.int64),
        memory=np.zeros((count, plan.memory_rows)),
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
    """A walker that starts inside the target arrives there and then; there is no overshoot to correct.

    Where a watched run goes on, the target is as wide as it was: the last step may have ended in it, past the horizon.
    """
    columns = np.ascontiguousarray(now.states.T)
    margin = plan.margin if plan.begin.watched else 0.0
    for place, target in enumerate(plan.targets):
        distance = np.empty(now.states.shape[0])
        target(columns, distance, plan.problem.landscape.parameters)
        inside = (distance <= margin) & (now.stop_step < 0)
        now.status[inside], now.stop_step[inside], now.which[inside] = Status.HIT, now.step, place


def _trajectory(plan: Plan, start: FloatArray, now: Progress, watch: Watch, complete: bool) -> Trajectory:
    begin = plan.begin
    past = begin.step // plan.every if plan.every else 0
    steps = [begin.step, *(plan.every * (past + 1 + index) for index in range(len(now.frames)))]
    frames = [start, *now.frames]
    end = plan.last if complete else now.step
    if steps[-1] != end:
        steps.append(end)
        frames.append(now.states)
    status = now.status.copy()
    running = status == Status.FINISHED
    if plan.targets and complete:
        status[running] = Status.CENSORED
    stop_step = np.where(running, end, now.stop_step)
    stop_time = now.memory[:, 0] if plan.integrator.variable_step else _clock(plan, stop_step)
    if (before := begin.event("time")) is not None:
        stop_time = np.where(begin.ended, before, stop_time)
    # the last step may end after the horizon; what arrives only then has not arrived by it
    status[(status == Status.HIT) & (stop_time > plan.horizon * (1.0 + ROUND_OFF))] = Status.CENSORED
    reached = {"target": np.where(status == Status.HIT, now.which, -1)} if plan.targets else {}
    tallies = {name: now.memory[:, row].astype(np.int64) for row, name in enumerate(plan.integrator.tallies)}
    times = _clock(plan, steps)
    if plan.integrator.variable_step:  # walkers have clocks of their own; the last has stopped by this time
        times, steps = (
            np.array([0.0, min(plan.horizon, float(now.memory[:, 0].max()))]),
            [begin.step, int(stop_step.max())],
        )
    return Trajectory(
        times=times,
        steps=np.asarray(steps, np.int64),
        states=np.stack(frames, axis=1),
        observables={
            name: np.stack([f(frame) for frame in frames], axis=1) for name, f in watch.observe.items()
        },
        events={
            "status": status.astype(np.uint8),
            "step": stop_step,
            "time": np.minimum(stop_time, plan.horizon),
            **reached,
            **tallies,
        },
        meta=_meta(plan, complete),
    )


def _clock(plan: Plan, steps: ArrayLike) -> FloatArray:
    """Time after so many steps, of which those before the run are not asked for."""
    first, asked = plan.begin.step, np.asarray(steps, np.int64)
    if plan.schedule is None:
        return np.asarray(plan.dt * asked + (plan.begin_time - plan.dt * first), np.float64)
    lengths = step_lengths(plan.dt, plan.schedule, first, plan.last)
    times: FloatArray = np.cumsum([plan.begin_time, *lengths])[np.maximum(asked - first, 0)]
    return times


def _end_time(plan: Plan) -> float | None:
    """Time at which the run is to end, None for walkers with clocks of their own and no horizon."""
    if plan.integrator.variable_step:
        return plan.horizon if plan.horizon < math.inf else None
    return min(plan.horizon, float(_clock(plan, plan.last)))


def _meta(plan: Plan, complete: bool) -> dict[str, Any]:
    problem, landscape = plan.problem, plan.problem.landscape
    return {
        "kind": "toy",
        "landscape": landscape.name,
        "dials": dict(landscape.dials),
        "dynamics": problem.dynamics,
        "measure": plan.integrator.measure,
        "integrator": plan.integrator.name,
        "step": step_meta(plan.integrator),
        "temperature": problem.temperature,
        "dt": plan.dt,
        "schedule": plan.schedule is not None,
        "seed": int(plan.begin.seed),
        "first_walker": plan.begin.walkers.start,
        "numbers": plan.numbers,
        "random_numbers": RANDOM_NUMBERS[plan.integrator.noise],
        "target_shift": plan.margin,
        "bridge": plan.bridges,
        "watched_from": plan.watched_from,
        "tallies": list(plan.integrator.tallies),
        "rejections": list(plan.integrator.rejections),
        "refusals": list(plan.integrator.refusals),
        "arrival": "start",
        "usual_start": plan.usual_start,
        "end_time": _end_time(plan),
        "complete": complete,
        "versions": versions("numpy", "numba"),
    }
