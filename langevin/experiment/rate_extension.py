"""Finished rates get more replicas or more temperatures.

A temperature has its seed by its place in the list, so temperatures that are added behind have the bits of one run of
them all. Replicas that are added have not: replicas that roam together share the time of it, and the origin that was
chosen by all of them. Added replicas roam by themselves, under a seed derived from that of their temperature and from
the number of replicas before, so no noise comes twice. They take the origin that was chosen, for the flux and the
probability belong to it; so each replica is a run of the same algorithm, and means and errors over all of them hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from langevin.ensemble.splitting_result import Walks
from langevin.ensemble.splitting_task import LEAST_REPLICAS, Task
from langevin.errors import InputFileError, UsageError
from langevin.experiment.rate_plan import RatePlan, identity
from langevin.experiment.rate_record import KIND, walks_of
from langevin.kernels.streams import derived_seed
from langevin.provenance import DAMAGED, check_unchanged
from langevin.types import Trajectory

#: Label of the seed of added replicas, less the number of those before: above all labels of one splitting.
ADDED = 2**48
#: The array of a state: a text of what decides the bits of the run.
IDENTITY = "identity"


def extended_walks(plan: RatePlan, run: Trajectory) -> tuple[Walks, ...]:
    """The walks of finished rates, which the plan has more of.

    Args:
        plan: of the whole: the temperatures of the run and perhaps others behind, and at least its replicas.
        run: of `langevin rate`.

    Raises:
        InputFileError: the run is of something else, for what decides its bits has changed, or it is damaged.
        UsageError: the run holds no state, or the plan has less than the run, or too few replicas more.
    """
    if run.meta.get("kind") != KIND or IDENTITY not in run.state:
        raise UsageError(
            "this run holds no state to continue from: it is of a version that kept none",
            "finished rates with their state",
            "run it again with all temperatures and replicas",
        )
    texts = np.asarray(run.state[IDENTITY])
    if texts.dtype.kind != "U" or texts.shape != (1,):
        raise InputFileError(DAMAGED)
    try:
        found = tuple(walks_of(run.meta, run.meta["runs"], run.events))
    except (KeyError, ValueError) as error:
        raise InputFileError(DAMAGED) from error
    if len(found) > len(plan.tasks):
        raise UsageError(
            f"the run has {len(found)} temperatures, and {len(plan.tasks)} are requested",
            "an extension keeps all temperatures, in their order",
            "name the others after them",
        )
    had = int(run.meta["replicas"])
    then = tuple(
        replace(task, effort=replace(task.effort, replicas=had)) for task in plan.tasks[: len(found)]
    )
    check_unchanged(str(texts[0]), identity(replace(plan, tasks=then)))
    more = plan.tasks[0].effort.replicas - had
    if more < 0 or 0 < more < LEAST_REPLICAS:
        raise UsageError(
            f"the run has {had} replicas, and {had + more} are requested",
            f"as many, or at least {LEAST_REPLICAS} more",
            f"ask for {had + LEAST_REPLICAS}, or for no more",
        )
    return found


def task_at(plan: RatePlan, before: Sequence[Walks], index: int) -> Task:
    """What is left to walk of a task; of one whose walks the run before has in part, the replicas that are added."""
    task = plan.tasks[index]
    if index >= len(before):
        return task
    had = before[index]
    origin = had.meta["origin"]
    return replace(
        task,
        effort=replace(task.effort, replicas=task.effort.replicas - had.fluxes.size),
        sets=task.sets if origin == "kernel" else replace(task.sets, origin=origin),
        seed=derived_seed(task.seed, ADDED + had.fluxes.size),
    )


def joined(had: Walks, more: Walks) -> Walks:
    """The walks of a run before and those of the replicas that were added, as those of one task."""
    meta = {
        **had.meta,
        "replicas": had.fluxes.size + more.fluxes.size,
        "failed": had.meta["failed"] + more.meta["failed"],
    }
    return Walks(
        fluxes=np.concatenate([had.fluxes, more.fluxes]),
        probabilities=np.concatenate([had.probabilities, more.probabilities]),
        iterations=np.concatenate([had.iterations, more.iterations]),
        drift=max(had.drift, more.drift, key=abs),
        walked=had.walked + more.walked,
        meta=meta,
    )
