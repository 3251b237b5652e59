"""Processes of this machine that work for a sweep, and end with it whatever ends it."""

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

#: Seconds between SIGTERM and the end of a process that does not heed it, as one in a compiled loop that never ends.
PATIENCE = 30.0


@contextmanager
def processes(jobs: int, patience: float = PATIENCE) -> Iterator[Callable[[], Executor]]:
    """A function that gives an executor of so many processes, and another one when it is called again.

    They are spawned, for JAX and threads do not survive a fork. When the block ends, or this process dies, each gets
    SIGTERM, so that what it has done is kept; one that has not ended after `patience` seconds is killed.
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
    """Prepare a process: no output, no Ctrl-C of its own, and an end when the other end of a pipe is closed."""
    from tqdm import tqdm

    tqdm.set_lock(threading.RLock())  # its own would be a semaphore of the system, left behind by SIGTERM
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
    """Stop this process when the sweep is over: nothing is ever sent, so what arrives is the end of the pipe."""
    try:
        reader.poll(None)
    except OSError:
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(patience)
    os.kill(os.getpid(), signal.SIGKILL)
