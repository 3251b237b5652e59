"""From a measurement with its standard error to an interval, and to its logarithm."""

from __future__ import annotations

import math

from langevin.errors import UsageError
from langevin.types import Measurement


def critical_value(level: float, n: int) -> float:
    """How many standard errors a true value is exceeded by, either way, with probability `level`.

    Student's quantile with n - 1 degrees of freedom, since the error itself is estimated from n walkers or
    seeds; infinite for n < 2, where nothing can be said.

    Raises:
        UsageError: a level outside (0, 1).
    """
    from scipy.special import stdtrit

    if not 0 < level < 1:
        raise UsageError(f"the level is {level}: it must lie between 0 and 1")
    return float(-stdtrit(n - 1, level / 2)) if n >= 2 else math.inf


def confidence_interval(measurement: Measurement, level: float = 0.95) -> tuple[float, float]:
    """The interval, symmetric about the value, that covers the truth with probability `level`.

    Raises:
        UsageError: a level outside (0, 1).
    """
    half = critical_value(1 - level, measurement.n) * measurement.error
    return measurement.value - half, measurement.value + half


def log_of(measurement: Measurement) -> Measurement:
    """Natural logarithm, its error to first order: error / value.

    Raises:
        UsageError: a value that is not positive.
    """
    if not measurement.value > 0:
        raise UsageError(
            f"the logarithm of {measurement.value} does not exist: only positive values have one"
        )
    return Measurement(
        value=math.log(measurement.value),
        error=measurement.error / measurement.value,
        n=measurement.n,
        estimator=f"log of {measurement.estimator}",
        mixed=measurement.mixed,
        note=measurement.note,
    )
