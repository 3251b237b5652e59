"""Clusters that execute the tasks of a run: a running Dask scheduler, and jobs of a batch system."""

from langevin.cluster.connection import cancelled, connected, workers_of
from langevin.cluster.jobs import Jobs, on_lsf, on_pbs, on_slurm

__all__ = ["Jobs", "cancelled", "connected", "on_lsf", "on_pbs", "on_slurm", "workers_of"]
