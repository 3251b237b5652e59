"""Carry out tasks over any executor of `concurrent.futures`, whatever becomes of its workers."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from typing import Generic, TypeVar

from langevin import stopping

T = TypeVar("T")
R = TypeVar("R")
#: Seconds between two looks at signals and at the clock while nothing ends.
LOOK = 0.5


class Lost(RuntimeError):
    """The process that made a task died, and did so again when it made this task alone."""


class _Queue(Generic[T]):
    """Tasks that wait; those that were under way when a worker died are suspects, and are made alone."""

    def __init__(self, tasks: Sequence[T]) -> None:
        self.waiting = deque(tasks)
        self.suspects: deque[T] = deque()
        self.accused: T | None = None

    def __bool__(self) -> bool:
        return bool(self.waiting or self.suspects)


def carry_out(
    tasks: Sequence[T],
    work: Callable[[T], R],
    executor: Callable[[], Executor],
    at_once: int,
    tell: Callable[[T, R | Exception], None],
    tick: Callable[[], None] = lambda: None,
) -> None:
    """Do `work(task)` for all tasks, each of which ends once: with what it returns, or with the exception it raised.

    A worker that dies breaks a pool of processes. Then another executor is asked for, and the tasks that were under way
    are made one at a time, so that a task which kills its worker is found.

    Args:
        tasks: what to work on; they travel to the workers, and so must be picklable.
        work: a function that workers can import.
        executor: gives an executor, and another one after that has broken.
        at_once: tasks handed over before one of them ends.
        tell: called with a task and its result, or its exception, in the order in which they end.
        tick: called at least every half second.

    Raises:
        KeyboardInterrupt, Terminated: a signal arrived; what has not begun is cancelled.
    """
    queue, pool = _Queue(tasks), executor()
    going: dict[Future[R], T] = {}
    try:
        while queue or going:
            stopping.check()
            _submit(queue, going, pool, work, at_once)
            ended, _ = wait(going, timeout=LOOK, return_when=FIRST_COMPLETED)
            tick()
            broken = _take(queue, going, ended, tell)
            if broken:
                queue.suspects.extend(going.values())
                going.clear()
                pool = executor()
    except BaseException:
        for future in going:
            future.cancel()
        raise


def _submit(
    queue: _Queue[T], going: dict[Future[R], T], pool: Executor, work: Callable[[T], R], at_once: int
) -> None:
    """Hand tasks over: suspects alone, all others up to `at_once`."""
    while queue and len(going) < at_once:
        if queue.suspects:
            if going:
                return
            queue.accused = queue.suspects.popleft()
            going[_handed(pool, work, queue.accused)] = queue.accused
            return
        queue.accused = None
        task = queue.waiting.popleft()
        going[_handed(pool, work, task)] = task


def _handed(pool: Executor, work: Callable[[T], R], task: T) -> Future[R]:
    """The future of a task; one that has failed where the pool broke a moment ago."""
    try:
        return pool.submit(work, task)
    except BrokenExecutor as error:
        broken: Future[R] = Future()
        broken.set_exception(error)
        return broken


def _take(
    queue: _Queue[T],
    going: dict[Future[R], T],
    ended: set[Future[R]],
    tell: Callable[[T, R | Exception], None],
) -> bool:
    """Take what has ended; whether the pool is broken."""
    broken = False
    for future in ended:
        task = going.pop(future)
        try:
            tell(task, future.result())
        except BrokenExecutor:
            broken = True
            if queue.accused is task:
                queue.accused = None
                tell(task, Lost("the process that made it died twice: it ran out of memory, or crashed"))
            else:
                queue.suspects.append(task)
        except Exception as error:
            tell(task, error)
    return broken
