"""Simulate an ensemble over the workers of an executor, divided by walkers; the bits are the same as without one.

A task advances some walkers by some steps, independently of the others. A window is a range of steps. When all parts
have passed it, its results are joined to the run and kept, as in a run without an executor. A window records at most
`WINDOW_BYTES` of frames, unless one frame is larger. So a worker holds at most this size at once, and this process
`AHEAD` + 1 times as much (`workers.crew`) in addition to the frames that it keeps.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from langevin.ensemble.advance import advance, batch_of, lanes_of
from langevin.ensemble.blocks import TURN
from langevin.ensemble.identity import compiled, schedule_hash
from langevin.ensemble.record import Frames, Plan, Progress, Sound
from langevin.errors import UsageError
from langevin.kernels.compile import jitable
from langevin.kernels.fingerprint import Unhashable, fingerprint
from langevin.provenance import versions
from langevin.types import Facts, Landscape, Problem
from langevin.workers import Flag, Leg, Windows, legs, opened, packed

#: Largest size in bytes of the frames of one window, all parts together (32 MiB).
WINDOW_BYTES = 2**25
#: Steps x walkers x coordinates in a task of the first window: small enough for a slow law of motion.
FIRST = 2e5
#: Number of parts of an ensemble by default, and number of walkers of a part that fill the lanes without loss of time.
TASKS, FULL = 16, 128
#: The requested number of parts is used if it needs at most this factor more lanes (empty ones too) than the best one.
EMPTY = 1.05


def advance_over(executor: Executor, plan: Plan, now: Progress, tasks: int | None) -> Generator[Progress]:
    """Advance `now` in place to the last step over the workers of an executor, and yield it after every window.

    Args:
        executor: an executor of tasks: threads, processes, a cluster.
        plan: the plan of the run, with the number of threads of one task.
        now: the progress at the beginning of the run, or the progress that was kept.
        tasks: number of parts into which the walkers are divided.

    Raises:
        UsageError: the plan cannot be sent, or a worker has another version of it.
        WorkersLost: the workers have died.
    """
    if not now.active.size or now.step >= plan.last:
        return
    sent, parts = sent_plan(executor, plan), parts_of(plan, tasks)
    windows = Windows(
        ends=[now.step],
        last=plan.last,
        steps=FIRST * len(parts) / now.states.size,
        most=plan.every * max(1, WINDOW_BYTES // now.states.nbytes) if plan.every else np.inf,
        batch=batch_of(plan),
    )

    def unfinished(at: Progress) -> bool:
        return at.step < plan.last and at.active.size > 0

    calls, at = [(sent, rows) for rows in parts], [rows_of(now, rows) for rows in parts]
    for window in legs(executor, walk, calls, at, unfinished, windows):
        _join(plan, now, parts, window)
        yield now


def _join(plan: Plan, now: Progress, parts: Sequence[slice], window: Sequence[Leg | None]) -> None:
    """Copy the results of all parts in one window into the run; a part whose leg is None has ended before."""
    step = max(leg.at.step for leg in window if leg)
    count = step // plan.every - now.step // plan.every if plan.every else 0
    frames = np.empty((len(now.states), count, now.states.shape[1]))
    sound = now.sound or Sound(now.step, now.states.copy(), now.memory.copy())
    now.steady = False
    for rows, leg in zip(parts, window):
        if leg is None:
            frames[rows] = now.states[rows, None]
            continue
        own, found = leg.at, leg.found.shape[1]
        frames[rows, :found], frames[rows, found:] = leg.found, own.states[:, None]
        now.states[rows], now.memory[rows] = own.states, own.memory
        now.status[rows], now.stop_step[rows], now.which[rows] = own.status, own.stop_step, own.which
        if own.sound:
            sound.states[rows], sound.memory[rows] = own.sound.states, own.sound.memory
            sound = replace(sound, step=max(sound.step, own.sound.step))
    now.sound = sound
    now.frames = replace(now.frames, recorded=[*now.frames.recorded, frames])
    now.step, now.steady = step, True


def parts_of(plan: Plan, tasks: int | None) -> list[slice]:
    """Rows of the walkers of a plan for each of its parts.

    There is one part for each task; by default as many parts as have enough walkers for their lanes. There can be up to
    twice as many, if otherwise too many lanes would be empty.
    """
    walkers = len(plan.begin.walkers)
    turns = -(-walkers // TURN)
    least = min(tasks or min(TASKS, max(1, walkers // FULL)), turns)

    def lanes(parts: int) -> int:
        size = TURN * -(-turns // parts)
        each = lanes_of(plan, size)
        return parts * each * -(-size // each)

    parts = min(range(least, min(2 * least, turns) + 1), key=lanes)
    if lanes(least) <= EMPTY * lanes(parts):
        parts = least
    ends = TURN * np.linspace(0, turns, parts + 1).round().astype(int)
    return [slice(int(begin), min(int(end), walkers)) for begin, end in pairwise(ends)]


def sent_plan(executor: Executor, plan: Plan) -> Any:
    """A plan for tasks of an executor, without the run that continues and without the facts of the landscape.

    Raises:
        UsageError: the plan cannot be sent to the workers.
    """
    bare = replace(plan, problem=bare_problem(plan.problem), begin=replace(plan.begin, run=None))
    return packed(executor, bare, plan.problem.landscape.name, partial(hashes_of, bare), jitable)


def bare_problem(problem: Problem) -> Problem:
    """A problem without the facts of its landscape that only theories need."""
    return replace(problem, landscape=replace(problem.landscape, facts=Facts()))


def hashes_of(plan: Plan) -> dict[str, str]:
    """Hashes of the kernels, the schedule and the software, which decide the bits of a run in addition to numbers.

    Raises:
        UsageError: a kernel refers to an object that cannot be hashed (see `content_of`).
    """
    kernels = content_of(plan.problem.landscape, *compiled(plan))
    return {**kernels, "schedule": schedule_hash(plan)}


def content_of(landscape: Landscape, *pieces: Any) -> dict[str, str]:
    """Hash of all that is compiled for walks on a landscape, and the versions of the software.

    Raises:
        UsageError: a kernel refers to an object that cannot be hashed, so two processes cannot compare it.
    """
    try:
        kernels = fingerprint(*pieces)[0]
    except Unhashable as error:
        raise UsageError(
            f"a kernel of {landscape.name} refers to {error}, which cannot be compared between two processes",
            "numbers, texts, arrays and functions",
            "pass it to the kernel in its parameters, or run without an executor",
        ) from error
    software = ", ".join(f"{name} {number}" for name, number in versions("numpy", "numba").items())
    return {"kernels": kernels, f"software ({software})": software}


def rows_of(now: Progress, rows: slice) -> Progress:
    """The progress of some of the walkers, in copies of their arrays."""
    sound = now.sound
    return Progress(
        step=now.step,
        states=now.states[rows].copy(),
        status=now.status[rows].copy(),
        stop_step=now.stop_step[rows].copy(),
        which=now.which[rows].copy(),
        memory=now.memory[rows].copy(),
        frames=Frames([]),
        sound=sound and Sound(sound.step, sound.states[rows].copy(), sound.memory[rows].copy()),
    )


def walk(sent: Any, rows: slice, flag: Flag, at: Progress, until: int) -> Leg:
    """The task of a worker: advance the walkers of some rows of a plan from the progress `at` to the step `until`.

    The result in the leg is their frames (walkers, frames, dim).
    """
    plan: Plan = opened(sent, hashes_of)
    own = replace(plan, begin=replace(plan.begin, walkers=plan.begin.walkers[rows]))
    now, began = rows_of(at, slice(None)), time.perf_counter()
    for _ in advance(own, now, until):
        if flag.raised:
            break
    none = np.empty((len(now.states), 0, now.states.shape[1]))
    frames = np.concatenate([none, *now.frames.recorded], axis=1)
    now.frames = Frames([])
    return Leg(now, frames, now.step - at.step, time.perf_counter() - began)
