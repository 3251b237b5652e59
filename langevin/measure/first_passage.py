"""Mean first-passage time, with correct treatment of censored walkers.

If a few of many walkers have not arrived, the tail bounds their contribution. The distribution of a waiting time in a
bounded region ends in one exponential, that of the slowest mode. The last arrivals give an estimate of its rate, and
each remaining walker still needs the mean time of this exponential. If this is so small that twice its upper limit
changes the mean by at most a tenth of its error, the result is the mean over all walkers, for any distribution before
the tail. There is no result if the tail is not exponential, for example if a walker stays in a region that others
have not found: its time there is unknown.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from langevin.errors import UsageError
from langevin.measure.stationarity import heavy_tailed
from langevin.measure.walkers import Mask, joined, sound, times_since_watch
from langevin.types import FloatArray, Law, Measurement, Positive, Status, Trajectory, Waits
from langevin.words import counted

#: Shape scores beyond which times are not exponential: for a mean, and for its interval from few times.
NOT_EXPONENTIAL, SUSPECT = 3.0, 2.0
#: With more times than this, their spread gives the distribution of the mean.
FEW = 100
#: Fraction of the arrivals in the tail, and their smallest number.
TAIL, LEAST = 0.02, 30
#: Shape score beyond which a tail is not exponential.
SUSPECT_TAIL = 2.0
#: Probability that the mean of the tail is above its limit, or that this number remains from an exponential tail; and
#: the factor by which the mean of the tail may grow beyond the last arrivals.
CHANCE, GROWTH = 0.05, 2.0
#: Largest change of the mean by the remaining walkers, over its error.
MOST = 0.1


class Few(NamedTuple):
    """The mean over all walkers, its error (with the bound on the remaining walkers), and this bound."""

    mean: float
    error: float
    bound: float


def mean_first_passage_time(trajectory: Trajectory, where: Mask | None = None) -> Measurement:
    """Mean first-passage time of the selected walkers.

    If all arrived, it is the sample mean, for any distribution; `mixed` is False if the times have no variance
    (`langevin.measure.stationarity`).

    If some are censored, walkers that start inside count with time 0. The other times are assumed to be exponential:
    the maximum-likelihood estimate of their mean is total time / arrivals, with the relative error 1/sqrt(arrivals)
    (Cox and Oakes 1984, section 3.2). If the times contradict the exponential distribution (`shape_score` beyond 3),
    the value is the mean over all walkers, provided that the censored walkers are so few that they hardly change it
    (`few_stragglers`); otherwise `mixed` is False.

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


def few_stragglers(times: FloatArray, arrived: Mask) -> Few | None:
    """The mean of times (walkers,), if some walkers are censored; None if it is not known.

    Args:
        times: times of the arrivals; for the others, the end of their observation.
        arrived: which walkers arrived.
    """
    n, left = len(times), int((~arrived).sum())
    ends = np.sort(times[arrived])
    count = max(LEAST, int(TAIL * len(ends)))
    if count >= len(ends):
        return None
    begin = float(ends[-count - 1])
    late = times > begin
    hits = int((late & arrived).sum())
    if hits < LEAST or (times[~arrived] <= begin).any():
        return None
    waits = times[late] - begin
    if abs(shape_score(waits, arrived[late])) > SUSPECT_TAIL:
        return None
    rest = float(waits.sum()) / hits
    expected = (hits + left) * math.exp(-(float(times[~arrived].min()) - begin) / rest)
    if _chance_of(left, expected) < CHANCE:
        return None
    filled = np.where(arrived, times, times + rest)
    error = float(filled.std(ddof=1)) / math.sqrt(n)
    bound = left / n * GROWTH * _upper(float(waits.sum()), hits)
    if bound > MOST * error or heavy_tailed(filled[:, None]):
        return None
    return Few(float(filled.mean()), error + bound, bound)


def _chance_of(many: int, expected: float) -> float:
    """Probability of `many` or more events if `expected` are expected."""
    from scipy.special import gammainc

    return float(gammainc(many, expected))


def _upper(total: float, hits: int) -> float:
    """Upper limit of an exponential mean, from the total time and the number of arrivals."""
    from scipy.special import gammaincinv

    return total / float(gammaincinv(hits, CHANCE))


def shape_score(times: FloatArray, arrived: Mask) -> float:
    """Score test of the Weibull shape 1 with censoring: standard normal if the times are exponential.

    Score and observed information of log L = sum over arrivals of log(k r t^(k-1)) - sum over all of r t^k at k = 1,
    r = arrivals / total time, the rate r profiled out. Positive values mean more regular times, negative values more
    spread.

    Args:
        times: of arrival or of censoring, (walkers,).
        arrived: mask of the walkers that have arrived, (walkers,).
    """
    logs = np.log(times)
    arrivals = float(arrived.sum())
    rate = arrivals / float(times.sum())
    score = arrivals + float(logs[arrived].sum()) - rate * float((times * logs).sum())
    cross = float((times * logs).sum())
    information = arrivals + rate * float((times * logs**2).sum()) - (rate * cross) ** 2 / arrivals
    return score / math.sqrt(information)
