"""Jobs of a batch system as an executor: each job runs a few workers of a Dask scheduler in this process."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from langevin.cluster.connection import client_of, close, executor_of, library
from langevin.errors import unfit

#: Variables for the number of threads of a library: a task has one thread, and a job does as many tasks as it has
#: cores.
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")

#: The word of a batch system for an account, if it is another word.
ACCOUNT = {"LSFCluster": "project"}


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
