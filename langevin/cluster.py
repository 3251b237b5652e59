"""Clusters that execute the tasks of a run: a running Dask scheduler, and jobs of a batch system, as executors.

In the workers of a scheduler, `cancelled` says whether the current task was cancelled. Each job of a batch system runs
a few workers of a Dask scheduler in this process.
"""

from __future__ import annotations

import logging
import re
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Any
from weakref import WeakKeyDictionary

from langevin.errors import UsageError, WorkersLost, unfit

__all__ = ["Jobs", "cancelled", "connected", "on_lsf", "on_pbs", "on_slurm", "workers_of"]

#: Seconds in which a scheduler must answer.
PATIENCE = 6
#: Addresses of schedulers.
ADDRESS = re.compile(r"(tcp|tls|ucx|ws|wss)://[^/\s]+:\d{1,5}")
#: The clients of the executors that were returned.
_clients: WeakKeyDictionary[Executor, Any] = WeakKeyDictionary()
#: Seconds between two checks.
LOOK = 0.5
#: Variables for the number of threads of a library: a task has one thread, and a job does as many tasks as it has
#: cores.
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
#: The word of a batch system for an account, if it is another word.
ACCOUNT = {"LSFCluster": "project"}


@contextmanager
def connected(address: str) -> Iterator[Executor]:
    """An executor for the block; the workers of a scheduler execute its tasks.

    Args:
        address: address that the scheduler prints: tcp://HOST:PORT.

    Raises:
        UsageError: the address has another form, or Dask is not installed.
        WorkersLost: no scheduler answers at the address.
    """
    distributed = library("distributed")
    if not ADDRESS.fullmatch(address):
        raise unfit("the scheduler", "has an address as tcp://HOST:PORT", f"{address!r}")
    with client_of(distributed, address) as client:
        if not client.scheduler_info()["workers"]:
            warnings.warn(
                f"the scheduler at {address} has no workers: the run waits for some; start them by "
                f"`dask worker {address}`",
                stacklevel=3,
            )
        yield executor_of(client)


def executor_of(client: Any) -> Executor:
    """The executor of a client; several tasks may have the same arguments."""
    executor: Executor = client.get_executor(pure=False)
    _clients[executor] = client
    return executor


def workers_of(executor: Executor) -> int:
    """The present number of tasks that the workers of such an executor do at the same time."""
    return sum(_clients[executor].nthreads().values())


@contextmanager
def client_of(distributed: Any, place: Any) -> Iterator[Any]:
    """A client of a scheduler, by its address or its cluster, for the block.

    Args:
        distributed: the module `distributed`.
        place: address of the scheduler, or its cluster.

    Raises:
        WorkersLost: no scheduler answers at the address.
    """
    with _without_messages():
        try:
            client = distributed.Client(place, timeout=PATIENCE, set_as_default=False)
        except (OSError, ValueError, RuntimeError) as error:
            raise WorkersLost(
                f"no scheduler answers at {place}",
                "a Dask scheduler that is running",
                "start one by `dask scheduler`, and give the address that it prints",
            ) from error
        try:
            yield client
        finally:
            close(partial(client.close, timeout=PATIENCE))


def close(end: Callable[[], object]) -> None:
    """Close a client or a cluster. A late close, on a busy machine, has no effect on the results."""
    with suppress(OSError, RuntimeError):
        end()


@contextmanager
def _without_messages() -> Iterator[None]:
    """Suppress tracebacks of Dask for broken connections: the code that waits for a task reports them in a sentence."""
    logs = [logging.getLogger(name) for name in ("distributed", "distributed.client")]
    levels = [log.level for log in logs]
    for log in logs:
        log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for log, level in zip(logs, levels):
            log.setLevel(level)


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

    def is_cancelled() -> bool:
        nonlocal looked
        if time.monotonic() - looked < LOOK:
            return False
        looked = time.monotonic()
        task = worker.state.tasks.get(key)
        return task is None or task.state == "cancelled"

    return is_cancelled


def library(name: str) -> Any:
    """The module distributed or dask_jobqueue.

    Raises:
        UsageError: it is not installed.
    """
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        raise UsageError(
            f"a cluster needs the package {(error.name or name).replace('_', '-')}, which is not installed",
            "the extra `cluster`",
            "pip install 'langevin-manifold[cluster]', or -e '.[cluster]' in a checkout",
        ) from error


@dataclass(frozen=True)
class Jobs:
    """The resources of one job on a batch system.

    cores       of one job; each core is one worker, a process that does one task at a time
    memory      of one job, as "8GB"
    walltime    time after which a job ends, in the format of the batch system, "01:00:00"
    jobs        number of jobs
    queue       or partition; None for the default of the batch system
    account     or project; None for the default of the batch system
    host        address by which jobs reach this machine; by default the address of its name
    """

    cores: int
    memory: str
    walltime: str
    jobs: int = 1
    queue: str | None = None
    account: str | None = None
    host: str | None = None


@contextmanager
def on_slurm(jobs: Jobs) -> Iterator[Executor]:
    """An executor for the block; its tasks run in SLURM jobs, which are submitted here and end with the block.

    Raises:
        UsageError: a number is out of range, or Dask is not installed.
    """
    with _executor("SLURMCluster", jobs) as executor:
        yield executor


@contextmanager
def on_pbs(jobs: Jobs) -> Iterator[Executor]:
    """As `on_slurm`, for PBS."""
    with _executor("PBSCluster", jobs) as executor:
        yield executor


@contextmanager
def on_lsf(jobs: Jobs) -> Iterator[Executor]:
    """As `on_slurm`, for LSF."""
    with _executor("LSFCluster", jobs) as executor:
        yield executor


@contextmanager
def _executor(system: str, jobs: Jobs) -> Iterator[Executor]:
    cluster = cluster_of(system, jobs)
    try:
        cluster.scale(jobs=jobs.jobs)
        with client_of(library("distributed"), cluster) as client:
            yield executor_of(client)
    finally:
        close(cluster.close)


def cluster_of(system: str, jobs: Jobs) -> Any:
    """A cluster of dask-jobqueue; `job_script()` shows what it submits. Nothing is submitted yet.

    Args:
        system: class of dask-jobqueue, such as SLURMCluster.
        jobs: size and number of the jobs.

    Raises:
        UsageError: a number is out of range, or dask-jobqueue is not installed.
    """
    for name, count in (("cores", jobs.cores), ("jobs", jobs.jobs)):
        if count < 1:
            raise unfit(name, "must be a whole number of at least 1", f"{count}")
    queue = library("dask_jobqueue")
    options = {"dashboard_address": None} | ({"host": jobs.host} if jobs.host else {})
    return getattr(queue, system)(
        cores=jobs.cores,
        processes=jobs.cores,
        memory=jobs.memory,
        walltime=jobs.walltime,
        queue=jobs.queue,
        **{ACCOUNT.get(system, "account"): jobs.account},
        job_script_prologue=[f"export {name}=1" for name in THREADS],
        scheduler_options=options,
    )
