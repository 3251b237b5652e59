"""The distribution of waiting times, with correct treatment of censored walkers: survival, variance, quantiles."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from langevin.errors import UsageError
from langevin.measure.bootstrap import bootstrap_error
from langevin.measure.density import bin_edges
from langevin.measure.first_passage import NOT_EXPONENTIAL, shape_score
from langevin.measure.interval import confidence_interval
from langevin.measure.occupancy import wilson_interval
from langevin.measure.waiting_times import too_few, waits_of
from langevin.measure.walkers import Mask, joined
from langevin.types import FloatArray, Law, Measurement, Positive, Share, Trajectory, Waits

#: Probability of the interval of one standard error for a normal number.
ONE_ERROR = math.erf(math.sqrt(0.5))


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
    times, hit, *_ = waits_of(trajectory, where)
    ends, arrived, risk = at_risk(times, hit)
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
    """The table for a Kaplan-Meier curve, from the times at which walkers end and whether each one arrived.

    Args:
        times: at which walkers end, (walkers,).
        hit: mask of the walkers that have arrived, (walkers,).
    """
    ends, place = np.unique(times, return_inverse=True)
    arrived = np.bincount(place, hit, len(ends)).astype(float)
    risk = len(times) - np.concatenate([[0.0], np.cumsum(np.bincount(place))[:-1].astype(float)])
    return AtRisk(ends, arrived, risk)


def _band(share: float, worth: float, level: float) -> tuple[float, float]:
    law = Share(share * worth, worth)
    return confidence_interval(Measurement(share, 0.0, 2, "survival", law=law), level)


def waiting_variance(trajectory: Trajectory, where: Mask | None = None) -> Measurement:
    """Variance of the waiting times; for the exponential distribution it is the square of their mean.

    If all arrived, it is the sample variance. Its error is the larger of two: the bootstrap over walkers, and the error
    for a gamma distribution with the same coefficient of variation c, relatively sqrt((2 + 6 c^2) / n). The latter is
    needed because the rare long waits that decide the variance are seldom in the sample. If some are censored, walkers
    that start outside are assumed to be exponential with the mean m = total time / arrivals; with their fraction p the
    variance is p (2 - p) m^2. `mixed` is then False if the times contradict the exponential distribution (`shape_score`
    beyond 3). `mixed` is also False with fewer than 20 arrivals.

    Args:
        trajectory: A run whose walkers stop at a target: status HIT or CENSORED.
        where: Boolean mask of the walkers, all if None. Diverged and failed ones are left out and counted.

    Raises:
        UsageError: the mask is wrong, no walker is left, there is no target, or no walker arrives from outside.
    """
    times, hit, note, fair = waits_of(trajectory, where)
    outside = times > 0
    arrivals, n = int((hit & outside).sum()), len(times)
    if not arrivals:
        raise UsageError("no walker arrives from outside", "arrivals from outside", "run longer")
    few = too_few(arrivals, "arrival")
    if hit.all():
        value, error = _sample_variance(times)
        doubt = few
        law: Law = Positive()
    else:
        score = shape_score(times[outside], hit[outside])
        mean, share = float(times.sum()) / arrivals, float(outside.mean())
        value = share * (2 - share) * mean**2
        of_share = (2 - 2 * share) * mean**2 * math.sqrt(share * (1 - share) / n)
        error = math.hypot(2 * value / math.sqrt(arrivals), of_share)
        bent = f"arrivals are not exponential (shape score {score:.1f}), the variance is not to be trusted"
        doubt = joined(few, bent if abs(score) > NOT_EXPONENTIAL else "")
        note = joined(note, f"{int((~hit).sum())} of {n} walkers censored, exponential law assumed")
        whole = Waits(arrivals, float(times.sum()), watched=True, power=2)
        law = whole if share == 1 else Positive()
    good = fair and not doubt and math.isfinite(error)
    return Measurement(value, error, n, "variance of the waiting times", good, joined(note, doubt), law)


def waiting_quantile(trajectory: Trajectory, share: float, where: Mask | None = None) -> Measurement:
    """The time by which a fraction of the walkers has arrived, 0.5 for the median, from the Kaplan-Meier curve.

    The error is half the width of the interval at one standard error, for any distribution of the times;
    `waiting_quantile_interval` gives the interval. If too few arrived, the value is a lower bound and `mixed` is False.
    `mixed` is also False if the interval has no upper end.

    Args:
        trajectory: A run whose walkers stop at a target: status HIT or CENSORED.
        share: Between 0 and 1.
        where: Boolean mask of the walkers, all if None. Diverged and failed ones are left out and counted.

    Raises:
        UsageError: a share outside (0, 1), or as `survival_curve`.
    """
    left = _left(share)
    _, hit, note, fair = waits_of(trajectory, where)
    curve = survival_curve(trajectory, where, ONE_ERROR)
    low, high = _within_band(curve, left)
    close = 1e-9 / curve.n
    first, beyond = (
        _first(curve.share <= left + close, curve.time),
        _first(curve.share < left - close, curve.time),
    )
    name = f"time by which {share:g} have arrived"
    censored = int((~hit).sum())
    note = joined(note, f"{censored} of {curve.n} walkers censored" if censored else "")
    if first == math.inf:
        few = f"only {1 - curve.share[-1]:.3g} have arrived: the value is a lower bound, run longer"
        return Measurement(float(curve.time[-1]), math.inf, curve.n, name, False, joined(note, few))
    # if the curve is flat at the quantile, take the middle, as for the median of an even number
    value = (first + beyond) / 2 if beyond < math.inf else first
    error = (high - low) / 2
    few = "" if error < math.inf else "too few walkers for an error: run more of them, or longer"
    return Measurement(value, error, curve.n, name, fair and not few, joined(note, few), Positive())


def waiting_quantile_interval(
    trajectory: Trajectory, share: float, where: Mask | None = None, level: float = 0.95
) -> tuple[float, float]:
    """The times whose band of the survival curve contains 1 - share (Brookmeyer and Crowley, Biometrics 38 (1982) 29).

    If all arrived, the ends are two of the ordered times, and the interval covers the quantile with at least the
    probability `level` for any distribution. The upper end is infinite if too few arrived.

    Args:
        trajectory: A run whose walkers stop at a target: status HIT or CENSORED.
        share: Fraction of the walkers, between 0 and 1.
        where: Boolean mask of the walkers, all if None.
        level: Probability with which the interval covers the quantile.

    Raises:
        UsageError: a share outside (0, 1), or as `survival_curve`.
    """
    left = _left(share)
    return _within_band(survival_curve(trajectory, where, level), left)


def waiting_distribution(
    trajectory: Trajectory, edges: ArrayLike, where: Mask | None = None
) -> tuple[Measurement, ...]:
    """Fraction of the walkers that arrives in each bin of time, from the Kaplan-Meier curve.

    Its distribution is that of a fraction of the effective number of independent walkers with its variance
    (Greenwood's, within the bin and before it). Without censoring this is the number of walkers, and the intervals are
    exact. `mixed` is False for a bin that ends after the last observed time. The fractions of (0, t) are the
    distribution function.

    Args:
        trajectory: A run whose walkers stop at a target: status HIT or CENSORED.
        edges: Increasing edges of the bins (bins + 1,), left ones included.
        where: Boolean mask of the walkers, all if None. Diverged and failed ones are left out and counted.

    Returns:
        One measurement for each bin. Divided by the width of the bin it is the density.

    Raises:
        UsageError: the edges do not increase, the mask is wrong, no walker is left, or there is no target.
    """
    borders = bin_edges(edges)
    times, hit, note, fair = waits_of(trajectory, where)
    ends, arrived, risk = at_risk(times, hit)
    stays = np.concatenate([[1.0], np.cumprod(1 - arrived / risk)])
    remaining = risk - arrived
    steps = np.divide(arrived, risk * remaining, out=np.zeros(len(ends)), where=remaining > 0)
    spread = np.concatenate(
        [[0.0], np.cumsum(steps)]
    )  # Greenwood's relative variance of the fraction that has not arrived
    place = np.searchsorted(ends, borders)
    found = []
    for index, (first, last) in enumerate(pairwise(place)):
        before, after = float(stays[first]), float(stays[last])
        value = before - after
        variance = value**2 * spread[first] + after**2 * (spread[last] - spread[first])
        worth = max(1.0, value * (1 - value) / variance) if variance > 0 else float(len(times))
        low, high = wilson_interval(value * worth, worth, 1.0)
        blind = borders[index + 1] > ends[-1] and stays[-1] > 0
        late = f"the walkers were watched until {ends[-1]:.4g} only: run longer" if blind else ""
        name = f"share arriving from {borders[index]:.4g} to {borders[index + 1]:.4g}"
        law = Share(value * worth, worth)
        found.append(
            Measurement(value, (high - low) / 2, len(times), name, fair and not late, joined(note, late), law)
        )
    return tuple(found)


def _sample_variance(times: FloatArray) -> tuple[float, float]:
    """Variance of the times of all walkers, and its error."""
    n, mean = len(times), float(times.mean())
    if n < 2:
        return 0.0, math.inf
    value = float(times.var(ddof=1))
    rows = np.stack([times - mean, (times - mean) ** 2], axis=1)
    bootstrap = bootstrap_error(
        rows, lambda means: (means[:, 1] - means[:, 0] ** 2) * n / (n - 1), "variance of the waiting times"
    )
    return value, max(float(bootstrap), value * math.sqrt((2 + 6 * value / mean**2) / n))


def _left(share: float) -> float:
    """The fraction that has not arrived when `share` has arrived."""
    if not 0 < share < 1:
        raise UsageError(f"the share is {share}", "it must lie between 0 and 1")
    return 1 - share


def _within_band(curve: Survival, left: float) -> tuple[float, float]:
    """The first and the last time at which the band contains the fraction `left`."""
    return _first(curve.low <= left, curve.time), _first(curve.high < left, curve.time)


def _first(reached: Mask, times: FloatArray) -> float:
    """The first of the times at which `reached` is True; infinite if there is none."""
    return float(times[reached.argmax()]) if reached.any() else math.inf
