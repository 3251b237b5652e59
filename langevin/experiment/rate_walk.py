"""Walk for rates: temperature after temperature, in a way that can stop after any round and continue to the same bits.

Rates that are not finished are packed as plain arrays. When they continue, a message says what has changed since.
Nothing in a state is called or imported, and none of its arrays is read before its shape is that of the given plan.
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
from langevin.ensemble.splitting import walked
from langevin.ensemble.splitting_halfway import Halfway
from langevin.ensemble.splitting_result import Walks, measured
from langevin.errors import InputFileError, WorkersLost
from langevin.experiment.rate_extension import IDENTITY, joined, task_at
from langevin.experiment.rate_plan import RatePlan, identity
from langevin.experiment.rate_record import KIND, entries_of, numbers_of, rate_meta, rate_run, walks_of
from langevin.provenance import DAMAGED, check_unchanged
from langevin.types import Trajectory

CHECKPOINT_SECONDS = 5.0

#: Begins the names of what is finished, and of what is halfway.
FINISHED, HALFWAY = "finished ", "halfway "


@dataclass(frozen=True)
class RateProgress:
    """The temperatures that are finished, and of the next one what is known after a round, if it is so far."""

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
        progress: called with (label, round, replicas on the way) after every round, from number 0 on.
        checkpoint: called every few seconds, whenever a temperature is finished, and on Ctrl-C or SIGTERM; not before a
            first climb.
        begun: what `checkpoint` was called with: the run continues from there, to the bits of a run in one piece.
        executor: whose workers split.
        tasks: parts into which the replicas are cut for it.
        before: the walks of a run that is extended, by `rate_extension.extended_walks`.

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
    """The temperatures that are finished as a run, which says how far the next one is."""
    said: dict[str, Any] = {"temperatures": len(now.finished), "of": len(plan.tasks)}
    if now.halfway is not None:
        ascent = now.halfway.ascent
        shares = np.where(ascent.going, np.exp(ascent.log_weight), ascent.probability)
        said |= {
            "temperature": plan.temperatures[len(now.finished)],
            "round": ascent.label,
            "probability": float(shares.mean()),
        }
    return rate_run(plan, now.finished, said)


def pack(now: RateProgress) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """A run as far as it is: arrays by name, and what each temperature has of its own, in values that JSON can hold."""
    arrays = {f"{FINISHED}{name}": array for name, array in numbers_of(now.finished).items()}
    if now.halfway is not None:
        halfway = splitting_halfway.pack(now.halfway)
        arrays |= {f"{HALFWAY}{name}": array for name, array in halfway.items()}
    return arrays, {"kind": KIND, "runs": entries_of(now.finished)}


def unpack(
    plan: RatePlan, arrays: Mapping[str, Any], said: Mapping[str, Any], before: Sequence[Walks] = ()
) -> RateProgress:
    """The progress that was packed.

    Args:
        plan: of the run that continues.
        arrays: by name; each is an array, or lies in a file.
        said: `runs`, what each temperature has of its own, and `identity`, what the run was begun with.
        before: the walks of the run that is extended.

    Raises:
        InputFileError: of another run, or damaged.
    """
    check_unchanged(str(said.get("identity")), identity(plan, before))
    try:
        return _unpacked(plan, arrays, said, before)
    except (KeyError, ValueError, IndexError, TypeError, AttributeError) as error:
        raise InputFileError(
            f"{DAMAGED}: an array is missing, or has another shape or numbers that no run has"
        ) from error


def _unpacked(
    plan: RatePlan, arrays: Mapping[str, Any], said: Mapping[str, Any], before: Sequence[Walks]
) -> RateProgress:
    """`unpack` of a state of this very run; a ValueError or KeyError where something is not what it must be."""
    named = {
        name.removeprefix(FINISHED): array for name, array in arrays.items() if name.startswith(FINISHED)
    }
    finished = walks_of(rate_meta(plan), said.get("runs"), named)
    for walks, task in zip(finished, plan.tasks, strict=False):
        here = task.problem.temperature, task.dt, task.seed
        if tuple(walks.meta[name] for name in ("temperature", "dt", "seed")) != here:
            raise ValueError("not the temperatures of this run")
    if len(finished) > len(plan.tasks):
        raise ValueError("more temperatures than the run has")
    inner = {name.removeprefix(HALFWAY): array for name, array in arrays.items() if name.startswith(HALFWAY)}
    halfway = splitting_halfway.unpack(task_at(plan, before, len(finished)), inner) if inner else None
    return RateProgress(tuple(finished), halfway)
