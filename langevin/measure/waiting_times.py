"""The distribution of the waiting times of walkers or seeds: rate, spread, and whether it is exponential."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from langevin.errors import UsageError
from langevin.measure.bootstrap import bootstrap_walkers
from langevin.measure.first_passage import mean_first_passage_time, shape_score
from langevin.measure.walkers import Mask, joined, sound, times_since_watch
from langevin.types import FloatArray, Measurement, Status, Trajectory, Waits
from langevin.words import counted

#: Fewer arrivals than this cannot distinguish distributions.
FEWEST_ARRIVALS = 20


def arrival_rate(trajectory: Trajectory, where: Mask | None = None) -> Measurement:
    """1 / mean first-passage time, with its error to first order; censoring and notes as in `mean_first_passage_time`.

    If no walker arrived, the value is an upper bound and `mixed` is False.

    Args:
        trajectory: The run.
        where: Boolean mask of the walkers, all if None.

    Raises:
        UsageError: as `mean_first_passage_time`, or every walker starts at the target.
    """
    mean = mean_first_passage_time(trajectory, where)
    if not mean.value > 0:
        raise UsageError("every walker starts at the target", "starts outside the target", "start elsewhere")
    name = f"1 / {mean.estimator}"
    law = replace(mean.law, power=-1) if isinstance(mean.law, Waits) else mean.law
    error = mean.error / mean.value**2
    return Measurement(1 / mean.value, error, mean.n, name, mean.mixed, mean.note, law)


def coefficient_of_variation(trajectory: Trajectory, where: Mask | None = None) -> Measurement:
    """Standard deviation over mean of the waiting times: 1 for the exponential distribution, 0 for equal times.

    The error is the larger of the bootstrap over walkers and c sqrt((1 + c^2) / (2 n)), the error for a gamma
    distribution with the same c (delta method). The rare long waits that decide the spread are seldom in the sample, so
    the bootstrap alone gives a too small error for an exponential distribution. `mixed` is False with fewer than 20
    walkers.

    Args:
        trajectory: The run.
        where: Boolean mask of the walkers, all if None.

    Raises:
        UsageError: there are censored walkers, whose part of the spread is unknown; the mask is wrong, no walker is
            left, there is no target, or every walker starts at the target.
    """
    times, arrived, note, fair = waits_of(trajectory, where)
    if not arrived.all():
        raise UsageError(
            f"{int((~arrived).sum())} of {counted(len(times), 'walker')} censored",
            "walkers that have all arrived",
            "run longer, or use exponential_score",
        )
    if not times.any():
        raise UsageError("every walker starts at the target", "starts outside the target", "start elsewhere")
    n = len(times)
    scaled = times / times.mean()
    rows = np.stack([scaled, (scaled - 1) ** 2], axis=1)

    def variation(means: FloatArray) -> FloatArray:
        variance = (means[:, 1] - (means[:, 0] - 1) ** 2) * n / max(n - 1, 1)
        return np.asarray(np.sqrt(np.maximum(variance, 0)) / means[:, 0])

    measured = bootstrap_walkers(rows, variation, "coefficient of variation", note)
    gamma = measured.value * math.sqrt((1 + measured.value**2) / (2 * n))
    few = too_few(n, "walker")
    return replace(
        measured,
        error=max(measured.error, gamma),
        mixed=measured.mixed and fair and not few,
        note=joined(measured.note, few),
    )


def exponential_score(trajectory: Trajectory, where: Mask | None = None) -> Measurement:
    """Score test of the exponential against the Weibull distribution, with censored walkers: 0 +- 1 if exponential.

    Positive: more regular than exponential; negative: more spread (`shape_score`). Walkers that start at the target are
    left out; n is the number of the others. `mixed` is False with fewer than 20 arrivals, because the score is then not
    normal.

    Args:
        trajectory: The run.
        where: Boolean mask of the walkers, all if None.

    Raises:
        UsageError: the mask is wrong, no walker is left, there is no target, or no walker arrives from outside.
    """
    times, arrived, note, fair = waits_of(trajectory, where)
    outside = times > 0
    times, arrived = times[outside], arrived[outside]
    arrivals = int(arrived.sum())
    if not arrivals:
        raise UsageError("no walker arrives from outside", "arrivals from outside", "run longer")
    at_target, censored = int((~outside).sum()), len(times) - arrivals
    few = too_few(arrivals, "arrival")
    note = joined(
        note,
        f"{counted(at_target, 'walker is', 'walkers are')} left out, at the target from the start"
        if at_target
        else "",
        f"{censored} of {len(times)} walkers censored" if censored else "",
        few,
    )
    # the score does not depend on the unit of time; in this unit the logarithms are small
    score = shape_score(times / times.mean(), arrived)
    return Measurement(score, 1.0, len(times), "exponential score", fair and not few, note)


def too_few(count: int, what: str) -> str:
    """Note for too few arrivals or walkers; an empty text if there are enough.

    Args:
        count: number of them.
        what: the noun, in the singular.
    """
    return f"only {counted(count, what)}, {FEWEST_ARRIVALS} are needed" if count < FEWEST_ARRIVALS else ""


def waits_of(trajectory: Trajectory, where: Mask | None) -> tuple[FloatArray, Mask, str, bool]:
    """Waiting times, whether each ended in an arrival, a note, and whether they are a fair sample.

    Args:
        trajectory: a run whose walkers stop at a target.
        where: mask of the walkers; all if None.

    Raises:
        UsageError: the mask is wrong, no walker is left, or the walkers had no target.
    """
    keep, note, fair = sound(trajectory, where)
    status = np.asarray(trajectory.events["status"])[keep]
    if (status == Status.FINISHED).any():
        raise UsageError(
            "some walkers ran without a target to reach",
            "a run with a target",
            "run with a stop, or use where=",
        )
    times = times_since_watch(trajectory)[keep]
    return times, status == Status.HIT, note, fair
