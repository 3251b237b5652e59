"""Executors of a sweep: processes of this machine that end with it, and tasks done on any, also if its workers die."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Generic, TypeVar

from langevin import stopping
from langevin.sgld.programs import folder_of_programs, share_programs

#: Seconds after SIGTERM until a process that ignores it is killed, for example in an endless compiled loop.
PATIENCE = 30.0

T = TypeVar("T")
R = TypeVar("R")
#: Seconds between two checks of signals and of the clock while no task ends.
LOOK = 0.5
#: Number of workers that may die during a task before the task is done alone.
CHANCES = 2
DIED = "the process that made it died, again and again: no memory was left, or it crashed"


class Lost(RuntimeError):
    """The process of a task died, and died again when it did this task alone."""


@dataclass
class _Tried(Generic[T]):
    """A task, and the number of deaths of workers during it."""

    task: T
    deaths: int = 0


@contextmanager
def processes(jobs: int, patience: float = PATIENCE) -> Iterator[Callable[[], Executor]]:
    """A function that returns an executor with this number of processes; the next call returns a new one.

    The processes are spawned, because JAX and threads do not survive a fork. When the block ends, or this process ends,
    each process gets SIGTERM, so that its finished work is kept. A process that has not ended after `patience` seconds
    is killed.

    Args:
        jobs: number of processes.
        patience: seconds from SIGTERM until a process is killed.
    """
    context = get_context("spawn")
    reader, writer = context.Pipe(duplex=False)
    pools: list[ProcessPoolExecutor] = []

    def renewed() -> Executor:
        for pool in pools:
            pool.shutdown(wait=False, cancel_futures=True)
        given = (reader, str(Path.cwd()), programs, patience)
        pools.append(ProcessPoolExecutor(jobs, context, initializer=_begin, initargs=given))
        return pools[-1]

    with folder_of_programs() as programs:
        try:
            yield renewed
            for pool in pools:
                pool.shutdown(wait=True)
        finally:
            writer.close()
            for pool in pools:
                pool.shutdown(wait=True, cancel_futures=True)
            reader.close()


def carry_out(
    tasks: Sequence[T],
    work: Callable[[T], R],
    executor: Callable[[], Executor],
    at_once: int,
    report: Callable[[T, R | Exception], None],
    tick: Callable[[], object] = lambda: None,
) -> None:
    """Do `work(task)` for all tasks. Each ends once: with its result, or with the exception that it raised.

    If a worker process ends unexpectedly, the pool is broken. Then a new executor is made, and the running tasks are
    submitted again. A task for which this happened `CHANCES` times is done alone, to find a task that kills its worker.

    Args:
        tasks: the tasks; they are sent to the workers, so they must be picklable.
        work: a function that workers can import.
        executor: returns an executor, and a new one after that one has broken.
        at_once: number of tasks that are submitted before one of them ends.
        report: called with a task and its result, or its exception, in the order in which they end.
        tick: called at least every half second.

    Raises:
        KeyboardInterrupt, Terminated: a signal arrived; tasks that have not begun are cancelled.
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
            broken = [going.pop(future) for future in ended if not _reported(future, going[future], report)]
            going = {future: tried for future, tried in going.items() if future not in ended}
            if broken:
                for tried in (*broken, *going.values()):
                    tried.deaths += 1
                    if tried.deaths > CHANCES:
                        report(tried.task, Lost(DIED))
                    else:
                        (waiting if tried.deaths < CHANCES else alone).append(tried)
                going.clear()
                pool = executor()
    except BaseException:
        for future in going:
            future.cancel()
        raise


def _begin(reader: Connection, folder: str, programs: str, patience: float) -> None:
    """Prepare a process: no output, no reaction to Ctrl-C, and an end when the other end of a pipe is closed."""
    from tqdm import tqdm

    tqdm.set_lock(threading.RLock())  # the default is a system semaphore, which would remain after SIGTERM
    share_programs(programs)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.chdir(folder)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    threading.Thread(target=_end_with, args=(reader, patience), daemon=True).start()


def _end_with(reader: Connection, patience: float) -> None:
    """Stop this process when the sweep ends: nothing is ever sent, so a read returns only at the end of the pipe."""
    try:
        reader.poll(None)
    except OSError:
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(patience)
    os.kill(os.getpid(), signal.SIGKILL)


def _hand_over(
    pool: Executor, work: Callable[[T], R], tried: _Tried[T], going: dict[Future[R], _Tried[T]]
) -> None:
    """Submit a task to the pool; if the pool has just broken, the task counts as a running one."""
    future: Future[R]
    try:
        future = pool.submit(work, tried.task)
    except BrokenExecutor as error:
        future = Future()
        future.set_exception(error)
    going[future] = tried


def _reported(future: Future[R], tried: _Tried[T], report: Callable[[T, R | Exception], None]) -> bool:
    """Report the end of a task, unless its worker died; return whether it was reported."""
    try:
        result: R | Exception = future.result()
    except BrokenExecutor:
        return False
    except Exception as error:
        result = error
    report(tried.task, result)
    return True
