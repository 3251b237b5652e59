"""Chains of tasks: each part of a work goes from window to window, and a window that all have passed is handed on.

A task depends on what it is given and on nothing else, so one that is lost with its worker is done again. A part goes
on without waiting for the others, until it is `AHEAD` windows beyond the last one that all have passed.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

from langevin.workers.crew import crew_of

#: Windows that a part may be ahead.
AHEAD = 2
#: Seconds that a task should take: many times what handing it out costs, and as long as Ctrl-C waits for one.
TASK_SECONDS = 1.0
#: By how many times a window may be longer than the one before.
GROWTH = 16


@dataclass(frozen=True)
class Leg:
    """What a task brings back: where its part is now, what it has found, and the steps and seconds it has taken."""

    at: Any
    found: Any
    steps: int
    seconds: float


@dataclass
class Windows:
    """Where the windows of a work end: at multiples of `batch` steps from the first one on, and at the last step.

    `steps` is the length of the next one, which follows what tasks have taken; it is never more than `most`. `ends`
    begins with the step from which the work goes on.
    """

    ends: list[int]
    last: int
    steps: float
    most: float
    batch: int = 1

    def end(self, number: int) -> int:
        """The step at which a window ends."""
        while len(self.ends) <= number + 1:
            steps = max(1, int(min(self.steps, self.most)) // self.batch) * self.batch
            self.ends.append(min(self.ends[-1] + steps, self.last))
        return self.ends[number + 1]

    def learn(self, steps: int, seconds: float) -> None:
        """Know what a task has taken for so many steps."""
        self.steps = steps * min(GROWTH, TASK_SECONDS / max(seconds, 1e-3))


def legs(
    executor: Executor,
    task: Callable[..., Leg],
    calls: Sequence[tuple[Any, ...]],
    at: list[Any],
    goes_on: Callable[[Any], bool],
    windows: Windows,
) -> Generator[list[Leg | None]]:
    """The legs of all parts in one window after the other; of a part that has ended before, None.

    Closed before its end, it cancels the tasks that are handed out.

    Args:
        executor: whose workers do the tasks.
        task: task(*call, flag, at, until) carries a part from where it is `at` up to the step `until`, and stops early
            where the flag is raised.
        calls: for each part, what its tasks get beside.
        at: where each part is.
        goes_on: whether a part that is there has not ended.
        windows: where they end.

    Raises:
        LangevinError: what a task has raised, or that the workers were lost.
    """
    at = list(at)
    passed: list[list[Leg]] = [[] for _ in at]
    walking: set[int] = set()
    joined = 0

    with crew_of(executor) as crew:
        while any(passed) or any(map(goes_on, at)):
            for number, call in enumerate(calls):
                if number not in walking and len(passed[number]) <= AHEAD and goes_on(at[number]):
                    until = windows.end(joined + len(passed[number]))
                    crew.submit(number, task, *call, crew.flag, at[number], until)
                    walking.add(number)
            while any(passed) and all(
                legs or not (number in walking or goes_on(at[number])) for number, legs in enumerate(passed)
            ):
                joined += 1
                yield [legs.pop(0) if legs else None for legs in passed]
            for number, leg in crew.finished() if walking else ():
                windows.learn(leg.steps, leg.seconds)
                passed[number].append(leg)
                at[number] = leg.at
                walking.discard(number)
