"""Walks for rates, one temperature after another. A walk can stop after any round and continue to the same bits.

Rates that are not finished are packed as plain arrays. When they continue, a message lists the changes since.
Nothing in a state is called or imported. An array of it is read only if its shape is the shape in the given plan.

Finished rates can get more replicas or more temperatures. A temperature has its seed by its place in the list, so
added temperatures at the end have the bits of a single run. Added replicas have other bits: replicas that roam together
share the roaming time, and the origin that all of them chose. Added replicas roam separately, under a seed derived from
the seed of their temperature and from the number of earlier replicas, so no noise occurs twice. They use the origin
that was chosen, because the flux and the probability belong to it. So each replica is a run of the same algorithm, and
means and errors over all of them are valid.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from langevin.ensemble import splitting_halfway
from langevin.ensemble.splitting import Walks, measured, walked
from langevin.ensemble.splitting_halfway import Halfway
from langevin.ensemble.splitting_task import LEAST_REPLICAS, Task
from langevin.errors import InputFileError, UsageError, WorkersLost
from langevin.experiment.rate_plan import RatePlan, identity
from langevin.experiment.rate_record import KIND, entries_of, numbers_of, rate_meta, rate_run, walks_of
from langevin.kernels.streams import derived_seed
from langevin.provenance import DAMAGED, check_unchanged
from langevin.types import Trajectory

CHECKPOINT_SECONDS = 5.0

#: Prefixes of the names of finished and of unfinished arrays.
FINISHED, HALFWAY = "finished ", "halfway "
#: Label of the seed of added replicas, less the number of earlier replicas: above all labels of one splitting.
ADDED = 2**48
#: The array of a state: a text of what decides the bits of the run.
IDENTITY = "identity"


@dataclass(frozen=True)
class RateProgress:
    """The finished temperatures, and the state of the next one after a round, if it has one."""

    finished: tuple[Walks, ...] = ()
    halfway: Halfway | None = None


def walk(
    plan: RatePlan,
    *,
    threads: int | None = None,
    progress: Callable[[str, int, int], None] | None = None,
    checkpoint: Callable[[RateProgress], None] | None = None,
    begun: RateProgress = RateProgress(),
    executor: Executor | None = None,
    tasks: int | None = None,
    before: Sequence[Walks] = (),
) -> Trajectory:
    """Carry a plan out.

    Args:
        plan: of the rates, checked.
        threads: of the machine; never changes a result.
        progress: called with (label, round, running replicas) after every round, from number 0 on.
        checkpoint: called every few seconds, whenever a temperature is finished, and on Ctrl-C or SIGTERM; not before a
            first climb.
        begun: an argument of `checkpoint`: the run continues from there, with the bits of a run in one piece.
        executor: whose workers split.
        tasks: parts into which the replicas are cut for it.
        before: the walks of a run that is extended, by `extended_walks`.

    Raises:
        UsageError: as `splitting`.
        NumericalError: as `splitting`.
        WorkersLost: as `splitting`; `checkpoint` was called before.
    """
    now, saved = begun, time.perf_counter()

    def save() -> None:
        nonlocal saved
        if checkpoint and (now.finished or now.halfway):
            checkpoint(now)
        saved = time.perf_counter()

    def after(halfway: Halfway) -> None:
        nonlocal now
        now = RateProgress(now.finished, halfway)
        if progress:
            ascent = halfway.ascent
            progress(f"theta = {theta:g}", ascent.label, int(ascent.going.sum()))
        if time.perf_counter() - saved > CHECKPOINT_SECONDS:
            save()

    try:
        for index in range(len(begun.finished), len(plan.tasks)):
            theta, had = plan.temperatures[index], before[index] if index < len(before) else None
            task = task_at(plan, before, index)
            if had is not None and not task.effort.replicas:
                walks = had
            else:
                walks = walked(task, threads, after, now.halfway, executor, tasks)
                walks = walks if had is None else joined(had, walks)
            measured(walks)  # refuses replicas that have all died out
            now = RateProgress((*now.finished, walks))
            save()
    except (KeyboardInterrupt, SystemExit, WorkersLost):
        save()
        raise
    return replace(rate_run(plan, now.finished), state={IDENTITY: np.array([identity(plan)])})


def run_so_far(plan: RatePlan, now: RateProgress) -> Trajectory:
    """The finished temperatures as a run, with the progress of the next one.

    Args:
        plan: of the rates.
        now: the progress.
    """
    entries: dict[str, Any] = {"temperatures": len(now.finished), "of": len(plan.tasks)}
    if now.halfway is not None:
        ascent = now.halfway.ascent
        shares = np.where(ascent.going, np.exp(ascent.log_weight), ascent.probability)
        entries |= {
            "temperature": plan.temperatures[len(now.finished)],
            "round": ascent.label,
            "probability": float(shares.mean()),
        }
    return rate_run(plan, now.finished, entries)


def pack(now: RateProgress) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """The state of a run: arrays by name, and the entries of each temperature as values that JSON can hold."""
    arrays = {f"{FINISHED}{name}": array for name, array in numbers_of(now.finished).items()}
    if now.halfway is not None:
        halfway = splitting_halfway.pack(now.halfway)
        arrays |= {f"{HALFWAY}{name}": array for name, array in halfway.items()}
    return arrays, {"kind": KIND, "runs": entries_of(now.finished)}


def unpack(
    plan: RatePlan, arrays: Mapping[str, Any], entries: Mapping[str, Any], before: Sequence[Walks] = ()
) -> RateProgress:
    """The packed progress.

    Args:
        plan: of the run that continues.
        arrays: by name; each is an array, or lies in a file.
        entries: `runs`, the entries of each temperature, and `identity`, the inputs of the run.
        before: the walks of the run that is extended.

    Raises:
        InputFileError: of another run, or damaged.
    """
    check_unchanged(str(entries.get("identity")), identity(plan, before))
    try:
        return _unpacked(plan, arrays, entries, before)
    except (KeyError, ValueError, IndexError, TypeError, AttributeError) as error:
        raise InputFileError(
            f"{DAMAGED}: an array is missing, or has another shape or numbers that no run has"
        ) from error


def _unpacked(
    plan: RatePlan, arrays: Mapping[str, Any], entries: Mapping[str, Any], before: Sequence[Walks]
) -> RateProgress:
    """`unpack` of a state of this run; a ValueError or KeyError if the state is damaged."""
    named = {
        name.removeprefix(FINISHED): array for name, array in arrays.items() if name.startswith(FINISHED)
    }
    finished = walks_of(rate_meta(plan), entries.get("runs"), named)
    for walks, task in zip(finished, plan.tasks, strict=False):
        here = task.problem.temperature, task.dt, task.seed
        if tuple(walks.meta[name] for name in ("temperature", "dt", "seed")) != here:
            raise ValueError("not the temperatures of this run")
    if len(finished) > len(plan.tasks):
        raise ValueError("more temperatures than the run has")
    inner = {name.removeprefix(HALFWAY): array for name, array in arrays.items() if name.startswith(HALFWAY)}
    halfway = splitting_halfway.unpack(task_at(plan, before, len(finished)), inner) if inner else None
    return RateProgress(tuple(finished), halfway)


def extended_walks(plan: RatePlan, run: Trajectory) -> tuple[Walks, ...]:
    """The walks of finished rates that a plan extends.

    Args:
        plan: of the whole: the temperatures of the run, perhaps others after them, and at least its replicas.
        run: of `langevin rate`.

    Raises:
        InputFileError: the inputs that decide the bits of the run differ, or the run is damaged.
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
    """The remaining part of a task. If the earlier run has a part of its walks, these are the added replicas.

    Args:
        plan: of the whole run.
        before: walks of the earlier run, one for each of its temperatures.
        index: number of the task.
    """
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
    """The walks of an earlier run and of added replicas, as the walks of one task.

    Args:
        had: walks of the earlier run.
        more: walks of the added replicas.
    """
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
