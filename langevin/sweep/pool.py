"""Processes of this machine that work for a sweep; they end with the sweep in all cases."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

from langevin.sgld.programs import folder_of_programs, share_programs

#: Seconds after SIGTERM until a process that ignores it is killed, for example in an endless compiled loop.
PATIENCE = 30.0


@contextmanager
def processes(jobs: int, patience: float = PATIENCE) -> Iterator[Callable[[], Executor]]:
    """A function that returns an executor with this number of processes; the next call returns a new one.

    The processes are spawned, because JAX and threads do not survive a fork. When the block ends, or this process ends,
    each process gets SIGTERM, so that its finished work is kept. A process that has not ended after `patience` seconds
    is killed.
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
