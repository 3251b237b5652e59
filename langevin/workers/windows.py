"""Chains of tasks: each part of a computation goes from window to window; a window that all have passed is returned.

A task depends only on its arguments, so a task that is lost with its worker is repeated. A part continues without
waiting for the others, until it is `AHEAD` windows beyond the last window that all have passed.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

from langevin.workers.crew import crew_of

#: Number of windows that a part may be ahead.
AHEAD = 2
#: Planned duration of a task in seconds: much longer than its submission; Ctrl-C waits for one task.
TASK_SECONDS = 1.0
#: Largest ratio of a window to the one before.
GROWTH = 16


@dataclass(frozen=True)
class Leg:
    """The result of a task: the new state of its part, what it found, and its numbers of steps and seconds."""

    at: Any
    found: Any
    steps: int
    seconds: float


@dataclass
class Windows:
    """The ends of the windows of a computation: multiples of `batch` steps from the first step, and the last step.

    `steps` is the length of the next window. It is adapted to the duration of the tasks, and at most `most`. `ends`
    begins with the step from which the computation continues.
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
        """Record how many seconds a task needed for a number of steps."""
        self.steps = steps * min(GROWTH, TASK_SECONDS / max(seconds, 1e-3))


def legs(
    executor: Executor,
    task: Callable[..., Leg],
    calls: Sequence[tuple[Any, ...]],
    at: list[Any],
    goes_on: Callable[[Any], bool],
    windows: Windows,
) -> Generator[list[Leg | None]]:
    """The legs of all parts, one window after the other; None for a part that has ended before.

    If the generator is closed before its end, it cancels the submitted tasks.

    Args:
        executor: its workers do the tasks.
        task: task(*call, flag, at, until) moves a part from its state `at` up to the step `until`, and stops early if
            the flag is raised.
        calls: for each part, the further arguments of its tasks.
        at: state of each part.
        goes_on: state of a part to whether it has not ended.
        windows: the ends of the windows.

    Raises:
        LangevinError: a task has raised it, or the workers were lost.
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
