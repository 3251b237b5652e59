"""Free energy of a region from the fraction of time that a run spends in it."""

from __future__ import annotations

import math
from dataclasses import replace

from langevin.errors import UsageError, unfit
from langevin.measure.interval import log_of
from langevin.measure.occupancy import Region, occupation
from langevin.types import Measurement, Trajectory


def free_energy(
    trajectory: Trajectory, inside: Region, *, first_time: float, last_time: float = math.inf
) -> Measurement:
    """F(U) = -theta log p(U), with p(U) the fraction of walkers and time in a region and theta the temperature.

    p(U), its error and its note are those of `occupation`. The error of the logarithm is the relative error of p(U). A
    region that no walker enters has no free energy here; `langevin.splitting` can estimate it.

    Args:
        trajectory: The run.
        inside: The region, as in `occupation`.
        first_time: Where the window begins: after the burn-in.
        last_time: Where it ends.

    Raises:
        UsageError: as `occupation`, no walker enters the region, or the run does not contain its temperature.
    """
    theta = trajectory.meta.get("temperature")
    if not isinstance(theta, int | float) or not 0 < theta < math.inf:
        raise unfit("a free energy", "needs the temperature of the run in its meta", f"{theta!r}")
    share = occupation(trajectory, inside, first_time=first_time, last_time=last_time)
    if share.value == 0:
        raise UsageError(
            "no walker is in the region within the window",
            "a region that is visited",
            "choose another, or run longer",
        )
    log_share = log_of(share)
    return replace(
        log_share, value=-theta * log_share.value, error=theta * log_share.error, estimator="free energy"
    )
