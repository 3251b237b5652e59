"""Laws of a measured number that are known better than by its standard error: of times, of counts, of positive numbers.

A number +- one standard error has Student's law, symmetric about the value. Of few events that is wrong: an interval
for a rate must not reach below zero. `langevin.measure.interval` computes with these records.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Waits:
    """The number is a mean of exponential waiting times, `time` / `events`; or that mean to the `power`.

    -1 gives the rate, 2 the variance.

    `watched` says that the watching ended at a time of its own, so that the events are Poisson's; else it ended with
    the last event, and time / mean has the Gamma law of the shape `events`. `events` need not be whole: it is the
    number that is worth as much as what was seen.
    """

    events: float
    time: float
    watched: bool = False
    power: int = 1


@dataclass(frozen=True)
class Share:
    """The number is a share, seen `count` times in `trials` independent ones."""

    count: float
    trials: float


@dataclass(frozen=True)
class Positive:
    """The number is above zero, and its logarithm has Student's law."""


Law = Waits | Share | Positive
_LAWS: dict[str, type[Any]] = {"waits": Waits, "share": Share, "positive": Positive}


def law_record(law: Law | None) -> dict[str, Any]:
    """A law as plain values, empty for none."""
    return {} if law is None else {"law": type(law).__name__.lower(), **asdict(law)}


def law_from(record: Any) -> Law | None:
    """The law of a record, None for one that is empty or that `law_record` does not write: a file may be anyone's."""
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
