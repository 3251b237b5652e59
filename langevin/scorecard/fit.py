"""The fit of the constants of a theory to the calibration runs of a task, and what the choice of these runs moves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from langevin.comparison import format_value
from langevin.errors import UsageError
from langevin.scorecard.forecast import (
    HIGHEST,
    LOWEST,
    SPREADS,
    forecast,
    log_probability,
    plain_forecast,
    speaks,
)
from langevin.scorecard.refit import CLEARLY, refitted
from langevin.scorecard.resample import decisive, jackknife_error, left_out
from langevin.scorecard.table import Runs, select
from langevin.types import FloatArray
from langevin.types.delay import DelayTheory

#: Fewest calibration runs from which constants are fitted, for each constant and for the spread.
RUNS_A_CONSTANT = 3
#: Largest number of evaluations of a fit, for each constant and the spread.
EVALUATIONS = 150
#: Change of the log probability of the calibration runs below which a constant is not determined.
ALIKE = 0.05


@dataclass(frozen=True)
class Fitted:
    """A theory with its constants on one task.

    constants  fitted values, in the order of the theory
    spread     fitted standard deviation of log10 of the delay; without a meaning where the theory gives its own
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

    First the search is free. If a best value is outside of what the theory allows, the constants are those of a second
    search inside. If it is there by more than `decisive` errors of its own, the theory is excluded here.

    Raises:
        UsageError: the theory gives other numbers when it is asked again.
    """
    chosen = calibration.timed & speaks(theory, calibration.seen)
    runs, weights = select(calibration, chosen), left_out(calibration.cell)[:, chosen]
    start = np.array([one.start for one in theory.constants])
    if len(runs) < RUNS_A_CONSTANT * (len(start) + 1):
        return None

    def cost(point: FloatArray) -> float:
        said = forecast(theory, runs.seen, point[:-1], _spread(point[-1]))
        return -float(log_probability(said, runs.low, runs.high).sum())

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
    """Which constants are outside of what the theory allows by more than chance, in words; empty for none."""
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

    The second begins with the first spread again: from a poor start the first round may end with so large a spread that
    it is at its limit, where the cost does not depend on it.
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
