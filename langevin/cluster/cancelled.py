"""Whether the current task of a Dask worker was cancelled."""

from __future__ import annotations

import time
from collections.abc import Callable

from langevin.cluster.libraries import library
from langevin.errors import UsageError

#: Seconds between two checks.
LOOK = 0.5


def cancelled() -> Callable[[], bool]:
    """A function that returns whether the task of this thread was cancelled; outside a worker it is always False.

    A thread cannot be stopped from outside, so long tasks call this function.
    """
    try:
        module = library("distributed.worker")
        worker, key = module.get_worker(), module.thread_state.key
    except (UsageError, ValueError, AttributeError):
        return lambda: False
    looked = time.monotonic()

    def asked() -> bool:
        nonlocal looked
        if time.monotonic() - looked < LOOK:
            return False
        looked = time.monotonic()
        task = worker.state.tasks.get(key)
        return task is None or task.state == "cancelled"

    return asked
