"""Forecasts of theories, limits of their computing time, and the probability that a forecast gives to a measured delay.

A forecast is a normal distribution of log10 of the delay. One part in a hundred of its probability is uniform over
eight decades, so that a single run that a theory thinks impossible costs it 10 at most and does not decide alone. A
delay is known between two recorded steps, so its probability is the probability of an interval. A run that has not
generalised gets the probability of a longer delay.

A forecast of all runs is a formula over arrays and takes less than a millisecond. A fit makes some hundred such calls
on each task, so that a slow theory would seem to hang. Two clocks are read:

    processor time   of the thread that calls (`time.thread_time`), when the call returns
    waiting time     of the wall clock, by another thread, as long as the call has not returned

The second clock is for a call that never returns: an endless loop, or a call that sleeps and uses no processor. A
compiled function that never releases the lock of the interpreter is not detected.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from threading import Thread, get_ident
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from langevin.errors import UsageError
from langevin.types import FloatArray
from langevin.types.delay import DelayTheory, Forecast, Seen, WhetherTheory

#: Share of the uniform part, and its lowest and highest log10 of the delay.
DOUBT, LOWEST, HIGHEST = 0.01, 0.0, 8.0
#: Smallest and largest standard deviation of a fitted forecast, in decades.
SPREADS = 0.02, 2.0
Result = TypeVar("Result")
#: Longest call, in seconds: processor time, and time on the wall clock, which includes the work of other processes.
LONGEST, LONGEST_WAIT = 1.0, 10.0
#: Seconds between two readings of the wall clock.
BETWEEN_LOOKS = 0.1
#: By the number of a thread: the call that it makes now, in words, and when it began on the wall clock.
_calls: dict[int, tuple[str, float]] = {}


def applies_to(theory: DelayTheory | WhetherTheory, seen: Seen) -> NDArray[np.bool_]:
    """For which runs (runs,) a theory has a prediction, for all values of its constants.

    Args:
        theory: the theory.
        seen: the runs.

    Raises:
        UsageError: the theory gives an array of another shape.
    """
    count = len(seen.learning_rate)
    if theory.applies is None:
        return np.ones(count, bool)
    with np.errstate(all="ignore"):
        given = call_function(theory, "applies", theory.applies, seen)
    return numbers_of(given, bool, (count,), theory, "applies", "truth values").copy()


def forecast(theory: DelayTheory, seen: Seen, constants: FloatArray, spread: float) -> Forecast:
    """Median and standard deviation (runs,) of log10 of the delay.

    Args:
        theory: the theory.
        seen: the runs.
        constants: of the theory.
        spread: standard deviation, if the theory gives none.

    Raises:
        UsageError: the theory gives an array of another shape, or a standard deviation that is not above 0 or infinite.
    """
    found = plain_forecast(theory, seen, constants)
    return found if found.sd is not None else Forecast(found.median, np.full(found.median.shape, spread))


def forecasts(theory: DelayTheory, seen: Seen, points: FloatArray) -> Forecast:
    """Forecasts (points, runs) by several choices of constants and spread, (points, constants + 1).

    Args:
        theory: the theory.
        seen: the runs.
        points: constants and spread, (points, constants + 1).

    Raises:
        UsageError: as `forecast`.
    """
    rows = [forecast(theory, seen, point[:-1], float(point[-1])) for point in points]
    return Forecast(np.array([one.median for one in rows]), np.array([one.sd for one in rows]))


def log_probability(predicted: Forecast, low: FloatArray, high: FloatArray) -> FloatArray:
    """Logarithm (..., runs) of the probability that a forecast (..., runs) gives to a delay between low and high.

    A forecast that is nan has the uniform part alone.

    Args:
        predicted: the forecasts.
        low: log10 of the shortest possible delay, (runs,).
        high: log10 of the longest possible delay, (runs,); infinite for a run that has not generalised.
    """
    from scipy.special import ndtr

    assert predicted.sd is not None
    inside = np.clip(high, LOWEST, HIGHEST) - np.clip(low, LOWEST, HIGHEST)
    uniform = np.maximum(inside, 1e-3) / (HIGHEST - LOWEST)
    with np.errstate(all="ignore"):
        # The difference is taken in the smaller of the two tails.
        below, above = (low - predicted.median) / predicted.sd, (high - predicted.median) / predicted.sd
        flip = below > 0
        normal = ndtr(np.where(flip, -below, above)) - ndtr(np.where(flip, -above, below))
    normal = np.where(np.isfinite(normal), normal, 0.0)
    result: FloatArray = np.log((1 - DOUBT) * np.maximum(normal, 0) + DOUBT * uniform)
    return result


def plain_forecast(theory: DelayTheory, seen: Seen, constants: FloatArray) -> Forecast:
    """The forecast as the theory gives it, perhaps without a standard deviation.

    Args:
        theory: the theory.
        seen: the runs.
        constants: of the theory.
    """
    with np.errstate(all="ignore"):
        given = call_function(theory, "predict", theory.predict, seen, constants.tolist())
    median, sd = given if isinstance(given, Forecast) else (given, None)
    shape = seen.learning_rate.shape
    centre = numbers_of(median, float, shape, theory, "predict", "numbers, log10 of the delay in steps")
    if sd is None:
        return Forecast(centre)
    spread = numbers_of(sd, float, shape, theory, "predict", "standard deviations of log10 of the delay")
    where = spread[~np.isnan(centre)]
    if not ((where > 0) & (where < np.inf)).all():
        raise UsageError(
            f"`predict` of {theory.formula!r} gives a standard deviation that is not above 0, or infinite",
            "standard deviations of log10 of the delay are finite and above 0 for each run whose median is a number",
            "leave the standard deviation out, so that it is fitted",
        )
    return Forecast(centre, spread)


def numbers_of(
    result: object,
    kind: type,
    shape: tuple[int, ...],
    theory: DelayTheory | WhetherTheory,
    function: str,
    what: str,
) -> NDArray[Any]:
    """The result of a function of a theory, as an array with one entry for each run.

    Args:
        result: of the function.
        kind: type of an entry.
        shape: (runs,).
        theory: the theory.
        function: name of the function, for the error.
        what: name of the entries, for the error.

    Raises:
        UsageError: it is no such array; `function` is its name and `what` its entries.
    """
    try:
        values = np.asarray(result)
        if values.dtype.kind not in "biuf":
            raise TypeError(values.dtype)
        return np.broadcast_to(values.astype(kind), shape)
    except (TypeError, ValueError) as error:
        raise UsageError(
            f"`{function}` of {theory.formula!r} gives {type(result).__name__}",
            f"an array of {shape[0]} {what}",
            "compute it from the arrays of its first argument",
        ) from error


def call_function(
    theory: DelayTheory | WhetherTheory, name: str, function: Callable[..., Result], *arguments: Any
) -> Result:
    """The result of a function of a theory, with a limit of the processor time.

    Args:
        theory: the theory.
        name: of the function, for the error.
        function: of the theory.
        arguments: of the function.

    Raises:
        UsageError: it has taken more than `LONGEST` seconds of processor time.
    """
    call = f"`{name}` of {theory.formula!r}"
    _calls[get_ident()] = call, time.monotonic()
    began = time.thread_time()
    try:
        given = function(*arguments)
    finally:
        del _calls[get_ident()]
    if (took := time.thread_time() - began) > LONGEST:
        raise _too_long(f"{call} took {took:.2g} seconds of processor time in one call")
    return given


def within_limits(work: Callable[[], Result]) -> Result:
    """The result of `work`. It runs in a separate thread, so that a call that does not return can be abandoned.

    Such a call continues until the process ends: Python cannot stop a thread.

    Raises:
        UsageError: a call by `call_function` has not returned after `LONGEST_WAIT` seconds.
    """
    outcome: Future[Result] = Future()

    def run() -> None:
        try:
            outcome.set_result(work())
        except BaseException as error:  # a theory may call sys.exit
            outcome.set_exception(error)

    thread = Thread(target=run, daemon=True)
    thread.start()
    while not wait([outcome], BETWEEN_LOOKS).done:
        call, began = _calls.get(thread.ident or 0, ("", time.monotonic()))
        if time.monotonic() - began > LONGEST_WAIT:
            raise _too_long(f"{call} has not returned after {LONGEST_WAIT:g} seconds")
    return outcome.result()


def _too_long(sentence: str) -> UsageError:
    return UsageError(
        sentence,
        f"a call takes at most {LONGEST:g} s of processor time, and returns within {LONGEST_WAIT:g} s",
        "compute with arrays instead of loops, and before the first call what does not depend on constants",
    )
