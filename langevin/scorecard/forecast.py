"""The probability that a forecast gives to what was seen, and the fit of the constants of a theory.

A forecast is a normal distribution of log10 of the delay. One part in a hundred of its probability is uniform over
eight decades, so that a single run that a theory thinks impossible costs it 10 at most and does not decide alone. A
delay is known between two recorded steps, so its probability is that of an interval; that of a run which has not
generalised is the probability of a longer delay.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from langevin.errors import UsageError
from langevin.scorecard.limited import asked
from langevin.scorecard.table import Runs, select
from langevin.types import FloatArray
from langevin.types.delay import DelayTheory, Forecast, Seen, WhetherTheory

#: Share of the uniform part, and its lowest and highest log10 of the delay.
DOUBT, LOWEST, HIGHEST = 0.01, 0.0, 8.0
#: Smallest and largest standard deviation of a fitted forecast, in decades.
SPREADS = 0.02, 2.0
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
    spread     fitted standard deviation of log10 of the delay; nan where the theory gives its own
    n          calibration runs that it was fitted to
    excluded   why the theory is excluded here, in words; empty if it is not
    free       which constants the calibration runs do not determine: other values fit as well
    """

    constants: FloatArray
    spread: float
    n: int
    excluded: str = ""
    free: tuple[bool, ...] = ()


def speaks(theory: DelayTheory | WhetherTheory, seen: Seen) -> NDArray[np.bool_]:
    """Of which runs (runs,) a theory says something, whatever its constants.

    Raises:
        UsageError: the theory gives an array of another shape.
    """
    count = len(seen.learning_rate)
    if theory.speaks is None:
        return np.ones(count, bool)
    with np.errstate(all="ignore"):
        said = asked(theory, "speaks", theory.speaks, seen)
    return numbers_of(said, bool, (count,), theory, "speaks", "truth values").copy()


def forecast(theory: DelayTheory, seen: Seen, fitted: Fitted) -> Forecast:
    """Median and standard deviation (runs,) of log10 of the delay.

    Raises:
        UsageError: the theory gives an array of another shape, or a standard deviation that is not above 0.
    """
    return _with_spread(_asked(theory, seen, fitted.constants), fitted.spread)


def log_probability(said: Forecast, low: FloatArray, high: FloatArray) -> FloatArray:
    """Logarithm (runs,) of the probability that a forecast gives to a delay between low and high.

    A forecast that is nan has the uniform part alone.
    """
    from scipy.special import ndtr

    assert said.sd is not None
    inside = np.clip(high, LOWEST, HIGHEST) - np.clip(low, LOWEST, HIGHEST)
    uniform = np.maximum(inside, 1e-3) / (HIGHEST - LOWEST)
    with np.errstate(all="ignore"):
        # Of the two tails, the difference is taken in the one that is small.
        below, above = (low - said.median) / said.sd, (high - said.median) / said.sd
        flip = below > 0
        normal = ndtr(np.where(flip, -below, above)) - ndtr(np.where(flip, -above, below))
    normal = np.where(np.isfinite(normal), normal, 0.0)
    result: FloatArray = np.log((1 - DOUBT) * np.maximum(normal, 0) + DOUBT * uniform)
    return result


def fit(theory: DelayTheory, runs: Runs) -> Fitted | None:
    """The constants and the spread that give the greatest probability to calibration runs; None if these are too few.

    First the search is free. A best value outside of what the theory allows excludes the theory here, and the constants
    are those of a second search inside.
    """
    runs = select(runs, runs.timed & speaks(theory, runs.seen))
    start = np.array([one.start for one in theory.constants])
    if len(runs) < RUNS_A_CONSTANT * (len(start) + 1):
        return None

    def cost(point: FloatArray) -> float:
        said = _with_spread(_asked(theory, runs.seen, point[:-1]), _spread(point[-1]))
        return -float(log_probability(said, runs.low, runs.high).sum())

    low, high = (np.array([getattr(one, side) for one in theory.constants]) for side in ("low", "high"))

    def allowed(point: FloatArray) -> FloatArray:
        return np.append(np.clip(point[:-1], low, high), point[-1])

    first = np.append(start, np.log(0.3))
    best = _search(cost, first)
    outside = [
        f"{one.name} = {value:.3g} is outside of {one.low:g} to {one.high:g}"
        for one, value in zip(theory.constants, best[:-1])
        if not one.low <= value <= one.high
    ]
    if outside:
        best = allowed(_search(lambda point: cost(allowed(point)), allowed(best)))
    free = tuple(_is_free(cost, best, place) for place in range(len(start)))
    return Fitted(best[:-1], _spread(best[-1]), len(runs), "; ".join(outside), free)


def _is_free(cost: Callable[[FloatArray], float], best: FloatArray, place: int) -> bool:
    """Whether the cost hardly changes when a constant is raised and lowered by 1, or by a tenth of a large one."""
    moves = np.zeros((2, len(best)))
    moves[:, place] = np.array([-1.0, 1.0]) * max(1.0, 0.1 * abs(best[place]))
    return all(abs(cost(best + move) - cost(best)) <= ALIKE for move in moves)


def _search(cost: Callable[[FloatArray], float], start: FloatArray) -> FloatArray:
    """A minimum of the cost, by two rounds of Nelder and Mead's simplex.

    The second begins with the first spread again: from a poor start the first round may end with so large a spread that
    it stands at its limit, where the cost does not depend on it.
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


def _asked(theory: DelayTheory, seen: Seen, constants: FloatArray) -> Forecast:
    with np.errstate(all="ignore"):
        said = asked(theory, "predict", theory.predict, seen, constants.tolist())
    median, sd = said if isinstance(said, Forecast) else (said, None)
    shape = seen.learning_rate.shape
    centre = numbers_of(median, float, shape, theory, "predict", "numbers, log10 of the delay in steps")
    if sd is None:
        return Forecast(centre)
    spread = numbers_of(sd, float, shape, theory, "predict", "standard deviations of log10 of the delay")
    if not (spread[~np.isnan(centre)] > 0).all():
        raise UsageError(
            f"`predict` of {theory.formula!r} gives a standard deviation that is not above 0",
            "standard deviations of log10 of the delay are above 0 wherever its median is a number",
            "leave the standard deviation out, so that it is fitted",
        )
    return Forecast(centre, spread)


def numbers_of(
    said: object,
    kind: type,
    shape: tuple[int, ...],
    theory: DelayTheory | WhetherTheory,
    function: str,
    what: str,
) -> NDArray[Any]:
    """What a function of a theory gives, as an array of one entry for each run.

    Raises:
        UsageError: it is no such array; `function` is its name and `what` its entries.
    """
    try:
        values = np.asarray(said)
        if values.dtype.kind not in "biuf":
            raise TypeError(values.dtype)
        return np.broadcast_to(values.astype(kind), shape)
    except (TypeError, ValueError) as error:
        raise UsageError(
            f"`{function}` of {theory.formula!r} gives {type(said).__name__}",
            f"an array of {shape[0]} {what}",
            "compute it from the arrays of its first argument",
        ) from error


def _with_spread(said: Forecast, spread: float) -> Forecast:
    return said if said.sd is not None else Forecast(said.median, np.full(said.median.shape, spread))
