"""Whether steps that were not taken bias what is measured in a run."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from langevin.types import Trajectory

#: Largest fraction of steps without a path that is allowed: walkers stay longer where such steps occur.
MOST_REFUSED = 0.01
#: Smallest fraction of steps that must be taken if a rule that preserves the distribution rejects the others.
LEAST_TAKEN = 0.01


def too_many_refused(trajectory: Trajectory, where: NDArray[np.bool_]) -> str:
    """Why the walkers (chains,) `where` are not a fair sample, by the steps that were not taken; empty if they may be.

    The meta of the run names the tallies of such steps: `refusals` may change the distribution, `rejections` preserve
    it (`Integrator`).
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
