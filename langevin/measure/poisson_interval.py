"""An interval for the mean of a Poisson distribution, from one count."""

from __future__ import annotations

from langevin.errors import UsageError


def poisson_interval(count: int, level: float = 0.95) -> tuple[float, float]:
    """The exact interval that covers the mean number of events with probability `level` or more (Garwood 1936).

    Divided by the time of observation it is an interval for a rate. Without an event its upper end is 3.7 at 95 %.

    Args:
        count: number of events.
        level: probability, between 0 and 1.

    Raises:
        UsageError: a negative count, or a level outside (0, 1).
    """
    from scipy.special import gammaincinv

    if count < 0 or not 0 < level < 1:
        raise UsageError(f"count is {count} and level is {level}", allowed="at least 0, and between 0 and 1")
    tail = (1 - level) / 2
    low = float(gammaincinv(count, tail)) if count else 0.0
    return low, float(gammaincinv(count + 1, 1 - tail))
