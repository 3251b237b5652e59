"""Make a Trajectory of a run: of the whole run, of a piece of its frames, of its progress, or of joined runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from langevin.ensemble.plan import Frames, Plan, Progress, step_lengths
from langevin.provenance import versions
from langevin.types import FloatArray, Noise, Status, Trajectory, Watch, step_meta

#: Relative tolerance when times are compared: the time of a step is a rounded product.
ROUND_OFF = 1e-12
RANDOM_NUMBERS = {
    Noise.NORMAL: "Philox4x32-10, Box-Muller in single precision",
    Noise.TWO_POINT: "Philox4x32-10, one bit a number",
}
#: The array of a state that has no row for each walker: the identity of each ensemble, as text.
IDENTITY = "identity"


def frames_so_far(plan: Plan, now: Progress, watch: Watch, frames: Frames) -> Trajectory:
    """A Trajectory of the given recorded frames, with the present status of all walkers."""
    return _trajectory(plan, now, watch, list(frames.recorded), _steps(plan, frames), complete=False)


def run_so_far(plan: Plan, now: Progress, watch: Watch, complete: bool) -> Trajectory:
    """A Trajectory of the frames in memory and of the present states, which are its last frame.

    A run is `complete` if it has made its last step, or if all its walkers have stopped.
    """
    frames, steps = list(now.frames.recorded), _steps(plan, now.frames)
    end = plan.last if complete else now.step
    if steps[-1] != end:
        steps.append(end)
        frames.append(now.states[:, None])
    return _trajectory(plan, now, watch, frames, steps, complete)


def _steps(plan: Plan, frames: Frames) -> list[int]:
    return steps_of(plan, range(frames.before, frames.before + frames.count))


def steps_of(plan: Plan, numbers: range) -> list[int]:
    """Steps of the frames of these numbers: frame 0 is the start, the others lie at multiples of `every`."""
    first = plan.begin.step
    past = first // plan.every if plan.every else 0
    return [first if number == 0 else plan.every * (past + number) for number in numbers]


def _trajectory(
    plan: Plan, now: Progress, watch: Watch, frames: list[FloatArray], steps: list[int], complete: bool
) -> Trajectory:
    times = clock(plan, steps)
    ended = _ended(plan, now, plan.last if complete else now.step, complete)
    if plan.integrator.variable_step and len(steps) > 1:
        # walkers have individual clocks; the last walker has stopped by this time
        times = np.array([0.0, min(plan.horizon, float(now.memory[:, 0].max()))])
        steps = [plan.begin.step, max(int(ended["step"].max()), plan.begin.step + 1)]
    tallies = {name: now.memory[:, row].astype(np.int64) for row, name in enumerate(plan.integrator.tallies)}
    states = np.concatenate(frames, axis=1)
    labels = {name: np.full(len(now.states), value, np.int64) for name, value in watch.labels.items()}
    return Trajectory(
        times=times,
        steps=np.asarray(steps, np.int64),
        states=states,
        observables={
            name: np.stack(
                [f(np.ascontiguousarray(states[:, frame])) for frame in range(states.shape[1])], axis=1
            )
            for name, f in watch.observe.items()
        },
        events={**ended, **tallies, **labels},
        meta={**meta_of(plan), "complete": complete, **watch.said},
    )


def _ended(plan: Plan, now: Progress, end: int, complete: bool) -> dict[str, NDArray[Any]]:
    """Events: status, step and time of each walker's end, and its target; the others have reached step `end`."""
    status, begin = now.status.copy(), plan.begin
    running = status == Status.FINISHED
    if plan.targets and complete:
        status[running] = Status.CENSORED
    stop_step = np.where(running, end, now.stop_step)
    stop_time = now.memory[:, 0] if plan.integrator.variable_step else clock(plan, stop_step)
    if (before := begin.event("time")) is not None:
        stop_time = np.where(begin.ended, before, stop_time)
    # the last step may end after the horizon; a walker that arrives after the horizon has not arrived
    status[(status == Status.HIT) & (stop_time > plan.horizon * (1.0 + ROUND_OFF))] = Status.CENSORED
    reached = {"target": np.where(status == Status.HIT, now.which, -1)} if plan.targets else {}
    return {
        "status": status.astype(np.uint8),
        "step": stop_step,
        "time": np.minimum(stop_time, plan.horizon),
        **reached,
    }


def clock(plan: Plan, steps: ArrayLike) -> FloatArray:
    """Times after the given numbers of steps of a plan, none of them before the start of the run."""
    first, asked = plan.begin.step, np.asarray(steps, np.int64)
    if plan.schedule is None:
        return np.asarray(plan.dt * asked + (plan.begin_time - plan.dt * first), np.float64)
    lengths = step_lengths(plan.dt, plan.schedule, first, plan.last)
    times: FloatArray = np.cumsum([plan.begin_time, *lengths])[np.maximum(asked - first, 0)]
    return times


def end_time(plan: Plan) -> float | None:
    """Time at which the run is to end, None for walkers with individual clocks and no horizon."""
    if plan.integrator.variable_step:
        return plan.horizon if plan.horizon < np.inf else None
    return min(plan.horizon, float(clock(plan, plan.last)))


def meta_of(plan: Plan) -> dict[str, Any]:
    """The configuration of a run, in values that JSON can hold."""
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
        "first_step": plan.begin.step,
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
        "end_time": end_time(plan),
        "versions": versions("numpy", "numba"),
    }


def concatenate(parts: Sequence[Trajectory], **meta: Any) -> Trajectory:
    """Join runs with the same number of frames along the walkers; each frame has the time and step of the longest run.

    `meta` are entries that replace those of the first run. The joined run can be extended if all of them can.
    """
    first = parts[0]
    return Trajectory(
        times=np.stack([part.times for part in parts]).max(axis=0),
        steps=np.stack([part.steps for part in parts]).max(axis=0),
        states=np.concatenate([part.states for part in parts]),
        observables={
            name: np.concatenate([part.observables[name] for part in parts]) for name in first.observables
        },
        events={name: np.concatenate([part.events[name] for part in parts]) for name in first.events},
        meta={**first.meta, **meta},
        state=_state([part.state for part in parts]),
    )


def _state(states: Sequence[Mapping[str, NDArray[Any]]]) -> dict[str, NDArray[Any]]:
    """The states (walkers, ...) of runs, joined; empty if a run has none."""
    if not all(states):
        return {}
    joined = {
        name: np.concatenate([state[name] for state in states]) for name in states[0] if name != IDENTITY
    }
    texts = dict.fromkeys(text for state in states for text in np.asarray(state[IDENTITY]).tolist())
    return {IDENTITY: np.array(list(texts)), **joined}
