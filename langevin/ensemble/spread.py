"""An ensemble cut by walkers over the workers of an executor, to the bits of one that is not.

A window that all parts have passed is joined to the run, and kept as if it had been walked here. It records at most
`WINDOW_BYTES` of frames, where one frame is not more: a worker holds no more than that at once, and this process
`AHEAD` + 1 times as much (`workers.windows`) in addition to what it keeps.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from concurrent.futures import Executor
from dataclasses import replace

import numpy as np

from langevin.ensemble.advance import batch_of
from langevin.ensemble.part import parts_of, rows_of, sent_plan, walk
from langevin.ensemble.plan import Plan, Progress, Sound
from langevin.workers import Leg, Windows, legs

#: Bytes of the frames of one window, of all parts together (32 MiB).
WINDOW_BYTES = 2**25
#: Steps of walkers in a task of the first window, by their coordinates: few enough for a law that is slow.
FIRST = 2e5


def advance_over(executor: Executor, plan: Plan, now: Progress, tasks: int | None) -> Generator[Progress]:
    """Carry `now` to the last step, in place, over the workers of an executor, yielding it after every window.

    Args:
        executor: anything that takes tasks: threads, processes, a cluster.
        plan: of the run; its threads are those of one task.
        now: at its beginning, or where it was kept.
        tasks: parts into which the walkers are cut.

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

    def goes_on(at: Progress) -> bool:
        return at.step < plan.last and at.active.size > 0

    calls, at = [(sent, rows) for rows in parts], [rows_of(now, rows) for rows in parts]
    for window in legs(executor, walk, calls, at, goes_on, windows):
        _join(plan, now, parts, window)
        yield now


def _join(plan: Plan, now: Progress, parts: Sequence[slice], window: Sequence[Leg | None]) -> None:
    """Take what all parts have walked in one window into the run; one without a leg has ended before."""
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
