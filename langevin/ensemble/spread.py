"""An ensemble cut by walkers over the workers of an executor, to the bits of one that is not.

A task carries the walkers of one part through one window of steps. It depends on what it is given and on nothing else,
so one that is lost with its worker is done again. A part goes on without waiting for the others, until it is `AHEAD`
windows beyond the last one that all have passed. That one is joined to the run, and kept as if it had been walked here.

A window records at most `WINDOW_BYTES` of frames, where one frame is not more: a worker holds no more than that at
once, and this process `AHEAD` + 1 times as much beside what it keeps.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import replace

import numpy as np

from langevin.ensemble.advance import Plan, Progress, Sound, batch_of
from langevin.ensemble.part import Walked, parts_of, rows_of, sent_plan, walk
from langevin.workers import crew_of

#: Windows that a part may be ahead, and bytes of the frames of one window, of all parts together (32 MiB).
AHEAD, WINDOW_BYTES = 2, 2**25
#: Seconds that a task should take: many times what handing it out costs, and as long as Ctrl-C waits for one.
TASK_SECONDS = 0.5
#: Walker-steps a second of which the first window is made, for one coordinate, and by what the next may be longer.
RATE, GROWTH = 2e6, 4.0


def advance_over(executor: Executor, plan: Plan, now: Progress, tasks: int | None) -> Iterator[Progress]:
    """Carry `now` to the last step, in place, over the workers of an executor, yielding it after every window.

    Args:
        executor: anything that takes tasks: threads, processes, a cluster.
        plan: of the run; its threads are those of one task.
        now: at its beginning, or where it was kept.
        tasks: parts into which the walkers are cut.

    Raises:
        UsageError: the plan cannot be sent, or a worker has another version of it.
        NumericalError: the workers have died.
    """
    if not now.active.size or now.step >= plan.last:
        return
    sent, parts = sent_plan(executor, plan), parts_of(len(now.states), tasks)
    windows = _Windows(plan, now, len(parts))
    at = [rows_of(now, rows) for rows in parts]
    passed: list[list[Walked]] = [[] for _ in parts]
    walking: set[int] = set()
    joined = 0
    with crew_of(executor) as crew:
        while any(passed) or any(_goes_on(plan, one) for one in at):
            for number, rows in enumerate(parts):
                if number not in walking and len(passed[number]) <= AHEAD and _goes_on(plan, at[number]):
                    until = windows.end(joined + len(passed[number]))
                    crew.submit(number, walk, sent, crew.flag, rows, at[number], until)
                    walking.add(number)
            for number, walked in crew.finished() if walking else ():
                windows.learn(walked, at[number])
                passed[number].append(walked)
                at[number] = walked.now
                walking.discard(number)
            while any(passed) and all(
                passed[n] or not (n in walking or _goes_on(plan, at[n])) for n in range(len(at))
            ):
                _join(plan, now, parts, [one.pop(0) if one else None for one in passed])
                joined += 1
                yield now


def _goes_on(plan: Plan, at: Progress) -> bool:
    """Whether walkers of a part are on the way."""
    return at.step < plan.last and at.active.size > 0


def _join(plan: Plan, now: Progress, parts: list[slice], window: list[Walked | None]) -> None:
    """Take what all parts have walked in one window into the run; one without a result has ended before."""
    step = max(walked.now.step for walked in window if walked)
    count = step // plan.every - now.step // plan.every if plan.every else 0
    frames = np.empty((count, *now.states.shape))
    sound = now.sound or Sound(now.step, now.states.copy(), now.memory.copy())
    now.steady = False
    for rows, walked in zip(parts, window):
        if walked is None:
            frames[:, rows] = now.states[rows]
            continue
        own = walked.now
        frames[: len(walked.frames), rows] = walked.frames
        frames[len(walked.frames) :, rows] = own.states
        now.states[rows], now.memory[rows] = own.states, own.memory
        now.status[rows], now.stop_step[rows], now.which[rows] = own.status, own.stop_step, own.which
        if own.sound:
            sound.states[rows], sound.memory[rows] = own.sound.states, own.sound.memory
            sound = replace(sound, step=max(sound.step, own.sound.step))
    now.sound = sound
    now.frames = replace(now.frames, recorded=[*now.frames.recorded, *frames])
    now.step, now.steady = step, True


class _Windows:
    """Where the windows of a run end: each as long as a task of it takes `TASK_SECONDS`, by what others have taken."""

    def __init__(self, plan: Plan, now: Progress, parts: int) -> None:
        self.plan, self.ends = plan, [now.step]
        size = now.states.nbytes
        self.most = plan.every * max(1, WINDOW_BYTES // size) if plan.every else plan.last
        self.steps = RATE / (plan.problem.landscape.dim * len(now.states) / parts)

    def learn(self, walked: Walked, before: Progress) -> None:
        """Know what a task has taken."""
        steps = walked.now.step - before.step
        self.steps = min(GROWTH * steps, steps * TASK_SECONDS / max(walked.seconds, 1e-3))

    def end(self, number: int) -> int:
        """The last step of a window, at the end of a batch of noise."""
        while len(self.ends) <= number + 1:
            batch = batch_of(self.plan)
            steps = max(1, int(min(self.steps, self.most)) // batch) * batch
            self.ends.append(min(self.ends[-1] + steps, self.plan.last))
        return self.ends[number + 1]
