"""What a theory forecasts, and the probability that a forecast gives to what was seen.

A forecast is a normal distribution of log10 of the delay. One part in a hundred of its probability is uniform over
eight decades, so that a single run that a theory thinks impossible costs it 10 at most and does not decide alone. A
delay is known between two recorded steps, so its probability is that of an interval; that of a run which has not
generalised is the probability of a longer delay.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from langevin.errors import UsageError
from langevin.scorecard.limited import asked
from langevin.types import FloatArray
from langevin.types.delay import DelayTheory, Forecast, Seen, WhetherTheory

#: Share of the uniform part, and its lowest and highest log10 of the delay.
DOUBT, LOWEST, HIGHEST = 0.01, 0.0, 8.0
#: Smallest and largest standard deviation of a fitted forecast, in decades.
SPREADS = 0.02, 2.0


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


def forecast(theory: DelayTheory, seen: Seen, constants: FloatArray, spread: float) -> Forecast:
    """Median and standard deviation (runs,) of log10 of the delay.

    Args:
        theory: the theory.
        seen: the runs.
        constants: of the theory.
        spread: standard deviation, where the theory gives none of its own.

    Raises:
        UsageError: the theory gives an array of another shape, or a standard deviation that is not above 0 or infinite.
    """
    said = plain_forecast(theory, seen, constants)
    return said if said.sd is not None else Forecast(said.median, np.full(said.median.shape, spread))


def forecasts(theory: DelayTheory, seen: Seen, points: FloatArray) -> Forecast:
    """Forecasts (points, runs) by several choices of constants and spread, (points, constants + 1).

    Raises:
        UsageError: as `forecast`.
    """
    said = [forecast(theory, seen, point[:-1], float(point[-1])) for point in points]
    return Forecast(np.array([one.median for one in said]), np.array([one.sd for one in said]))


def log_probability(said: Forecast, low: FloatArray, high: FloatArray) -> FloatArray:
    """Logarithm (..., runs) of the probability that a forecast (..., runs) gives to a delay between low and high.

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


def plain_forecast(theory: DelayTheory, seen: Seen, constants: FloatArray) -> Forecast:
    """The same as the theory gives it, perhaps without a standard deviation."""
    with np.errstate(all="ignore"):
        said = asked(theory, "predict", theory.predict, seen, constants.tolist())
    median, sd = said if isinstance(said, Forecast) else (said, None)
    shape = seen.learning_rate.shape
    centre = numbers_of(median, float, shape, theory, "predict", "numbers, log10 of the delay in steps")
    if sd is None:
        return Forecast(centre)
    spread = numbers_of(sd, float, shape, theory, "predict", "standard deviations of log10 of the delay")
    where = spread[~np.isnan(centre)]
    if not ((where > 0) & (where < np.inf)).all():
        raise UsageError(
            f"`predict` of {theory.formula!r} gives a standard deviation that is not above 0, or infinite",
            "standard deviations of log10 of the delay are finite and above 0 wherever its median is a number",
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
