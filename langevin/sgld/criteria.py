"""Criteria that stop a network, by the values of its observables.

They are tested at recorded steps only, so the result does not depend on chunks.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from langevin.errors import UsageError
from langevin.sgld.records import Criterion
from langevin.types import FloatArray

#: The two criteria with a short form NAME=NUMBER, and the meaning of their number.
STOPS = {
    "generalised": "steps for which test accuracy 1 has lasted",
    "train_loss": "the train loss at or below which to stop",
}
SIGNS: dict[str, Callable[[FloatArray, float], NDArray[np.bool_]]] = {
    "<": np.less,
    ">": np.greater,
    "<=": np.less_equal,
    ">=": np.greater_equal,
}
SHORT = re.compile(r"\s*([^<>=]*?)\s*=\s*(\S+)\s*")
LONG = re.compile(r"\s*([^<>=]+?)\s*(<=|>=|<|>)\s*([^\s<>=]+)(?:\s+for\s+(\S+))?\s*")
FORM = (
    "NAME<NUMBER or NAME>NUMBER, and for how many steps, as in `test_loss<0.1 for 300`, or for how many per cent of "
    "the step since which it holds, as in `test_loss<0.1 for 50%`"
)
NAMED = "; ".join(f"{known}=NUMBER: {meaning}" for known, meaning in STOPS.items())
NEVER = -1


def criteria_of(stop: Mapping[str, float] | Sequence[str | Criterion]) -> tuple[Criterion, ...]:
    """The criteria of a protocol.

    Raises:
        UsageError: a criterion has an unknown name, a wrong form or a wrong number.
    """
    if isinstance(stop, Mapping):
        return tuple(_named(name, number) for name, number in stop.items())
    several = [stop] if isinstance(stop, str | Criterion) else stop
    return tuple(parsed(one) if isinstance(one, str) else _checked(one) for one in several)


def is_short(text: str) -> bool:
    """Whether a text is a criterion in the short form NAME=NUMBER."""
    return SHORT.fullmatch(text) is not None


def parsed(text: str) -> Criterion:
    """The criterion that a text defines.

    Raises:
        UsageError: the text does not define a criterion.
    """
    short, long = SHORT.fullmatch(text), LONG.fullmatch(text)
    if short:
        return _named(short[1], _number(short[2], text))
    if not long:
        raise UsageError(f"{text!r} is not a criterion to stop at", f"{FORM}; or {NAMED}", "write it so")
    lasting = long[4] or "0"
    relative = lasting.endswith("%")
    lasted = _number(lasting.removesuffix("%"), text)
    spent = {"share": lasted / 100} if relative else {"steps": lasted}
    return _checked(Criterion(long[1], long[2], _number(long[3], text), **spent))


def spelled(criterion: Criterion) -> str:
    """A criterion as a text."""
    lasting = f" for {_shown(criterion.steps)}" if criterion.steps else ""
    lasting += f" for {_shown(100 * criterion.share)}%" if criterion.share else ""
    return f"{criterion.observable}{criterion.sign}{_shown(criterion.level)}{lasting}"


def check_seen(criteria: Iterable[Criterion], names: Sequence[str]) -> None:
    """Refuse a criterion on an observable that the run does not have; `names` are those of all observables.

    Raises:
        UsageError: the observable of a criterion is not among them.
    """
    for criterion in criteria:
        if criterion.observable in names:
            continue
        parts = [name for name in names if name.startswith(f"{criterion.observable}[")]
        if parts:
            raise UsageError(
                f"{criterion.observable} has {len(parts)} parts, and a criterion to stop at takes one number",
                "one part of it",
                f"name it, as {parts[0]}",
            )
        known = [name for name in names if "[" not in name]
        more = sorted({f"{name.partition('[')[0]}[PART]" for name in names if "[" in name})
        raise UsageError(
            f"this network has no observable {criterion.observable!r} to stop at",
            f"its observables are {', '.join([*known, *more])}",
            "name one of these, or add it by --observe",
        )


def holding(
    criteria: Sequence[Criterion], values: Mapping[str, FloatArray], chains: int
) -> NDArray[np.bool_]:
    """Which criteria hold for which networks at this step, (chains, criteria)."""
    held = [SIGNS[one.sign](values[one.observable], one.level) for one in criteria]
    return np.stack(held, axis=1) if held else np.zeros((chains, 0), bool)


def streak(since: NDArray[np.int64], step: int, held: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Recorded step since which each criterion has held (chains, criteria), -1 if it does not hold."""
    return np.where(held, np.where(since < 0, step, since), NEVER)


def fulfilled(
    criteria: Sequence[Criterion], step: int | NDArray[np.int64], since: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Which criteria (chains, criteria) have held long enough at `step`, a number or an array (chains,)."""
    lasted = np.reshape(step, (-1, 1)) - since
    needed = np.array([one.steps for one in criteria]), np.array([one.share for one in criteria]) * since
    found: NDArray[np.bool_] = (since >= 0) & (lasted >= np.maximum(*needed))
    return found


def _named(name: str, number: float) -> Criterion:
    """The criterion with this short form NAME=NUMBER."""
    if name not in STOPS:
        raise UsageError(
            f"there is no criterion {name!r} to stop at", f"{NAMED}; or {FORM}", "name one of these"
        )
    if not math.isfinite(number) or number < 0:
        raise UsageError(f"stop at {name} is {number}", "it must be finite and at least 0")
    return (
        Criterion("test_accuracy", ">=", 1, number)
        if name == "generalised"
        else Criterion("train_loss", "<=", number)
    )


def _checked(criterion: Criterion) -> Criterion:
    text = spelled(criterion)
    if criterion.sign not in SIGNS:
        raise UsageError(f"the criterion {text} compares by {criterion.sign!r}", f"one of {' '.join(SIGNS)}")
    if not math.isfinite(criterion.level):
        raise UsageError(f"the level of the criterion {text} is {criterion.level}", "it must be finite")
    if not (math.isfinite(criterion.steps) and criterion.steps >= 0):
        raise UsageError(
            f"the criterion {text} is to last {criterion.steps} steps", "a finite number of steps, at least 0"
        )
    if criterion.steps and criterion.share:
        raise UsageError(
            f"the criterion {text} lasts for two times", "a number of steps, or a share", "give one of them"
        )
    if not (math.isfinite(criterion.share) and criterion.share >= 0):
        raise UsageError(
            f"the criterion {text} is to last {criterion.share} times as long as it took",
            "a finite share, at least 0",
        )
    return criterion


def _number(text: str, whole: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise UsageError(
            f"{text!r} in the criterion {whole!r} is not a number", FORM, "write a number there"
        ) from None


def _shown(number: float) -> str:
    return f"{number:g}" if float(f"{number:g}") == number else repr(number)
