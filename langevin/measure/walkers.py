"""Which walkers may be averaged over."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from langevin.errors import UsageError
from langevin.types import FloatArray, Status, Trajectory

Mask = NDArray[np.bool_]


def select(trajectory: Trajectory, where: Mask | None) -> Mask:
    """The mask itself, all walkers for None.

    Raises:
        UsageError: a mask of another length or type, or one that selects nobody.
    """
    chains = len(trajectory.events["status"])
    mask = np.ones(chains, dtype=bool) if where is None else np.asarray(where)
    if mask.shape != (chains,) or mask.dtype != bool:
        raise UsageError(
            f"where must be a boolean mask of the {chains} walkers, not {mask.dtype}{mask.shape}"
        )
    if not mask.any():
        raise UsageError("where selects no walker: select at least one")
    return mask


def sound(trajectory: Trajectory, where: Mask | None = None) -> tuple[Mask, str]:
    """Mask of the selected walkers that neither diverged nor failed, and a note that counts the others.

    Raises:
        UsageError: as `select`, or nobody is left.
    """
    mask = select(trajectory, where)
    status = np.asarray(trajectory.events["status"])
    diverged = mask & (status == Status.DIVERGED)
    failed = mask & (status == Status.PROJECTION_FAILED)
    keep = mask & ~diverged & ~failed
    if not keep.any():
        raise UsageError("every walker diverged or failed, nothing is left to measure: use a smaller step")
    causes = {"diverged": int(diverged.sum()), "failed in the projection": int(failed.sum())}
    left_out = [f"{count} walkers {cause} and are left out" for cause, count in causes.items() if count]
    return keep, "; ".join(left_out)


def times_since_watch(trajectory: Trajectory) -> FloatArray:
    """Time of each walker's end (walkers,) since the target is watched, from which on time counts.

    Raises:
        UsageError: a run that garbles since when.
    """
    begun = trajectory.meta.get("watched_from", 0.0)
    if not isinstance(begun, int | float):
        raise UsageError(f"the run must say by a number since when its target is watched, got {begun!r}")
    return np.asarray(trajectory.events["time"], dtype=float) - begun


def joined(*notes: str) -> str:
    """Notes as one text, empty ones dropped."""
    return "; ".join(note for note in notes if note)
