"""The description of a step in a run file: plain values are written, and a checked record is read.

A file may come from an unknown source, so type and size of each value are checked before it is used.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, fields
from typing import Any

from langevin.errors import UsageError
from langevin.types.motion import Diffusion, Integrator, StepLaw, Widening

#: The largest number of coefficients of a polynomial of a widening.
MOST_COEFFICIENTS = 8
#: Entries of a `StepLaw` that older files do not have.
LATER = {"order", "diffusion"}


def step_meta(integrator: Integrator) -> dict[str, Any]:
    """Entry `step` of the meta of a run: the noise and the `StepLaw` of its step, in plain values."""
    return {"noise": str(integrator.noise), "law": _plain(integrator.law) if integrator.law else None}


def _plain(law: StepLaw) -> dict[str, Any]:
    widening = {"above": list(law.widening.above), "below": list(law.widening.below)}
    return asdict(law) | {"widening": widening, "diffusion": str(law.diffusion)}


def step_law_of(entry: Any) -> StepLaw | None:
    """The `StepLaw` in the entry `step` of the meta of a run; None if the law of the step is not known.

    Raises:
        UsageError: there is no such entry, or it is not what `step_meta` writes.
    """
    if not isinstance(entry, Mapping) or "law" not in entry:
        raise _undescribed("it has no entry `step` with a `law`")
    law = entry["law"]
    if law is None:
        return None
    names = {field.name for field in fields(StepLaw)}
    if not isinstance(law, Mapping) or not names - LATER <= set(law) <= names:
        raise _undescribed(f"its law must have the entries {', '.join(sorted(names))}")
    kinds = {field.name: type(field.default) for field in fields(StepLaw)}
    found = StepLaw(**{name: _READERS[kind](name, law[name]) for name, kind in kinds.items() if name in law})
    least = min(found.heat, found.inertia, found.lag)
    if least < 0 or found.widening.above[0] == 0 or found.widening.below[0] == 0:
        raise _undescribed("heat, inertia and lag must be at least 0, and the widening must not begin with 0")
    return found


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise _undescribed(f"{name} must be true or false")
    return value


def _number(name: str, value: Any) -> float:
    number = math.nan
    if isinstance(value, int | float) and not isinstance(value, bool):
        with suppress(OverflowError):
            number = float(value)
    if not math.isfinite(number):
        raise _undescribed(f"{name} must be a finite number")
    return number


def _diffusion(name: str, value: Any) -> Diffusion:
    if value not in tuple(Diffusion):
        raise _undescribed(f"{name} must be {', '.join(Diffusion)}")
    return Diffusion(value)


def _widening(name: str, value: Any) -> Widening:
    parts = [field.name for field in fields(Widening)]
    if not isinstance(value, Mapping) or set(value) != set(parts):
        raise _undescribed(f"{name} must have the entries {' and '.join(parts)}")
    return Widening(*(_coefficients(part, value[part]) for part in parts))


def _coefficients(name: str, value: Any) -> tuple[float, ...]:
    if not isinstance(value, list | tuple) or not 1 <= len(value) <= MOST_COEFFICIENTS:
        raise _undescribed(f"{name} must be a list of 1 to {MOST_COEFFICIENTS} numbers")
    return tuple(_number(name, number) for number in value)


_READERS: dict[type, Any] = {bool: _flag, float: _number, Widening: _widening, Diffusion: _diffusion}


def _undescribed(why: str) -> UsageError:
    return UsageError(
        f"the file does not describe its step: {why}",
        "a file with this description",
        "run again with this version",
    )
