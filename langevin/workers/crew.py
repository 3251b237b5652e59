"""Tasks in the hands of an executor: handed out, waited for, and cancelled when the wait is over."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from langevin import stopping
from langevin.errors import LangevinError, UsageError, WorkersLost

#: Seconds after which a wait looks whether a signal has come.
LOOK = 0.2
#: Packages whose own exceptions mean that a worker or the way to it was lost.
CARRIERS = ("distributed", "dask", "tornado")


class Flag:
    """Whether tasks shall end at the next chance: seen by the threads of this process, and nowhere else."""

    def __init__(self) -> None:
        """A flag that is down."""
        self.raised = False

    def __reduce__(self) -> tuple[type[Flag], tuple[()]]:
        """In another process it is down for ever: tasks there are short."""
        return Flag, ()


@dataclass(frozen=True)
class Crew:
    """The tasks of one computation: those that are handed out, each with its tag, and a flag that ends them."""

    executor: Executor
    flag: Flag = field(default_factory=Flag)
    tags: dict[Future[Any], Any] = field(default_factory=dict)

    def submit(self, tag: Any, task: Callable[..., Any], *arguments: Any) -> None:
        """Hand out task(*arguments); `tag` comes back beside its result.

        Raises:
            UsageError: the executor takes no tasks any more.
            WorkersLost: its processes have died.
        """
        with _told(), warnings.catch_warnings():
            warnings.filterwarnings(
                "ignore", "Sending large graph"
            )  # tasks are as large as their walkers are many
            try:
                self.tags[self.executor.submit(task, *arguments)] = tag
            except BrokenExecutor:
                raise
            except RuntimeError as error:
                raise UsageError(f"the executor takes no tasks: {error}", "one that is open") from error

    def finished(self) -> list[tuple[Any, Any]]:
        """Tags and results of the tasks that have ended since, at least one; there must be one.

        Raises:
            LangevinError: what a task has raised.
            WorkersLost: a worker has died and nobody does its task again.
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
    """A crew for the block, whose end, however it comes, cancels the tasks that have not ended."""
    crew = Crew(executor)
    try:
        yield crew
    finally:
        crew.flag.raised = True
        for future in crew.tags:
            future.cancel()


@contextmanager
def _told() -> Iterator[None]:
    """Tell in one sentence that workers were lost; what a task has raised comes through as it is."""
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
