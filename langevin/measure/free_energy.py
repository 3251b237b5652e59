"""Free energy of a region from the share of time that a run spends in it."""

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
    """F(U) = -theta log p(U), with p(U) the share of walkers and time in a region and theta the run's temperature.

    The share, its error and its doubts are those of `occupation`; the error of the logarithm is that of the share over
    the share. A region that nobody enters has no free energy: what can be said of it is in `langevin.splitting`.

    Raises:
        UsageError: as `occupation`, a region never entered, or a run that does not say its temperature.
    """
    theta = trajectory.meta.get("temperature")
    if not isinstance(theta, int | float) or not 0 < theta < math.inf:
        raise unfit("a free energy", "needs the temperature of the run in its meta", f"{theta!r}")
    share = occupation(trajectory, inside, first_time=first_time, last_time=last_time)
    if share.value == 0:
        raise UsageError(
            "nobody is in the region within the window",
            "a region that is visited",
            "choose another, or run longer",
        )
    log_share = log_of(share)
    return replace(
        log_share, value=-theta * log_share.value, error=theta * log_share.error, estimator="free energy"
    )
