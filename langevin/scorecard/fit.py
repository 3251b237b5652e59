"""The fit of the constants of a theory to the calibration runs of a task, and its dependence on these runs.

For this dependence, the constants are fitted again to parts of the calibration runs, to first order: the forecast is
taken as linear in the constants around their fitted values. For a product of powers this is exact. All parts are
then fitted at once, by the EM algorithm for a mixture of a normal distribution, known in intervals, and a uniform one
(A. P. Dempster, N. M. Laird and D. B. Rubin, J. R. Stat. Soc. B 39 (1977) 1, sections 4.2 and 4.3).

The likelihood can have two maxima: a wide normal distribution that explains all runs, and a narrow one that leaves a
few of them to the uniform part. A single cell can decide which is the higher one. So the algorithm begins with several
spreads, and uses the end with the greatest likelihood.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from langevin.comparison import format_value
from langevin.errors import UsageError
from langevin.scorecard.cells import decisive, jackknife_error, left_out
from langevin.scorecard.forecast import (
    DOUBT,
    HIGHEST,
    LOWEST,
    SPREADS,
    applies_to,
    forecast,
    log_probability,
    plain_forecast,
)
from langevin.scorecard.table import Runs, select
from langevin.types import FloatArray
from langevin.types.delay import DelayTheory, Forecast

#: Fewest calibration runs from which constants are fitted, for each constant and for the spread.
RUNS_A_CONSTANT = 3
#: Largest number of evaluations of a fit, for each constant and the spread.
EVALUATIONS = 150
#: Change of the log probability of the calibration runs below which a constant is not determined.
ALIKE = 0.05
#: Largest number of rounds, after which the likelihood hardly rises; change of all spreads in one below which it ends.
ROUNDS, STILL = 25, 1e-5
#: Spreads with which a fit begins, relative to the fitted spread.
BEGINNINGS = 1.0, 0.4, 0.15, 2.5
#: Smallest excess of the log probability of another end over the first end, so that the other end counts.
CLEARLY = 0.01
#: Change of a constant by which the slope of the forecast is taken, relative to it or to 1.
NUDGE = 1e-3


@dataclass(frozen=True)
class Fitted:
    """A theory with its constants on one task.

    constants  fitted values, in the order of the theory
    spread     fitted standard deviation of log10 of the delay; without a meaning if the theory gives a spread
    n          calibration runs that it was fitted to
    refits     constants and spread without one calibration cell after the other, (refits, constants + 1)
    excluded   why the theory is excluded here, in words; empty if it is not
    free       which constants the calibration runs do not determine: other values fit as well
    lost       whether no forecast of a calibration run is a possible delay
    """

    constants: FloatArray
    spread: float
    n: int
    refits: FloatArray
    excluded: str = ""
    free: tuple[bool, ...] = ()
    lost: bool = False

    @property
    def errors(self) -> FloatArray:
        """Standard errors (constants,) by the choice of calibration cells."""
        return jackknife_error(self.refits[:, :-1])


def fit(theory: DelayTheory, calibration: Runs) -> Fitted | None:
    """The constants and the spread that give the greatest probability to calibration runs; None if these are too few.

    The first search has no bounds. If a best value is outside the bounds of the theory, the constants come from a
    second search inside. If it is outside by more than `decisive` of its standard errors, the theory is excluded here.

    Args:
        theory: the theory.
        calibration: runs of calibration cells.

    Raises:
        UsageError: the theory gives other numbers when it is called again.
    """
    chosen = calibration.timed & applies_to(theory, calibration.seen)
    runs, weights = select(calibration, chosen), left_out(calibration.cell)[:, chosen]
    start = np.array([one.start for one in theory.constants])
    if len(runs) < RUNS_A_CONSTANT * (len(start) + 1):
        return None

    def cost(point: FloatArray) -> float:
        given = forecast(theory, runs.seen, point[:-1], _spread(point[-1]))
        return -float(log_probability(given, runs.low, runs.high).sum())

    def again(point: FloatArray, weights: FloatArray) -> FloatArray:
        return refitted(theory, runs, np.append(point[:-1], _spread(point[-1])), weights)

    def highest(cost: Callable[[FloatArray], float], start: FloatArray) -> FloatArray:
        """The lower of two minima: where the search ends, and the one to which a refit leads from other spreads."""
        first = _search(cost, start)
        other = again(first, np.ones((1, len(runs))))[0]
        other[-1] = np.log(other[-1])
        if cost(other) > cost(first) - CLEARLY:
            return first
        return min(first, other, _search(cost, other), key=cost)

    low, high = (np.array([getattr(one, side) for one in theory.constants]) for side in ("low", "high"))

    def allowed(point: FloatArray) -> FloatArray:
        return np.append(np.clip(point[:-1], low, high), point[-1])

    best, excluded = highest(cost, np.append(start, np.log(0.3))), ""
    if not np.array_equal(best, allowed(best)):
        excluded = _excluded(theory, best[:-1], again(best, weights)[:, :-1])
        best = allowed(highest(lambda point: cost(allowed(point)), allowed(best)))
    _check_repeats(theory, runs, best[:-1])
    free = tuple(_is_free(cost, best, place) for place in range(len(start)))
    lost = _is_lost(theory, runs, best[:-1])
    return Fitted(best[:-1], _spread(best[-1]), len(runs), again(best, weights), excluded, free, lost)


def _check_repeats(theory: DelayTheory, runs: Runs, constants: FloatArray) -> None:
    """Refuse a theory that draws random numbers or counts its calls: no constants can be fitted to it."""
    first, second = (plain_forecast(theory, runs.seen, constants) for _ in range(2))
    if not np.array_equal(first.median, second.median, equal_nan=True):
        raise UsageError(
            f"`predict` of {theory.formula!r} gives other numbers when it is called again",
            "the same numbers for the same arguments",
            "draw no random numbers in it, and keep nothing from one call to the next",
        )


def _is_lost(theory: DelayTheory, runs: Runs, constants: FloatArray) -> bool:
    """Whether no forecast is a possible delay: steps instead of their log10, or a division by a decay of 0."""
    median = plain_forecast(theory, runs.seen, constants).median
    return not ((median >= LOWEST) & (median <= HIGHEST)).any()


def _excluded(theory: DelayTheory, values: FloatArray, refits: FloatArray) -> str:
    """The constants that are outside the bounds of the theory by more than chance, in words; empty if none is."""
    errors, most = jackknife_error(refits), decisive(len(refits))
    return "; ".join(
        f"{one.name} = {format_value(value, error)} is outside of {one.low:g} to {one.high:g}"
        for one, value, error in zip(theory.constants, values, errors)
        if max(one.low - value, value - one.high) > most * error
    )


def _is_free(cost: Callable[[FloatArray], float], best: FloatArray, place: int) -> bool:
    """Whether the cost hardly changes when a constant is raised and lowered by 1, or by a tenth of a large one."""
    moves = np.zeros((2, len(best)))
    moves[:, place] = np.array([-1.0, 1.0]) * max(1.0, 0.1 * abs(best[place]))
    return all(abs(cost(best + move) - cost(best)) <= ALIKE for move in moves)


def _search(cost: Callable[[FloatArray], float], start: FloatArray) -> FloatArray:
    """A minimum of the cost, by two rounds of Nelder and Mead's simplex.

    The second round begins with the first spread again. From a poor start, the spread may end at its limit in the first
    round, if the cost does not depend on it.
    """
    from scipy.optimize import minimize

    best = start
    for size in (0.7, 0.2):
        best = np.append(best[:-1], start[-1])
        simplex = best + np.vstack([np.zeros(len(best)), np.diag(size * np.maximum(np.abs(best), 1))])
        best = minimize(
            cost, best, method="Nelder-Mead",
            options={"maxfev": EVALUATIONS * len(best), "initial_simplex": simplex, "xatol": 1e-3, "fatol": 1e-3},
        ).x  # fmt: skip
    return best


def _spread(logarithm: float) -> float:
    return float(np.clip(np.exp(logarithm), *SPREADS))


def refitted(theory: DelayTheory, runs: Runs, point: FloatArray, weights: FloatArray) -> FloatArray:
    """Constants and spread (parts, constants + 1) that fit parts of the runs.

    A constant at a bound of the theory stays there.

    Args:
        theory: the theory.
        runs: calibration runs with a prediction of the theory.
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
    """Derivatives (runs, constants) of the forecast; 0 without a forecast, and for a constant at a bound."""
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
    """For delays in intervals: the chance of the normal part, and the mean and the variance in this part.

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
