"""The mean waiting time if a few of many walkers have not arrived: the tail bounds their contribution.

The distribution of a waiting time in a bounded region ends in one exponential, that of the slowest mode. The last
arrivals give an estimate of its rate, and each remaining walker still needs the mean time of this exponential. If this
is so small that twice its upper limit changes the mean by at most a tenth of its error, the result is the mean over all
walkers, for any distribution before the tail. There is no result if the tail is not exponential, for example if a
walker is caught in a region that others have not found: its time there is unknown.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from langevin.measure.heavy_tails import heavy_tailed
from langevin.measure.shape_score import shape_score
from langevin.measure.walkers import Mask
from langevin.types import FloatArray

#: Fraction of the arrivals in the tail, and their smallest number.
TAIL, LEAST = 0.02, 30
#: Shape score beyond which a tail is not exponential.
SUSPECT = 2.0
#: Probability that the mean of the tail is above its limit, or that so many remain from an exponential tail; and the
#: factor by which the mean of the tail may grow beyond the last arrivals.
CHANCE, GROWTH = 0.05, 2.0
#: Largest change of the mean by the remaining walkers, over its error.
MOST = 0.1


class Few(NamedTuple):
    """The mean over all walkers, its error (with the bound on the remaining walkers), and this bound."""

    mean: float
    error: float
    bound: float


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
    if abs(shape_score(waits, arrived[late])) > SUSPECT:
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
