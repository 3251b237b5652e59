"""Records of a run in progress (its plan, its progress, its frames), and the Trajectory that is made of them.

A Trajectory is made of the whole run, of a piece of its frames, of its progress, or of joined runs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from langevin.ensemble.beginning import Beginning
from langevin.kernels.loop_arrays import Few
from langevin.kernels.targets import BRIDGE_ROWS
from langevin.provenance import versions
from langevin.types import (
    Factors,
    FloatArray,
    Integrator,
    Kernel,
    Noise,
    Problem,
    Status,
    Trajectory,
    Watch,
    step_meta,
)

#: Relative tolerance when times are compared: the time of a step is a rounded product.
ROUND_OFF = 1e-12
RANDOM_NUMBERS = {
    Noise.NORMAL: "Philox4x32-10, Box-Muller in single precision",
    Noise.TWO_POINT: "Philox4x32-10, one bit a number",
}
#: The array of a state that has no row for each walker: the identity of each ensemble, as text.
IDENTITY = "identity"


@dataclass(frozen=True)
class Plan:
    """Everything about a run that does not change while it runs.

    The run begins at step `begin.step`, at the time `begin_time`, and `last` is the number of its last step. A frame is
    recorded at each multiple of `every`, or only at start and end if it is 0. Targets are watched from the time
    `watched_from` to `horizon`, and are widened by `margin`. `few` is given if the driver for few walkers is used.
    """

    problem: Problem
    integrator: Integrator
    dt: float
    schedule: Factors | None
    begin: Beginning
    begin_time: float
    last: int
    every: int
    margin: float
    watched_from: float
    horizon: float
    targets: tuple[Kernel, ...]
    bridges: bool
    threads: int
    usual_start: bool = True
    few: Few | None = None

    @property
    def numbers(self) -> int:
        """How many random numbers one step takes for each walker."""
        return self.problem.landscape.dim + self.integrator.extra_noise + BRIDGE_ROWS * self.bridges

    @property
    def memory_rows(self) -> int:
        """How many numbers a walker carries from step to step in addition to its state."""
        return self.integrator.memory_rows(self.problem.landscape)


@dataclass(frozen=True)
class Sound:
    """Step, states and memory at the last check at which no walker was newly lost (see `ensemble.positions`)."""

    step: int
    states: FloatArray
    memory: FloatArray


@dataclass(frozen=True)
class Frames:
    """Recorded frames, as a sequence of arrays (walkers, frames, dim).

    They come after `before` other frames, which were written in `pieces` pieces.
    """

    recorded: Sequence[FloatArray]
    before: int = 0
    pieces: int = 0

    @property
    def count(self) -> int:
        """The number of frames in memory."""
        return sum(part.shape[1] for part in self.recorded)


@dataclass
class Progress:
    """The state of every walker at the present step; arrays have one row for each walker.

    `stop_step` is -1 for a walker that has not stopped, and `which` is the number of the target that it reached.
    `steady` is False while the results of a chunk are copied in, when not all arrays belong to one step.
    """

    step: int
    states: FloatArray
    status: NDArray[np.int64]
    stop_step: NDArray[np.int64]
    which: NDArray[np.int64]
    memory: FloatArray
    frames: Frames
    sound: Sound | None = None
    steady: bool = True

    @property
    def active(self) -> NDArray[np.int64]:
        """Rows of the walkers that have not stopped."""
        return np.flatnonzero(self.status == Status.FINISHED)


def step_lengths(dt: float, schedule: Factors | None, first: int, last: int) -> FloatArray:
    """Lengths of the steps first ... last - 1; an array with one length (1,) if they are all the same."""
    return np.full(1, dt) if schedule is None else dt * schedule(np.arange(first, last))


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
        meta={**meta_of(plan), "complete": complete, **watch.extra_meta},
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
    first, given = plan.begin.step, np.asarray(steps, np.int64)
    if plan.schedule is None:
        return np.asarray(plan.dt * given + (plan.begin_time - plan.dt * first), np.float64)
    lengths = step_lengths(plan.dt, plan.schedule, first, plan.last)
    times: FloatArray = np.cumsum([plan.begin_time, *lengths])[np.maximum(given - first, 0)]
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
