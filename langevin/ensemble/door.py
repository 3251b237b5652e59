"""The door: check, start, advance, hand back a Trajectory."""

from __future__ import annotations

import math
import secrets
import time
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from langevin.dynamics import default_integrator, dynamics_of
from langevin.ensemble import checks
from langevin.ensemble.advance import Plan, Progress, advance, step_lengths
from langevin.ensemble.body_start import check_body_start
from langevin.ensemble.surface_start import check_surface_start
from langevin.ensemble.trial_kernels import check_kernels
from langevin.ensemble.trial_step import check_trial
from langevin.errors import UsageError
from langevin.kernels.streams import start_uniforms
from langevin.kernels.targets import targets_of
from langevin.landscapes.contracts import check_shapes
from langevin.provenance import versions
from langevin.types import (
    FloatArray,
    Integrator,
    Noise,
    Problem,
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
    walkers: int | range,
    steps: int,
    dt: float | StepSchedule,
    every: int | None = None,
    seed: int | None = None,
    start: ArrayLike | None = None,
    stop: Stop | None = None,
    watch: Watch | None = None,
) -> Trajectory:
    """Simulate an ensemble of independent walkers.

    Walker w draws the same noise whatever the number of walkers, threads, chunks or restarts.

    Args:
        problem: landscape, temperature and law of motion.
        integrator: one step; by default the one that serves the problem's law.
        walkers: how many, 0 to walkers - 1, or their numbers: range(400, 800) adds walkers to an earlier run of 400.
        steps: largest number of steps.
        dt: time step, or a schedule of steps.
        every: record a frame every so many steps; by default the first and the last.
        seed: 64-bit; drawn and kept in the trajectory's meta if not given.
        start: (dim,) or (walkers, dim) states instead of the landscape's own start.
        stop: stop walkers at the landscape's target; the others end as censored.
        watch: observables to keep at every frame, threads, and whom to tell; never changes a state.

    Raises:
        UsageError: a number out of range, a law the landscape or integrator does not serve, an
            unstable step, projected motion that starts off its surface or where its equations depend on one another,
            reflected motion that starts outside its body, a kernel that breaks its contract, as a wrong gradient, an
            integrator that fails its trial step.
    """
    seed = secrets.randbits(64) if seed is None else seed
    integrator = integrator or default_integrator(problem)
    schedule, dt = (dt.factors, dt.dt) if isinstance(dt, StepSchedule) else (None, dt)
    watch = watch or Watch()
    walkers = checks.walker_numbers(walkers)
    checks.check_numbers(problem, len(walkers), steps, dt, every, seed)
    checks.check_law(problem, integrator)
    dynamics = dynamics_of(problem.dynamics)
    checks.check_schedule(schedule, integrator, int(steps), stop)
    steps = checks.check_frames(integrator, every, steps, dt, stop)
    margin = checks.target_margin(problem, integrator, stop, dt)
    plan = Plan(
        problem=problem,
        integrator=integrator,
        dt=float(dt),
        schedule=schedule,
        steps=int(steps),
        every=int(every or 0),
        seed=int(seed),
        walkers=walkers,
        margin=margin,
        horizon=stop.horizon if stop else math.inf,
        targets=targets_of(problem.landscape) if stop else (),
        bridges=stop is not None and stop.correction == "bridge",
        threads=checks.thread_count(watch.threads),
        usual_start=start is None,
    )
    states = _start_states(plan, start)
    check_shapes(problem.landscape)
    kick = math.sqrt(2.0 * problem.temperature * dt)
    if dynamics.cold:
        check_surface_start(problem.landscape, states, kick)
    if problem.landscape.is_body and start is not None:
        check_body_start(problem.landscape, states)
    check_kernels(problem, plan.dt, plan.steps, states)
    checks.check_step(problem.landscape, problem.temperature, dt, dynamics, integrator.stability)
    check_trial(problem, integrator, plan.dt, states)
    now = Progress(
        step=0,
        states=states.copy(),
        status=np.zeros(len(walkers), np.int64),
        stop_step=np.full(len(walkers), -1, np.int64),
        which=np.full(len(walkers), -1, np.int64),
        memory=np.zeros((len(walkers), plan.memory_rows)),
    )
    _stop_at_once(plan, now)
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


