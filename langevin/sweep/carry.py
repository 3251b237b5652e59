"""Carry out tasks over any executor of `concurrent.futures`, whatever becomes of its workers."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from dataclasses import dataclass
from typing import Generic, TypeVar

from langevin import stopping

T = TypeVar("T")
R = TypeVar("R")
#: Seconds between two looks at signals and at the clock while nothing ends.
LOOK = 0.5
#: Workers that may die while a task is under way, before it is made alone.
CHANCES = 2
DIED = "the process that made it died, again and again: no memory was left, or it crashed"


class Lost(RuntimeError):
    """The process that made a task died, and did so again when it made this task alone."""


@dataclass
class _Tried(Generic[T]):
    """A task, and how often workers died while it was under way."""

    task: T
    deaths: int = 0


def carry_out(
    tasks: Sequence[T],
    work: Callable[[T], R],
    executor: Callable[[], Executor],
    at_once: int,
    tell: Callable[[T, R | Exception], None],
    tick: Callable[[], object] = lambda: None,
) -> None:
    """Do `work(task)` for all tasks, each of which ends once: with what it returns, or with the exception it raised.

    A worker that dies breaks a pool of processes. Then another executor is asked for, and the tasks that were under way
    are handed over again. One that was so `CHANCES` times is made alone, so that a task which kills its worker is
    found.

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
    waiting = deque(_Tried(task) for task in tasks)
    alone: deque[_Tried[T]] = deque()
    going: dict[Future[R], _Tried[T]] = {}
    pool = executor()
    try:
        while waiting or alone or going:
            stopping.check()
            while waiting and len(going) < at_once:
                _hand_over(pool, work, waiting.popleft(), going)
            if alone and not going:
                _hand_over(pool, work, alone.popleft(), going)
            ended, _ = wait(going, timeout=LOOK, return_when=FIRST_COMPLETED)
            tick()
            broken = [going.pop(future) for future in ended if not _told(future, going[future], tell)]
            going = {future: tried for future, tried in going.items() if future not in ended}
            if broken:
                for tried in (*broken, *going.values()):
                    tried.deaths += 1
                    if tried.deaths > CHANCES:
                        tell(tried.task, Lost(DIED))
                    else:
                        (waiting if tried.deaths < CHANCES else alone).append(tried)
                going.clear()
                pool = executor()
    except BaseException:
        for future in going:
            future.cancel()
        raise


def _hand_over(
    pool: Executor, work: Callable[[T], R], tried: _Tried[T], going: dict[Future[R], _Tried[T]]
) -> None:
    """Hand a task to the pool; if it has broken a moment ago, the task counts as one of those under way."""
    future: Future[R]
    try:
        future = pool.submit(work, tried.task)
    except BrokenExecutor as error:
        future = Future()
        future.set_exception(error)
    going[future] = tried


def _told(future: Future[R], tried: _Tried[T], tell: Callable[[T, R | Exception], None]) -> bool:
    """Tell what became of a task that has ended, unless its worker died."""
    try:
        result: R | Exception = future.result()
    except BrokenExecutor:
        return False
    except Exception as error:
        result = error
    tell(tried.task, result)
    return True
