"""Mean first-passage time, with correct treatment of censored walkers."""

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

#: Shape scores beyond which times are not exponential: for a mean, and for its interval from few times.
NOT_EXPONENTIAL, SUSPECT = 3.0, 2.0
#: With more times than this, their spread gives the distribution of the mean.
FEW = 100


def mean_first_passage_time(trajectory: Trajectory, where: Mask | None = None) -> Measurement:
    """Mean first-passage time of the selected walkers.

    If all arrived, it is the sample mean, for any distribution; `mixed` is False if the times have no variance
    (`langevin.measure.heavy_tails`).

    If some are censored, walkers that start inside count with time 0. The other times are assumed to be exponential:
    the maximum-likelihood estimate of their mean is total time / arrivals, with the relative error 1/sqrt(arrivals)
    (Cox and Oakes 1984, section 3.2). If the times contradict the exponential distribution (`shape_score` beyond 3),
    the value is the mean over all walkers, provided that the censored walkers are so few that they hardly change it
    (`langevin.measure.stragglers`); otherwise `mixed` is False.

    Intervals follow the distribution of the mean (`langevin.measure.confidence_interval`); they are exact for few
    exponential times. If no walker arrived, `mixed` is False and the value is a lower bound.

    Args:
        trajectory: A run whose walkers stop at a target: status HIT or CENSORED.
        where: Boolean mask of the walkers, all if None. Diverged and failed ones are left out and counted.

    Raises:
        UsageError: the mask is wrong, no walker is left, or the walkers had no target.
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
    """The exact distribution for few times that may be exponential; otherwise that of a positive number."""
    few = len(times) <= FEW and bool((times > 0).all())
    if few and abs(shape_score(times, np.ones(len(times), dtype=bool))) <= SUSPECT:
        return Waits(len(times), float(times.sum()))
    return Positive()


def _exponential(times: FloatArray, arrived: Mask, note: str) -> Measurement:
    """Fraction of walkers that start outside, times their exponential mean: value and error."""
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
    """No arrival in a total time T: with a mean below T / log(20), the probability of an arrival is above 95 %."""
    share = float((times > 0).mean())
    bound = share * float(times.sum()) / math.log(20)
    note = joined(note, "no walker arrived from outside: the value is a lower bound (95 %), if exponential")
    law = Waits(0, share * float(times.sum()), watched=True) if share else None
    return Measurement(bound, math.inf, n, "lower bound", False, note, law)
