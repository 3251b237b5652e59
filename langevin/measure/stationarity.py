"""Whether the mean of values and its error can be trusted: stationary within a window, and without heavy tails.

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
- *Tails.* The values have no variance: their tails are so heavy that a normal distribution does not describe the
  error of their mean.
- *Few.* Fewer than `FEWEST` walkers dominate the squared deviations from the mean, for example because a few walkers
  have found another well. Only this test detects a rare escape late in the window.

The rule can miss: a shift of the mean below about two standard errors; a region that no walker has found or left; a
change that is small compared with the fluctuations of the walkers, above all for a single walker; and many heavy tails.
It wrongly refuses walkers that start in equilibrium and do not move far within the window, because the record does not
distinguish them from others. Walkers that are not independent, such as copies of a few walkers, are refused more often,
and their errors are wrong.

The largest values of a tail follow a generalised Pareto distribution of some shape k (Pickands, Ann. Stat. 3 (1975)
119). Their variance is infinite if k > 1/2. The mean of a sample is then usually too close to the bulk: a few very
large values dominate the true mean, and most samples do not contain them. k is estimated from the fraction 3 /
sqrt(independent values) of largest values (Vehtari and others 2024, J. Mach. Learn. Res. 25 (72) 1) by the method of
Zhang and Stephens (Technometrics 51 (2009) 316).

A distant second region that is rarely visited looks like such a tail at this threshold. But its values are close
together, and those of a power law are not: the largest values of three walkers differ.

With fewer than `ENOUGH` values the rule of tails does not decide. In 200 runs of 400 to 4000 independent or correlated
values, it refused no run with Gaussian or exponential tails or in a double well, and at most two with the squares of
such values. For the squares of Student's distribution with 3 degrees of freedom, k = 2/3, it refused 46 % with 400
values, 58 % with 4000, and 92 % with 40 000. So a mean that it accepts may still have no variance.
"""

from __future__ import annotations

import math

import numpy as np

from langevin.measure.interval import critical_value
from langevin.types import FloatArray

#: The largest shape of a distribution with a variance.
WITH_VARIANCE = 0.5
#: Smallest number of independent values, and of parts of the record whose largest values are compared.
ENOUGH, PARTS = 400, 40
#: Fraction of values in the tail, times the root of the number of independent values.
TAIL = 3.0
#: For a power law, the maxima of the three largest parts differ by more than this, in logarithms, in 19 of 20 cases.
APART = 0.2
#: Largest number of tail values in the fit; a longer tail is thinned.
MOST = 2000
#: Excesses and changes below this fraction of the largest value are round-off.
ROUND_OFF = 1e-9
#: Smallest number of excesses of a tail.
FEWEST_EXCESSES = 5
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


def heavy_tailed(values: FloatArray, memory: float = 0.5) -> str:
    """Why a normal distribution does not describe the error of the mean of values (walkers, frames); empty if it may.

    Args:
        values: finite values of independent walkers.
        memory: correlation time of the values in frames, 1/2 for independent frames.
    """
    independent = values.size / (2.0 * memory)
    if independent < ENOUGH:
        return ""
    count = int(TAIL / math.sqrt(independent) * values.size)
    centred = values - values.mean()
    shape = max(tail_shape(side, count) for side in (centred.ravel(), -centred.ravel()))
    # the relative error of the estimate is (1 + k) / sqrt(independent values in the tail)
    error = (1.0 + WITH_VARIANCE) / math.sqrt(TAIL * math.sqrt(independent))
    if shape <= WITH_VARIANCE + error or _close_together(np.abs(centred)):
        return ""
    exponent = f"{1.0 / shape:.2g} +- {error / shape**2:.1g}"
    return (
        f"the largest values fall off as a power law of the exponent {exponent}, below 2: their variance is infinite, "
        "no interval of the mean holds, and it is most often too near to the bulk"
    )


def tail_shape(values: FloatArray, count: int) -> float:
    """Shape k of the generalised Pareto distribution of the `count` largest values (n,); minus infinity if equal.

    Args:
        values: (n,), with n above `count`.
        count: number of the largest values.
    """
    largest = np.sort(np.partition(values, len(values) - count - 1)[-count - 1 :])
    excess = largest[1:] - largest[0]
    excess = excess[excess > ROUND_OFF * float(np.abs(values).max())]
    if len(excess) < FEWEST_EXCESSES:
        return -math.inf
    step = -(-len(excess) // MOST)
    return _shape(excess[step // 2 :: step])


def _shape(excess: FloatArray) -> float:
    """The estimate of Zhang and Stephens from excesses over a threshold, sorted: a mean over the likelihood of b."""
    count = len(excess)
    places = np.arange(1, 31 + int(math.sqrt(count)))
    spread = 1.0 - np.sqrt(len(places) / (places - 0.5))
    scale = 1.0 / excess[-1] + spread / (3.0 * excess[int(count / 4 + 0.5) - 1])
    scale = scale[scale != 0.0]  # there the distribution is exponential, and the formula is not defined
    shapes = np.log1p(-scale[:, None] * excess).mean(axis=1)
    likelihood = count * (np.log(-scale / shapes) - shapes - 1.0)
    weights = np.exp(likelihood - likelihood.max())
    best = float(scale @ weights / weights.sum())
    return float(np.log1p(-best * excess).mean())


def _close_together(sizes: FloatArray) -> bool:
    """Whether the maxima of the three largest walkers (or parts of few walkers' records) are nearly equal."""
    pieces = -(-PARTS // len(sizes))
    parts = np.array_split(sizes, min(pieces, sizes.shape[1]), axis=1)
    largest = np.sort(np.concatenate([part.max(axis=1) for part in parts]))
    return bool(largest[-1] <= math.exp(APART) * largest[-3])


def unsettled(values: FloatArray, weights: FloatArray | float, memory: float) -> str:
    """Why a mean over walkers and time is not the mean of a stationary distribution; empty if no test fails.

    Args:
        values: one for each walker and frame (walkers, frames), finite.
        weights: weight of each frame in the mean over time (frames,).
        memory: correlation time of the values, in frames.
    """
    tests = (drifting, depending_on_start, _without_variance, resting_on_few)
    return next((reason for test in tests if (reason := test(values, weights, memory))), "")


def drifting(values: FloatArray, weights: FloatArray | float, memory: float) -> str:
    """The first test: whether the mean changes from the beginning to the end of the window.

    Args:
        values: one for each walker and frame, (walkers, frames), finite.
        weights: weight of each frame in the mean over time, (frames,).
        memory: correlation time of the values, in frames.
    """
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


def depending_on_start(values: FloatArray, weights: FloatArray | float, memory: float) -> str:
    """The second test: whether walkers still depend on their starts.

    Args:
        values: one for each walker and frame, (walkers, frames), finite.
        weights: weight of each frame in the mean over time, (frames,).
        memory: correlation time of the values, in frames.
    """
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
    """The third test: whether a few walkers, or pieces of the records of few walkers, decide the error of the mean.

    Args:
        values: one for each walker and frame, (walkers, frames), finite.
        weights: weight of each frame in the mean over time, (frames,).
        memory: correlation time of the values, in frames.
    """
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
