"""Whether a series was stationary within a window: the one rule of all means over time.

Four tests, with a chance of about one in a thousand to refuse a stationary series of independent walkers that
forget within the window.

- *Drift.* The walkers' means over the last half and over the last eighth of the window against those over the first
  half and the first eighth, by Student's test of the differences within walkers. Spans of one length leave a
  difference that is as often positive as negative where the motion is reversible, however rare what is averaged. A
  start that shifts the mean by one of its standard errors shifts the eighths by two of theirs.
- *Memory.* The window is shorter than `SHORTEST` correlation times, about the mean of all walkers. Or the spread of the
  walkers' means over the window is larger than their changes within it explain, by Fisher's test of an analysis of
  variance: the early and the late half of a walker correlate by more than `MEMORY`. The mean is then worth as much as
  the starts.
- *Tails.* The values have no variance (`langevin.measure.heavy_tails`, which says how often it sees that).
- *Few.* The squares of the walkers' deviations from the mean are those of fewer than `FEWEST` walkers, as where a few
  have found another well. This is the only test that sees a rare escape late in the window.

What the rule can miss: a shift of the mean below some two standard errors; a place that no walker has found or left; a
change slower than the walkers' noise shows, above all that of one walker; and many a heavy tail. What it refuses though
it is right: walkers that start in equilibrium and do not move far within the window, for nothing in the record tells
them from others.
Walkers that are not independent, such as copies of a few, are refused more often, and their errors are wrong as well.
"""

from __future__ import annotations

import math

import numpy as np

from langevin.measure.heavy_tails import heavy_tailed
from langevin.measure.interval import critical_value
from langevin.types import FloatArray

#: Chance of each comparison to refuse a series that is stationary.
LEVEL = 0.001
#: Shares of the window that are compared, at its beginning and at its end.
SPANS = (0.5, 0.125)
#: Shortest window in correlation times. States half of it apart still correlate by 0.1 if the memory is exponential.
SHORTEST = 4.5
#: Largest correlation of the halves of a walker: that of an exponential memory in the shortest window.
MEMORY = 0.3
#: Few walkers are cut into pieces of so many correlation times, until there are so many pieces.
PIECE, ENOUGH_PIECES = 10, 40
#: Fewest walkers whose deviations the mean may rest on. Of 40 normal ones it rests on some 13.
FEWEST = 5.0
#: Changes below this share of the largest value are round-off.
ROUND_OFF = 1e-9


def unsettled(values: FloatArray, weights: FloatArray | float, memory: float) -> str:
    """Why a mean over walkers and time is not that of a stationary law, empty if nothing speaks against it.

    Args:
        values: of each walker and frame (walkers, frames), finite.
        weights: of the frames (frames,), what each weighs in the mean over time.
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
    """The second test: whether walkers keep to what they began with."""
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
        f"not stationary: walkers remember where they began, their means spread {spread:.2g} times as far as the "
        "changes within the window explain; run longer"
    )


def resting_on_few(values: FloatArray, weights: FloatArray | float, memory: float) -> str:
    """The third test: whether a few walkers, or pieces of few walkers' records, decide the error of the mean."""
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
    """Pieces of each walker's record: enough of all together, each long against the memory, but at least so many."""
    return max(least, min(-(-enough // walkers), int(frames / (PIECE * memory))))


def _means(
    values: FloatArray, weights: FloatArray | float, first: float, last: float, count: int
) -> FloatArray:
    """Means (walkers, pieces) over pieces of one length between two shares of the time, none without a frame."""
    each = np.broadcast_to(np.asarray(weights, dtype=float), values.shape[1:])
    place = (np.cumsum(each) - each / 2) / each.sum()
    begin = min(int(np.searchsorted(place, first)), len(place) - 1)
    end = max(int(np.searchsorted(place, last)), begin + 1)
    edges = np.searchsorted(place[begin:end], np.linspace(first, last, count, endpoint=False))
    starts = np.unique(edges[edges < end - begin])
    shares = np.add.reduceat(each[begin:end] * values[:, begin:end], starts, axis=1)
    return np.asarray(shares / np.add.reduceat(each[begin:end], starts))
