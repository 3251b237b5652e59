"""Distributions of an estimate that are more exact than its standard error: of times, of counts, of positive numbers.

An estimate with a standard error usually has Student's distribution, which is symmetric around the value. With few
events this is wrong: an interval for a rate must not reach below zero. `langevin.measure.interval` computes with these
records.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Waits:
    """The number is a mean of exponential waiting times, `time` / `events`, or a `power` of this mean.

    The power -1 gives the rate, 2 the variance.

    `watched` says that the observation ended at a time that did not depend on the events; their number then has a
    Poisson distribution. Otherwise the observation ended with the last event, and time / mean has the Gamma
    distribution of shape `events`. `events` need not be a whole number: it is the number of independent events that
    carry as much information as the observed ones.
    """

    events: float
    time: float
    watched: bool = False
    power: int = 1


@dataclass(frozen=True)
class Share:
    """The number is a fraction: an outcome was observed `count` times in `trials` independent trials."""

    count: float
    trials: float


@dataclass(frozen=True)
class Positive:
    """The number is above zero, and its logarithm has Student's distribution."""


Law = Waits | Share | Positive
_LAWS: dict[str, type[Any]] = {"waits": Waits, "share": Share, "positive": Positive}


def law_record(law: Law | None) -> dict[str, Any]:
    """A distribution as plain values; an empty dictionary for None."""
    return {} if law is None else {"law": type(law).__name__.lower(), **asdict(law)}


def law_from(record: Any) -> Law | None:
    """The distribution that a dictionary describes; None if it is empty or not what `law_record` writes.

    A file may come from an unknown source, so its contents are checked.
    """
    if not isinstance(record, Mapping) or record.get("law") not in _LAWS:
        return None
    numbers = {name: value for name, value in record.items() if name != "law"}
    if not all(isinstance(value, int | float) and abs(value) < 1e300 for value in numbers.values()):
        return None
    try:
        law: Law = _LAWS[record["law"]](**numbers)
    except TypeError:
        return None
    whole = not isinstance(law, Waits) or (law.events >= 0 and law.time > 0 and law.power in (1, -1, 2))
    return law if whole and (not isinstance(law, Share) or 0 <= law.count <= law.trials > 0) else None
