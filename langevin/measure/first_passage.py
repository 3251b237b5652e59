"""Mean time of the first passage, with walkers that did not arrive accounted for."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from langevin.errors import UsageError
from langevin.measure.heavy_tails import heavy_tailed
from langevin.measure.shape_score import shape_score
from langevin.measure.stragglers import few_stragglers
from langevin.measure.walkers import Mask, joined, sound, times_since_watch
from langevin.types import FloatArray, Law, Measurement, Positive, Status, Trajectory, Waits
from langevin.words import counted

#: Shape scores beyond which times are not exponential, for a mean and, of few times, for its interval.
NOT_EXPONENTIAL, SUSPECT = 3.0, 2.0
#: The law of the mean of more times than this is told by their own spread.
FEW = 100


def mean_first_passage_time(trajectory: Trajectory, where: Mask | None = None) -> Measurement:
    """Mean first-passage time of the selected walkers.

    When all arrived: the sample mean, whatever the law, but `mixed` is False where the times have no variance
    (`langevin.measure.heavy_tails`). When some are censored: a share that starts inside (time 0) counts as it is, and
    the others are taken as exponential, whose mean is estimated by maximum likelihood as total time / arrivals, with
    the relative error 1/sqrt(arrivals) (Cox and Oakes 1984, section 3.2). Where the times speak against the exponential
    (`shape_score` beyond 3), it is the mean over all if those left are so few that they hardly move it
    (`langevin.measure.stragglers`), else `mixed` is False.
    Intervals follow the law of the mean (`langevin.measure.confidence_interval`), exact for few exponential times.
    When nobody arrived: `mixed` is False and the value is a lower bound.

    Args:
        trajectory: A run whose walkers stop at a target: status HIT or CENSORED.
        where: Boolean mask of the walkers, all if None. Diverged and failed ones are left out and counted.

    Raises:
        UsageError: a wrong mask, nobody left, or walkers that had no target.
    """
    keep, note, fair = sound(trajectory, where)
    status = np.asarray(trajectory.events["status"])[keep]
    times = times_since_watch(trajectory)[keep]
    if (status == Status.FINISHED).any():
        count = int((status == Status.FINISHED).sum())
        raise UsageError(
            f"{counted(count, 'walker')} ran without a target to reach",
            "a run with a target",
            "run with a stop, or use where=",
        )
    arrived = status == Status.HIT
    n, arrivals = len(times), int(arrived.sum())
    if arrivals == n:
        error = float(times.std(ddof=1) / math.sqrt(n)) if n > 1 else math.inf
        doubt = "one walker has no standard error" if n == 1 else heavy_tailed(times[:, None])
        note = joined(note, "" if times.any() else "every walker starts at the target")
        mean, law = float(times.mean()), _law_of_mean(times)
        return Measurement(mean, error, n, "sample mean", fair and not doubt, joined(note, doubt), law)
    note = joined(note, f"{n - arrivals} of {n} walkers censored")
    if not (arrived & (times > 0)).any():
        return _lower_bound(times, n, note)
    found = _exponential(times, arrived, note)
    if not found.mixed and (few := few_stragglers(times, arrived)) is not None:
        estimator = "sample mean with the expected rest of those left"
        note = joined(note, f"they move the mean by {few.bound:.2g} at most, if its tail is exponential")
        found = Measurement(few.mean, few.error, n, estimator, True, note, Positive())
    return replace(found, mixed=found.mixed and fair)


def _law_of_mean(times: FloatArray) -> Law:
    """Of few times that may be exponential the exact law, of others that of a positive number with its own spread."""
    few = len(times) <= FEW and bool((times > 0).all())
    if few and abs(shape_score(times, np.ones(len(times), dtype=bool))) <= SUSPECT:
        return Waits(len(times), float(times.sum()))
    return Positive()


def _exponential(times: FloatArray, arrived: Mask, note: str) -> Measurement:
    """Share that starts outside, times the exponential mean of those: value and error."""
    n = len(times)
    outside = times > 0
    share = float(outside.mean())
    late, hit = times[outside], arrived[outside]
    arrivals = int(hit.sum())
    mean = float(late.sum()) / arrivals
    error = mean * math.sqrt(share**2 / arrivals + share * (1 - share) / n)
    score = shape_score(late, hit)
    if abs(score) > NOT_EXPONENTIAL:
        verdict = f"arrivals are not exponential (shape score {score:.1f}), the mean is not to be trusted"
    else:
        verdict = f"exponential law assumed, not contradicted (shape score {score:.1f})"
    estimator = "exponential maximum likelihood"
    mixed, worth = abs(score) <= NOT_EXPONENTIAL, (share * mean / error) ** 2
    law = Waits(worth, worth * share * mean, watched=True)
    return Measurement(share * mean, error, n, estimator, mixed, joined(note, verdict), law)


def _lower_bound(times: FloatArray, n: int, note: str) -> Measurement:
    """With no arrival in a total time T, a mean below T / log(20) would have shown one 19 times of 20."""
    share = float((times > 0).mean())
    bound = share * float(times.sum()) / math.log(20)
    note = joined(note, "nobody arrived from outside: the value is a lower bound (95 %), if exponential")
    law = Waits(0, share * float(times.sum()), watched=True) if share else None
    return Measurement(bound, math.inf, n, "lower bound", False, note, law)
