"""The constants of a theory, fitted again to a part of the calibration runs: how far the choice of these moves them.

To first order: the forecast is taken as linear in the constants around their fitted values. For a law that is a product
of powers this is no approximation. All parts are then fitted at once, by the EM algorithm for a mixture of a normal
distribution, known in intervals, and a uniform one (A. P. Dempster, N. M. Laird and D. B. Rubin, J. R. Stat. Soc. B 39
(1977) 1, sections 4.2 and 4.3).

The likelihood can have two maxima: a wide normal distribution that explains all runs, and a narrow one that leaves a
few of them to the uniform part. A single cell can decide which is the higher one. So the algorithm begins with several
spreads, and the end of greatest likelihood counts.
"""

from __future__ import annotations

import numpy as np

from langevin.scorecard.forecast import DOUBT, HIGHEST, LOWEST, SPREADS, log_probability, plain_forecast
from langevin.scorecard.table import Runs
from langevin.types import FloatArray
from langevin.types.delay import DelayTheory, Forecast

#: Largest number of rounds, after which the likelihood hardly rises; change of all spreads in one below which it ends.
ROUNDS, STILL = 25, 1e-5
#: Spreads with which it begins, relative to the fitted one.
BEGINNINGS = 1.0, 0.4, 0.15, 2.5
#: By how much the log probability of another end has to be above that of the first, so that it counts.
CLEARLY = 0.01
#: Change of a constant by which the slope of the forecast is taken, relative to it or to 1.
NUDGE = 1e-3


def refitted(theory: DelayTheory, runs: Runs, point: FloatArray, weights: FloatArray) -> FloatArray:
    """Constants and spread (parts, constants + 1) that fit parts of the runs.

    A constant at the edge of what the theory allows stays there.

    Args:
        theory: the theory.
        runs: calibration runs of which it speaks.
        point: its fitted constants and spread, (constants + 1,).
        weights: how often each run counts in each part, (parts, runs).
    """
    centre = plain_forecast(theory, runs.seen, point[:-1])
    slopes = np.where(np.isfinite(centre.median)[:, None], _slopes(theory, runs, point[:-1]), 0.0)
    begun = np.clip(point[-1] * np.array(BEGINNINGS if centre.sd is None else BEGINNINGS[:1]), *SPREADS)
    # All beginnings at once: each is a further set of parts.
    moved, spread = _climbed(
        centre, slopes, runs, np.tile(weights, (len(begun), 1)), np.repeat(begun, len(weights))[:, None]
    )
    ends = Forecast(
        centre.median + moved @ slopes.T,
        np.broadcast_to(spread if centre.sd is None else centre.sd, (len(moved), len(runs))),
    )
    heights = log_probability(ends, runs.low, runs.high).reshape(len(begun), *weights.shape)
    likely = (weights * heights).sum(axis=2)
    likely[0] += CLEARLY
    chosen = likely.argmax(axis=0) * len(weights) + np.arange(len(weights))
    return np.hstack([point[:-1] + moved[chosen], spread[chosen]])


def _climbed(
    centre: Forecast, slopes: FloatArray, runs: Runs, weights: FloatArray, spread: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Moves of constants (parts, constants) and spreads (parts, 1) at a maximum of the likelihood of each part."""
    known = np.isfinite(centre.median)
    median, moved = np.where(known, centre.median, 0.0), np.zeros((len(weights), slopes.shape[1]))
    for _ in range(ROUNDS):
        sd = spread if centre.sd is None else np.where(known, centre.sd, 1.0)
        mean = median + moved @ slopes.T
        share, middle, variance = _expected(mean, sd, runs)
        counts = weights * known * share
        pull = counts / sd**2
        moved = _least_squares(slopes, pull, middle - median)
        mean = median + moved @ slopes.T
        squares = (counts * ((middle - mean) ** 2 + variance)).sum(axis=1, keepdims=True)
        before, spread = (
            spread,
            np.sqrt(squares / np.maximum(counts.sum(axis=1, keepdims=True), 1e-9)).clip(*SPREADS),
        )
        if np.abs(spread - before).max() < STILL:
            break
    return moved, spread


def _slopes(theory: DelayTheory, runs: Runs, constants: FloatArray) -> FloatArray:
    """Derivatives (runs, constants) of the forecast; 0 where there is none, and for a constant at its edge."""
    slopes = np.zeros((len(runs), len(constants)))
    for place, one in enumerate(theory.constants):
        if constants[place] in (one.low, one.high):
            continue
        nudge = np.zeros(len(constants))
        nudge[place] = NUDGE * max(1.0, abs(constants[place]))
        above, below = (
            plain_forecast(theory, runs.seen, constants + side * nudge).median for side in (1, -1)
        )
        with np.errstate(invalid="ignore"):  # of infinite forecasts, whose slopes are not used
            slopes[:, place] = (above - below) / (2 * nudge[place])
    return np.where(np.isfinite(slopes), slopes, 0.0)


def _expected(mean: FloatArray, sd: FloatArray, runs: Runs) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Of what is known in intervals: the chance that it is of the normal part, and there its mean and its variance.

    All are (parts, runs). A run that the normal part cannot explain has the chance 0, and its mean does not count.
    """
    from scipy.special import ndtr

    inside = np.clip(runs.high, LOWEST, HIGHEST) - np.clip(runs.low, LOWEST, HIGHEST)
    uniform = DOUBT * np.maximum(inside, 1e-3) / (HIGHEST - LOWEST)
    low, high = (runs.low - mean) / sd, (runs.high - mean) / sd
    flip = low > 0  # of the two tails, the difference is taken in the one that is small
    normal = ndtr(np.where(flip, -low, high)) - ndtr(np.where(flip, -high, low))
    heights = [np.exp(-0.5 * np.minimum(edge**2, 1400)) / np.sqrt(2 * np.pi) for edge in (low, high)]
    far = np.where(np.isfinite(high), high, 0.0)  # its density is 0
    safe = np.maximum(normal, 1e-290)
    shift = (heights[0] - heights[1]) / safe
    variance = 1 + (low * heights[0] - far * heights[1]) / safe - shift**2
    share = (1 - DOUBT) * normal / ((1 - DOUBT) * normal + uniform)
    sound = share > 1e-12
    return (
        np.where(sound, share, 0.0),
        np.where(sound, mean + sd * shift, mean),
        np.where(sound, sd**2 * np.clip(variance, 0, None), 0.0),
    )


def _least_squares(slopes: FloatArray, weights: FloatArray, wanted: FloatArray) -> FloatArray:
    """The moves (parts, constants) with the smallest weighted squares of slopes @ moves - wanted; the shortest."""
    normal = np.einsum("ni,bn,nj->bij", slopes, weights, slopes, optimize=True)
    aim = (weights * wanted) @ slopes
    return np.asarray(np.einsum("bij,bj->bi", np.linalg.pinv(normal, rcond=1e-9, hermitian=True), aim))