def _start_states(plan: Plan, start: ArrayLike | None) -> FloatArray:
    landscape, walkers = plan.problem.landscape, len(plan.walkers)
    if start is None:
        numbers = np.arange(plan.walkers.start, plan.walkers.stop, dtype=np.uint64)
        # projected motion starts cold: the limit of low temperature lies on the surface
        heat = 0.0 if dynamics_of(plan.problem.dynamics).cold else plan.problem.temperature
        return landscape.start(start_uniforms(plan.seed, numbers, landscape.dim), heat)
    try:
        given = np.asarray(start, np.float64)
    except (TypeError, ValueError) as error:
        raise UsageError(
            f"start must be an array of numbers, of shape ({landscape.dim},): {error}"
        ) from error
    shapes = (landscape.dim,), (walkers, landscape.dim)
    if given.shape not in shapes or not np.isfinite(given).all():
        wrong = (
            f"{given.shape}"
            if given.shape not in shapes
            else "infinite coordinates or some that are not a number"
        )
        raise UsageError(f"start must be finite, of shape {shapes[0]} or {shapes[1]}; got {wrong}")
    return np.broadcast_to(given, (walkers, landscape.dim)).copy()


def _stop_at_once(plan: Plan, now: Progress) -> None:
    """A walker that starts inside the target arrives at step 0; there is no overshoot to correct."""
    columns = np.ascontiguousarray(now.states.T)
    for place, target in enumerate(plan.targets):
        distance = np.empty(now.states.shape[0])
        target(columns, distance, plan.problem.landscape.parameters)
        inside = (distance <= 0.0) & (now.stop_step < 0)
        now.status[inside], now.stop_step[inside], now.which[inside] = Status.HIT, 0, place


def _trajectory(plan: Plan, start: FloatArray, now: Progress, watch: Watch, complete: bool) -> Trajectory:
    steps = [0, *(plan.every * (1 + index) for index in range(len(now.frames)))]
    frames = [start, *now.frames]
    end = plan.steps if complete else now.step
    if steps[-1] != end:
        steps.append(end)
        frames.append(now.states)
    status = now.status.copy()
    running = status == Status.FINISHED
    if plan.targets and complete:
        status[running] = Status.CENSORED
    stop_step = np.where(running, end, now.stop_step)
    stop_time = now.memory[:, 0] if plan.integrator.variable_step else _clock(plan, stop_step)
    # the last step may end after the horizon; what arrives only then has not arrived by it
    status[(status == Status.HIT) & (stop_time > plan.horizon * (1.0 + ROUND_OFF))] = Status.CENSORED
    reached = {"target": np.where(status == Status.HIT, now.which, -1)} if plan.targets else {}
    tallies = {name: now.memory[:, row].astype(np.int64) for row, name in enumerate(plan.integrator.tallies)}
    times = _clock(plan, steps)
    if plan.integrator.variable_step:  # walkers have clocks of their own; the last has stopped by this time
        times, steps = (
            np.array([0.0, min(plan.horizon, float(now.memory[:, 0].max()))]),
            [0, int(stop_step.max())],
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
    """Time after so many steps."""
    if plan.schedule is None:
        return plan.dt * np.asarray(steps, np.float64)
    lengths = step_lengths(plan.dt, plan.schedule, 0, plan.steps)
    times: FloatArray = np.concatenate([[0.0], np.cumsum(lengths)])[np.asarray(steps)]
    return times


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
        "seed": plan.seed,
        "random_numbers": RANDOM_NUMBERS[plan.integrator.noise],
        "target_shift": plan.margin,
        "bridge": plan.bridges,
        "tallies": list(plan.integrator.tallies),
        "rejections": list(plan.integrator.rejections),
        "refusals": list(plan.integrator.refusals),
        "arrival": "start",
        "usual_start": plan.usual_start,
        "complete": complete,
        "versions": versions("numpy", "numba"),
    }
