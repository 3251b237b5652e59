"""From a measurement with its standard error to an interval, and to its logarithm."""

from __future__ import annotations

import math

from langevin.errors import UsageError
from langevin.types import Measurement, Positive, Share, Waits

#: Largest half width of an interval of a logarithm whose end is a float, and the smallest probability that is not 0.
LONGEST, SMALLEST = 700.0, 1e-300


def critical_value(level: float, n: int) -> float:
    """Number of standard errors that the distance from the true value exceeds with probability `level`.

    It is the quantile of Student's distribution with n - 1 degrees of freedom, because the error is also estimated from
    n walkers or seeds. It is infinite for n < 2.

    Args:
        level: probability of a larger distance, in either direction, in (0, 1).
        n: number of independent walkers or seeds.

    Raises:
        UsageError: a level outside (0, 1).
    """
    from scipy.special import stdtrit

    if not 0 < level < 1:
        raise UsageError(f"the level is {level}", "it must lie between 0 and 1")
    return float(-stdtrit(n - 1, level / 2)) if n >= 2 else math.inf


def confidence_interval(measurement: Measurement, level: float = 0.95) -> tuple[float, float]:
    """The interval that covers the true value with probability `level`; it misses it equally often on both sides.

    If the measurement has a `law`, the interval follows it: the exact intervals of Garwood (1936) for events in a time,
    of the Gamma distribution for waiting times, of Clopper and Pearson (1934) for fractions; symmetric about the
    logarithm for a positive number. Otherwise it is symmetric about the value, by Student's distribution. The error of
    the steps is combined with the half widths, those of logarithms for a waiting time.

    Args:
        measurement: the number with its error.
        level: the probability, in (0, 1).

    Raises:
        UsageError: a level outside (0, 1).
    """
    width = critical_value(1 - level, measurement.n)
    law, value = measurement.law, measurement.value
    if isinstance(law, Waits):
        ends = _of_waits(law, (1 - level) / 2)
        return _widened(ends, value, width * measurement.step_error) if measurement.step_error else ends
    if isinstance(law, Share):
        return _of_share(law, (1 - level) / 2)
    if isinstance(law, Positive) and value > 0:
        half = width * measurement.error / value
        return value * math.exp(-half), value * math.exp(half) if half < LONGEST else math.inf
    half = width * measurement.error
    return value - half, value + half


def _of_waits(law: Waits, tail: float) -> tuple[float, float]:
    from scipy.special import gammaincinv

    few = float(gammaincinv(law.events, tail)) if law.events else 0.0
    many = float(gammaincinv(law.events + law.watched, 1 - tail))
    low, high = law.time / many, law.time / few if few else math.inf
    ends = low**law.power, high**law.power
    return min(ends), max(ends)


def _widened(ends: tuple[float, float], value: float, half: float) -> tuple[float, float]:
    """The ends of an interval of a positive value, each moved by a half width that is combined with its distance."""
    low, high = ends
    below = math.hypot(math.log(value / low), half / value) if low > 0 else math.inf
    above = math.hypot(math.log(high / value), half / value)
    return value * math.exp(-below), value * math.exp(above) if above < LONGEST else math.inf


def _of_share(law: Share, tail: float) -> tuple[float, float]:
    from scipy.special import betaincinv

    count, rest = law.count, law.trials - law.count
    low = float(betaincinv(count, rest + 1, tail)) if count else 0.0
    return low, float(betaincinv(count + 1, rest, 1 - tail)) if rest else 1.0


def exact_score(law: Waits | Share, truth: float) -> float:
    """Number of normal standard deviations by which the measured number exceeds `truth`, if `truth` is the true value.

    It exceeds the critical value at `level` if and only if the exact interval at `level` does not contain `truth`.

    Args:
        law: distribution of the measured number.
        truth: a mean time, its square or a rate above 0, or a fraction in (0, 1).
    """
    from scipy.special import betainc, betaincc, gammainc, gammaincc, ndtri

    if isinstance(law, Share):
        count, rest = law.count, law.trials - law.count
        above = float(betainc(count, rest + 1, truth)) if count else 1.0
        below = float(betaincc(count + 1, rest, truth)) if rest else 1.0
    else:
        x = law.time / truth ** (1 / law.power)
        above = float(gammaincc(law.events + law.watched, x))
        below = float(gammainc(law.events, x)) if law.events else 1.0
        above, below = (above, below) if law.power > 0 else (below, above)
    least = min(above, below)
    side = 1.0 if above < below else -1.0
    return side * max(0.0, -float(ndtri(max(least, SMALLEST))))


def log_of(measurement: Measurement) -> Measurement:
    """Natural logarithm of a measurement; its error to first order is error / value.

    Args:
        measurement: a number above 0.

    Raises:
        UsageError: a value that is not positive.
    """
    if not measurement.value > 0:
        raise UsageError(
            f"the logarithm of {measurement.value} does not exist", allowed="only positive values have one"
        )
    return Measurement(
        value=math.log(measurement.value),
        error=measurement.error / measurement.value,
        n=measurement.n,
        estimator=f"log of {measurement.estimator}",
        mixed=measurement.mixed,
        note=measurement.note,
        step_error=measurement.step_error / measurement.value,
    )
