"""Tasks of an executor: submitted, waited for, and cancelled at the end of the wait."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
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

        Raises:
            UsageError: the executor does not accept tasks any more.
            WorkersLost: its processes have died.
        """
        with _told(), warnings.catch_warnings():
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
        with _told():
            return [(self.tags.pop(future), future.result()) for future in done]

    def each(self, task: Callable[..., Any], calls: list[tuple[Any, ...]]) -> list[Any]:
        """Results of task(*call) for all calls, in their order."""
        results = [None] * len(calls)
        for number, call in enumerate(calls):
            self.submit(number, task, *call)
        while self.tags:
            for number, result in self.finished():
                results[number] = result
        return results


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


@contextmanager
def _told() -> Iterator[None]:
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
        said = f"{type(error).__name__}: {first}" if first else type(error).__name__
        raise WorkersLost(
            f"the workers of the executor were lost: {said}",
            remedy="look why they ended (memory, a kill), and go on with a new executor",
        ) from error
