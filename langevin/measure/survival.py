"""The fraction of walkers that have not arrived, with correct treatment of censored walkers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from langevin.errors import UsageError
from langevin.measure.interval import confidence_interval
from langevin.measure.walkers import Mask, sound, times_since_watch
from langevin.types import FloatArray, Measurement, Share, Status, Trajectory


class AtRisk(NamedTuple):
    """The times at which walkers end (ends,), the number of arrivals, and the number of walkers at risk until then."""

    ends: FloatArray
    arrived: FloatArray
    risk: FloatArray


class Survival(NamedTuple):
    """The Kaplan-Meier curve (points,): the fraction that has not arrived, constant between times, with its band.

    It begins at time 0 and ends at the last observed time; `n` is the number of walkers.
    """

    time: FloatArray
    share: FloatArray
    low: FloatArray
    high: FloatArray
    n: int


def survival_curve(trajectory: Trajectory, where: Mask | None = None, level: float = 0.95) -> Survival:
    """Fraction of the selected walkers that have not arrived by each time, by the Kaplan-Meier product.

    Kaplan and Meier, J. Am. Stat. Assoc. 53 (1958) 457, with Greenwood's variance. The band is pointwise. It is the
    exact interval of Clopper and Pearson for the effective number of independent walkers with this variance, which is
    their number as long as none is censored (Cutler and Ederer, J. Chronic Dis. 8 (1958) 699). So the band is within 0
    and 1.

    Args:
        trajectory: A run whose walkers stop at a target: status HIT or CENSORED.
        where: Boolean mask of the walkers, all if None. Diverged and failed ones are left out.
        level: Probability of the band.

    Raises:
        UsageError: the mask is wrong, no walker is left, the walkers had no target, or the level is outside (0, 1).
    """
    keep = sound(trajectory, where).keep
    status = np.asarray(trajectory.events["status"])[keep]
    if (status == Status.FINISHED).any():
        raise UsageError(
            "some walkers ran without a target to reach",
            "a run with a target",
            "run with a stop, or use where=",
        )
    times = times_since_watch(trajectory)[keep]
    ends, arrived, risk = at_risk(times, status == Status.HIT)
    share = np.cumprod(1 - arrived / risk)
    left = risk - arrived
    variance = np.cumsum(np.divide(arrived, risk * left, out=np.zeros(len(ends)), where=left > 0))
    worth = np.full(len(ends), float(len(times)))
    np.divide(1 - share, share * variance, out=worth, where=(share > 0) & (variance > 0))
    if share[-1] == 0:  # the last walker at risk has arrived: its variance is not defined
        worth[-1] = worth[-2] if len(worth) > 1 else worth[-1]
    band = [_band(float(p), float(n), level) for p, n in zip(share, worth, strict=True)]
    first = _band(1.0, float(len(times)), level)
    low, high = np.array([first, *band]).T
    start = np.concatenate([[0.0], ends])
    return Survival(start, np.concatenate([[1.0], share]), low, high, len(times))


def at_risk(times: FloatArray, hit: Mask) -> AtRisk:
    """The table for a Kaplan-Meier curve, from the times at which walkers end and whether each one arrived."""
    ends, place = np.unique(times, return_inverse=True)
    arrived = np.bincount(place, hit, len(ends)).astype(float)
    risk = len(times) - np.concatenate([[0.0], np.cumsum(np.bincount(place))[:-1].astype(float)])
    return AtRisk(ends, arrived, risk)


def _band(share: float, worth: float, level: float) -> tuple[float, float]:
    law = Share(share * worth, worth)
    return confidence_interval(Measurement(share, 0.0, 2, "survival", law=law), level)
