"""Which walkers a mean may include, and whether steps that were not taken bias it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from langevin.errors import NothingLeft, UsageError, unfit
from langevin.types import FloatArray, Status, Trajectory
from langevin.words import counted

Mask = NDArray[np.bool_]
#: Largest fraction of walkers that may be lost. If a Gaussian loses its farthest 0.1 %, its variance falls by 1.3 %.
MOST_LOST = 0.001
#: Largest fraction of steps without a path that is allowed: walkers stay longer at places with such steps.
MOST_REFUSED = 0.01
#: Smallest fraction of steps that must be taken if a rule that preserves the distribution rejects the others.
LEAST_TAKEN = 0.01


class Sound(NamedTuple):
    """The selected walkers that neither diverged nor failed: their mask, a note that counts the others, and `fair`.

    `fair` is False if so many walkers were lost, or so many steps not taken, that the remaining walkers are not a fair
    sample: `mixed` of their mean is then False.
    """

    keep: Mask
    note: str
    fair: bool


def select(trajectory: Trajectory, where: Mask | None) -> Mask:
    """The mask; all walkers for None.

    Args:
        trajectory: the run.
        where: mask of the walkers, (chains,); None for all.

    Raises:
        UsageError: the mask has another length or type, or selects no walker.
    """
    chains = len(trajectory.events["status"])
    mask = np.ones(chains, dtype=bool) if where is None else np.asarray(where)
    if mask.shape != (chains,) or mask.dtype != bool:
        raise unfit("where", f"must be a boolean mask of the {chains} walkers", f"{mask.dtype}{mask.shape}")
    if not mask.any():
        raise UsageError("where selects no walker", "a walker at least", "select one")
    return mask


def refuse_rates(run: object) -> None:
    """Refuse a run of `langevin rate`: its chains are replicas of an algorithm, not walkers.

    Args:
        run: a Trajectory, or any other object, which passes.

    Raises:
        UsageError: it is a run of `langevin rate`.
    """
    if isinstance(run, Trajectory) and run.meta.get("kind") == "rate":
        raise UsageError(
            "this is a run of `langevin rate`, which records rates and no walkers",
            "a run of walkers or of networks",
            "see its rates by `langevin compare`",
        )


def sound(trajectory: Trajectory, where: Mask | None = None) -> Sound:
    """The selected walkers that remain at the end of a run, and whether they are a fair sample of all.

    Walkers are lost where the motion is extreme. So the mean over the others has an error of about the lost fraction
    times the size of the extreme values: above the fraction `MOST_LOST` the sample is not fair. It is not fair either
    if too many steps were not taken (`too_many_refused`).

    Args:
        trajectory: the run.
        where: mask of the walkers, (chains,); all if absent.

    Raises:
        UsageError: as `select`.
        NothingLeft: every walker diverged or failed.
    """
    mask = select(trajectory, where)
    status = np.asarray(trajectory.events["status"])
    diverged = mask & (status == Status.DIVERGED)
    failed = mask & (status == Status.PROJECTION_FAILED)
    keep = mask & ~diverged & ~failed
    if not keep.any():
        raise NothingLeft(
            "every walker diverged or failed, nothing is left to measure",
            "a walker that has not failed",
            "use a smaller step",
        )
    causes = {"diverged": int(diverged.sum()), "failed in the projection": int(failed.sum())}
    left_out = [
        counted(count, f"walker {cause} and is left out", f"walkers {cause} and are left out")
        for cause, count in causes.items()
        if count
    ]
    lost, walkers = sum(causes.values()), int(mask.sum())
    fair = lost <= MOST_LOST * walkers
    share = "" if fair else f"{lost} of {walkers} lost, above {MOST_LOST:.1%}: the others are no fair sample"
    waiting = too_many_refused(trajectory, mask)
    return Sound(keep, joined(*left_out, share, waiting), fair and not waiting)


def lost(trajectory: Trajectory) -> str:
    """How many walkers of a run were lost, the causes, and the step of the first loss; empty if none was lost."""
    status = np.asarray(trajectory.events["status"])
    gone = (status == Status.DIVERGED) | (status == Status.PROJECTION_FAILED)
    if not gone.any():
        return ""
    first = int(np.asarray(trajectory.events["step"])[gone].min())
    return f"{int(gone.sum())} of {len(gone)} walkers were lost, the first at step {first}"


def too_many_lost(trajectory: Trajectory) -> bool:
    """Whether the remaining walkers of a run, or of one of its joined ensembles, are not a fair sample."""
    status, labels = np.asarray(trajectory.events["status"]), trajectory.events.get("samples")
    gone = (status == Status.DIVERGED) | (status == Status.PROJECTION_FAILED)
    groups = [gone] if labels is None else [gone[labels == label] for label in np.unique(labels)]
    return any(group.mean() > MOST_LOST for group in groups)


def times_since_watch(trajectory: Trajectory) -> FloatArray:
    """Time of the end of each walker (walkers,), counted from the time at which the watch of the target begins.

    Raises:
        UsageError: the entry of the run for this time is damaged.
    """
    begun = trajectory.meta.get("watched_from", 0.0)
    if not isinstance(begun, int | float):
        raise unfit("the run", "must say by a number since when its target is watched", f"{begun!r}")
    return np.asarray(trajectory.events["time"], dtype=float) - begun


def joined(*notes: str) -> str:
    """Notes as one text; empty notes are dropped."""
    return "; ".join(note for note in notes if note)


def too_many_refused(trajectory: Trajectory, where: NDArray[np.bool_]) -> str:
    """Why the walkers (chains,) `where` are not a fair sample, by the steps that were not taken; empty if they may be.

    The meta of the run names the tallies of such steps: `refusals` may change the distribution, `rejections` preserve
    it (`Integrator`).

    Args:
        trajectory: the run.
        where: mask of the walkers, (chains,).
    """
    if not (trajectory.meta.get("refusals") or trajectory.meta.get("rejections")):
        return ""
    steps = np.asarray(trajectory.events["step"], dtype=np.float64)[where]
    refused, rejected = (_counts(trajectory, kind)[where] for kind in ("refusals", "rejections"))
    if not (steps > 0).any():
        return ""
    total, stays = steps.sum(), refused + rejected
    share, taken = refused.sum() / total, 1.0 - stays.sum() / total
    still = int(((stays >= steps) & (steps > 0)).sum())
    reasons = [
        f"{share:.2g} of all steps were refused, above {MOST_REFUSED:g}" if share > MOST_REFUSED else "",
        f"only {taken:.2g} of all steps were taken, below {LEAST_TAKEN:g}" if taken < LEAST_TAKEN else "",
        f"{still} of {len(steps)} walkers never moved" if still else "",
    ]
    found = ", ".join(filter(None, reasons))
    return f"{found}: use a smaller step" if found else ""


def rejected_share(trajectory: Trajectory) -> float:
    """The fraction of steps that a rule rejected to preserve the distribution; 0 without such a rule or steps."""
    if not trajectory.meta.get("rejections"):
        return 0.0
    total = float(np.asarray(trajectory.events["step"], dtype=np.float64).sum())
    return float(_counts(trajectory, "rejections").sum()) / total if total > 0 else 0.0


def _counts(trajectory: Trajectory, kind: str) -> NDArray[Any]:
    """Number of steps of each walker that were not taken, (chains,), from the tallies of one kind."""
    counts = np.zeros(len(trajectory.events["step"]))
    for name in trajectory.meta.get(kind, ()):
        counts += trajectory.events.get(name, 0)
    return counts
