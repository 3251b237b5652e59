"""The mean waiting time where a few of many walkers had not arrived: what they still add is bounded by the tail.

The law of a waiting time in a bounded place ends in one exponential, that of the slowest mode. Its rate is estimated
from the last arrivals, and each walker that is left still needs the mean of it. Where that is so little that twice its
upper limit moves the mean by no more than a tenth of its error, the mean is that over all walkers, whatever the law
before the tail. It is not given where the tail is not exponential, as where a walker is caught in a place that others
have not found: how long it stays there nobody has seen.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from langevin.measure.heavy_tails import heavy_tailed
from langevin.measure.shape_score import shape_score
from langevin.measure.walkers import Mask
from langevin.types import FloatArray

#: Share of the arrivals in the tail, and how many they are at least.
TAIL, LEAST = 0.02, 30
#: Shape score beyond which a tail is not exponential.
SUSPECT = 2.0
#: Chance that the mean of the tail lies above its limit, or that so many are left of an exponential tail; and by how
#: much the mean of the tail may still grow beyond the last arrivals.
CHANCE, GROWTH = 0.05, 2.0
#: Largest part of the error by which those left may move the mean.
MOST = 0.1


class Few(NamedTuple):
    """The mean over all walkers, its error with the bound on what the last ones add, and that bound."""

    mean: float
    error: float
    bound: float


def few_stragglers(times: FloatArray, arrived: Mask) -> Few | None:
    """The mean of times (walkers,), of which those that did not arrive were cut off; None where it is not known.

    Args:
        times: of the arrivals, or until when the others were watched.
        arrived: which walkers did.
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
    """Chance of so many events or more, of which so many are expected."""
    from scipy.special import gammainc

    return float(gammainc(many, expected))


def _upper(total: float, hits: int) -> float:
    """Upper limit of an exponential mean, from the total time of so many arrivals."""
    from scipy.special import gammaincinv

    return total / float(gammaincinv(hits, CHANCE))
