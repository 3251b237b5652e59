"""Tasks of an executor: submitted, waited for, and cancelled at the end of the wait; and chains of tasks.

In a chain, each part of a computation goes from window to window; a window that all have passed is returned. A task
depends only on its arguments, so a task whose worker died is repeated. A part continues without waiting for
the others, until it is `AHEAD` windows beyond the last window that all have passed.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from langevin import stopping
from langevin.errors import LangevinError, UsageError, WorkersLost

#: Seconds after which a wait checks for signals.
LOOK = 0.2
#: Packages whose exceptions mean that a worker or the connection to it was lost.
CARRIERS = ("distributed", "dask", "tornado")

#: Number of windows that a part may be ahead.
AHEAD = 2
#: Planned duration of a task in seconds: much longer than its submission; Ctrl-C waits for one task.
TASK_SECONDS = 1.0
#: Largest ratio of a window to the one before.
GROWTH = 16


class Flag:
    """Whether tasks must end as soon as possible: visible only to the threads of this process."""

    def __init__(self) -> None:
        """Make a flag that is not raised."""
        self.raised = False

    def __reduce__(self) -> tuple[type[Flag], tuple[()]]:
        """In another process the flag is never raised, because tasks there are short."""
        return Flag, ()


@dataclass(frozen=True)
class Crew:
    """The tasks of one computation: the submitted tasks, each with its tag, and a flag that ends them."""

    executor: Executor
    flag: Flag = field(default_factory=Flag)
    tags: dict[Future[Any], Any] = field(default_factory=dict)

    def submit(self, tag: Any, task: Callable[..., Any], *arguments: Any) -> None:
        """Submit task(*arguments); `tag` is returned together with its result.

        Args:
            tag: any object.
            task: a function that can be pickled.
            arguments: of the function.

        Raises:
            UsageError: the executor does not accept tasks any more.
            WorkersLost: its processes have died.
        """
        with _naming_lost_workers(), warnings.catch_warnings():
            warnings.filterwarnings(
                "ignore", "Sending large graph"
            )  # the size of a task grows with its number of walkers
            try:
                self.tags[self.executor.submit(task, *arguments)] = tag
            except BrokenExecutor:
                raise
            except RuntimeError as error:
                raise UsageError(f"the executor takes no tasks: {error}", "one that is open") from error

    def finished(self) -> list[tuple[Any, Any]]:
        """Wait for at least one task; return tags and results of the tasks that have ended. There must be a task.

        Raises:
            LangevinError: a task has raised it.
            WorkersLost: a worker has died and its task is not repeated.
        """
        done: set[Future[Any]] = set()
        while not done:
            with stopping.held():
                done, _ = wait(self.tags, LOOK, FIRST_COMPLETED)
        with _naming_lost_workers():
            return [(self.tags.pop(future), future.result()) for future in done]

    def each(self, task: Callable[..., Any], calls: list[tuple[Any, ...]]) -> list[Any]:
        """Results of task(*call) for all calls, in their order.

        Args:
            task: a function that can be pickled.
            calls: arguments of each call.
        """
        results = [None] * len(calls)
        for number, call in enumerate(calls):
            self.submit(number, task, *call)
        while self.tags:
            for number, result in self.finished():
                results[number] = result
        return results


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
        """Record how many seconds a task needed for a number of steps.

        Args:
            steps: number of steps of the task.
            seconds: time that it needed.
        """
        self.steps = steps * min(GROWTH, TASK_SECONDS / max(seconds, 1e-3))


@contextmanager
def crew_of(executor: Executor) -> Iterator[Crew]:
    """A crew for the block; every end of the block cancels the tasks that have not ended."""
    crew = Crew(executor)
    try:
        yield crew
    finally:
        crew.flag.raised = True
        for future in crew.tags:
            future.cancel()


def legs(
    executor: Executor,
    task: Callable[..., Leg],
    calls: Sequence[tuple[Any, ...]],
    at: list[Any],
    unfinished: Callable[[Any], bool],
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
        unfinished: state of a part to whether it has not ended.
        windows: the ends of the windows.

    Raises:
        LangevinError: a task has raised it, or the workers were lost.
    """
    at = list(at)
    passed: list[list[Leg]] = [[] for _ in at]
    walking: set[int] = set()
    joined = 0

    with crew_of(executor) as crew:
        while any(passed) or any(map(unfinished, at)):
            for number, call in enumerate(calls):
                if number not in walking and len(passed[number]) <= AHEAD and unfinished(at[number]):
                    until = windows.end(joined + len(passed[number]))
                    crew.submit(number, task, *call, crew.flag, at[number], until)
                    walking.add(number)
            while any(passed) and all(
                legs or not (number in walking or unfinished(at[number]))
                for number, legs in enumerate(passed)
            ):
                joined += 1
                yield [legs.pop(0) if legs else None for legs in passed]
            for number, leg in crew.finished() if walking else ():
                windows.learn(leg.steps, leg.seconds)
                passed[number].append(leg)
                at[number] = leg.at
                walking.discard(number)


@contextmanager
def _naming_lost_workers() -> Iterator[None]:
    """Report lost workers in one sentence; an error that a task has raised is not changed."""
    try:
        yield
    except LangevinError:
        raise
    except Exception as error:
        carrier = (type(error).__module__ or "").partition(".")[0] in CARRIERS
        if not (carrier or isinstance(error, BrokenExecutor | CancelledError | ConnectionError)):
            raise
        first = str(error).strip().partition("\n")[0]
        cause = f"{type(error).__name__}: {first}" if first else type(error).__name__
        raise WorkersLost(
            f"the workers of the executor were lost: {cause}",
            remedy="find out why they ended (memory, a kill), and continue with a new executor",
        ) from error
