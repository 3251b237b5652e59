"""Whether steps that were not taken spoil what is measured in a run."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from langevin.types import Trajectory

#: Largest share of steps that may be refused for want of a way: walkers wait where those steps are.
MOST_REFUSED = 0.01
#: Least share of steps that must be taken, where a rule that keeps the law refuses the others.
LEAST_TAKEN = 0.01


def too_many_refused(trajectory: Trajectory, where: NDArray[np.bool_]) -> str:
    """Why the walkers (chains,) `where` are no fair sample, by the steps that were not taken; empty if they may be.

    The run's meta names the tallies of such steps: `refusals` may change the law, `rejections` keep it (`Integrator`).
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
    """The share of all steps that a rule refused to keep the law, 0 of a run without such a rule or without steps."""
    if not trajectory.meta.get("rejections"):
        return 0.0
    total = float(np.asarray(trajectory.events["step"], dtype=np.float64).sum())
    return float(_counts(trajectory, "rejections").sum()) / total if total > 0 else 0.0


def _counts(trajectory: Trajectory, kind: str) -> NDArray[Any]:
    """Steps of a walker that were not taken, (chains,), by the tallies of one kind."""
    counts = np.zeros(len(trajectory.events["step"]))
    for name in trajectory.meta.get(kind, ()):
        counts += trajectory.events.get(name, 0)
    return counts
