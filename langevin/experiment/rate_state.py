"""Rates that are not finished, as plain arrays, and back: the same bits go on, or a sentence says what has changed.

Nothing in a state is called or imported, and none of its arrays is read before its shape is that of the given plan.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from langevin.ensemble import splitting_halfway
from langevin.ensemble.splitting_result import Walks
from langevin.errors import InputFileError
from langevin.experiment.rate_extension import task_at
from langevin.experiment.rate_plan import RatePlan, identity
from langevin.experiment.rate_record import KIND, entries_of, numbers_of, rate_meta, walks_of
from langevin.experiment.rate_walk import RateProgress
from langevin.provenance import DAMAGED, check_unchanged

#: Begins the names of what is finished, and of what is halfway.
FINISHED, HALFWAY = "finished ", "halfway "


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
        plan: of the run that is to go on.
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
