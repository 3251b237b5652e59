"""Whether a series was stationary within a window: the rule for all means over time.

There are four tests. The probability to refuse a stationary series of independent walkers, whose memory is shorter than
the window, is about one in a thousand.

- *Drift.* The means of the walkers over the last half and the last eighth of the window are compared with those over
  the first half and the first eighth, by Student's test of the differences within walkers. For reversible motion, the
  difference of spans of equal length is as often positive as negative, also for rare events. A start that shifts the
  mean by one of its standard errors shifts the eighths by two of their standard errors.
- *Memory.* The window is shorter than `SHORTEST` correlation times, computed about the mean of all walkers. Or the
  spread of the means of walkers over the window is larger than their changes within it explain, by Fisher's test of an
  analysis of variance: the early and the late half of a walker correlate by more than `MEMORY`. The mean then depends
  on the starts.
- *Tails.* The values have no variance (`langevin.measure.heavy_tails`, which states how often it detects this).
- *Few.* Fewer than `FEWEST` walkers dominate the squared deviations from the mean, for example because a few walkers
  have found another well. Only this test detects a rare escape late in the window.

The rule can miss: a shift of the mean below about two standard errors; a region that no walker has found or left; a
change that is small compared with the fluctuations of the walkers, above all for a single walker; and many heavy tails.
It wrongly refuses walkers that start in equilibrium and do not move far within the window, because the record does not
distinguish them from others. Walkers that are not independent, such as copies of a few walkers, are refused more often,
and their errors are wrong.
"""

from __future__ import annotations

import math

import numpy as np

from langevin.measure.heavy_tails import heavy_tailed
from langevin.measure.interval import critical_value
from langevin.types import FloatArray

#: Probability of each comparison to refuse a stationary series.
LEVEL = 0.001
#: Fractions of the window that are compared, at its beginning and at its end.
SPANS = (0.5, 0.125)
#: Shortest window in correlation times. At half of it, an exponential correlation is still 0.1.
SHORTEST = 4.5
#: Largest correlation of the halves of a walker: the value for an exponential memory in the shortest window.
MEMORY = 0.3
#: With few walkers, records are cut into pieces of this many correlation times, until there are this many pieces.
PIECE, ENOUGH_PIECES = 10, 40
#: Smallest effective number of walkers in the squared deviations. For 40 normal walkers it is about 13.
FEWEST = 5.0
#: Changes below this fraction of the largest value are round-off.
ROUND_OFF = 1e-9


def unsettled(values: FloatArray, weights: FloatArray | float, memory: float) -> str:
    """Why a mean over walkers and time is not the mean of a stationary distribution; empty if no test fails.

    Args:
        values: one for each walker and frame (walkers, frames), finite.
        weights: weight of each frame in the mean over time (frames,).
        memory: correlation time of the values, in frames.
    """
    tests = (drifting, remembering, _without_variance, resting_on_few)
    return next((reason for test in tests if (reason := test(values, weights, memory))), "")


def drifting(values: FloatArray, weights: FloatArray | float, memory: float) -> str:
    """The first test: whether the mean changes from the beginning to the end of the window."""
    walkers, frames = values.shape
    for span in SPANS:
        count = _count(ENOUGH_PIECES // 2, walkers, span * frames, memory, 1)
        early = _means(values, weights, 0.0, span, count)
        late = _means(values, weights, 1.0 - span, 1.0, count)
        pairs = min(early.shape[1], late.shape[1])
        change = (late[:, :pairs] - early[:, :pairs]).ravel()
        if change.size < 2 or abs(change.mean()) <= ROUND_OFF * np.abs(values).max():
            continue
        error = float(change.std(ddof=1)) / math.sqrt(change.size)
        if abs(change.mean()) > critical_value(LEVEL, change.size) * error:
            return (
                f"not stationary: from the first to the last {span:g} of the window the mean changes by "
                f"{change.mean():.2g} +- {error:.1g}; begin the window later, or run longer"
            )
    return ""


def remembering(values: FloatArray, weights: FloatArray | float, memory: float) -> str:
    """The second test: whether walkers still depend on their starts."""
    from scipy.special import fdtri

    walkers, frames = values.shape
    if frames < SHORTEST * memory:
        return (
            f"not stationary: the window is {frames / memory:.2g} correlation times long, {SHORTEST:g} are needed; "
            "run longer"
        )
    means = _means(values, weights, 0.0, 1.0, _count(ENOUGH_PIECES, walkers, frames, memory, 2))
    pieces = means.shape[1]
    if walkers < 2 or pieces < 2:
        return ""
    own = means.mean(axis=1, keepdims=True)
    freedom = (walkers - 1) * (pieces - 1)
    within = float(((means - own - means.mean(axis=0) + means.mean()) ** 2).sum()) / freedom
    between = pieces * float(own.var(ddof=1))
    limit = (1 + MEMORY) / (1 - MEMORY) * float(fdtri(walkers - 1, freedom, 1 - LEVEL))
    if between <= limit * within or math.sqrt(between) <= ROUND_OFF * float(np.abs(values).max()):
        return ""
    spread = math.sqrt(between / within) if within else math.inf
    return (
        f"not stationary: the walkers depend on their starts, their means spread {spread:.2g} times as far as the "
        "changes within the window explain; run longer"
    )


def resting_on_few(values: FloatArray, weights: FloatArray | float, memory: float) -> str:
    """The third test: whether a few walkers, or pieces of the records of few walkers, decide the error of the mean."""
    walkers, frames = values.shape
    count = _count(ENOUGH_PIECES, walkers, frames, memory, 1)
    means = _means(values, weights, 0.0, 1.0, count)
    squares = (means - means.mean()) ** 2
    largest = ROUND_OFF * float(np.abs(values).max())
    if means.size < ENOUGH_PIECES or squares.max() <= largest**2:
        return ""
    worth = float(squares.sum() ** 2 / (squares**2).sum())
    if worth >= FEWEST:
        return ""
    return (
        f"the error of the mean rests on {worth:.2g} walkers that are elsewhere, {FEWEST:g} are needed: run longer, or "
        "more walkers"
    )


def _without_variance(values: FloatArray, weights: FloatArray | float, memory: float) -> str:
    return heavy_tailed(values, memory)


def _count(enough: int, walkers: int, frames: float, memory: float, least: int) -> int:
    """Pieces of the record of each walker: enough in total, each long compared with the memory; at least `least`."""
    return max(least, min(-(-enough // walkers), int(frames / (PIECE * memory))))


def _means(
    values: FloatArray, weights: FloatArray | float, first: float, last: float, count: int
) -> FloatArray:
    """Means (walkers, pieces) over pieces of equal length between two fractions of the time; each piece has a frame."""
    each = np.broadcast_to(np.asarray(weights, dtype=float), values.shape[1:])
    place = (np.cumsum(each) - each / 2) / each.sum()
    begin = min(int(np.searchsorted(place, first)), len(place) - 1)
    end = max(int(np.searchsorted(place, last)), begin + 1)
    edges = np.searchsorted(place[begin:end], np.linspace(first, last, count, endpoint=False))
    starts = np.unique(edges[edges < end - begin])
    shares = np.add.reduceat(each[begin:end] * values[:, begin:end], starts, axis=1)
    return np.asarray(shares / np.add.reduceat(each[begin:end], starts))
