"""The plan of a sweep: one command, fixed settings, and axes whose values are combined into points.

The values of an axis are a text: one value, a list, a grid or a range of whole numbers.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product

from langevin.errors import UsageError, unfit

#: Largest number of values of one axis.
MOST_VALUES = 100_000
#: Digits of the largest whole number of a range.
MOST_DIGITS = 30
#: Digits of a number of a grid: enough to distinguish neighbours, and few enough to write 0.3, not 0.30000000000000004.
DIGITS = 12
#: Forms of a text of several numbers, for help and messages.
FORMS = "a,b,c or lin:a:b:n or log:a:b:n or, of whole numbers, a:b[:step] without b"
#: Settings as texts by name: options of the command by their long names, and dials as `p.NAME`.
Settings = Mapping[str, str]
#: Settings that are names of files; they keep their spelling.
NAMES = frozenset({"plugins", "start"})
#: Largest number of points of one sweep.
MOST_POINTS = 100_000


def values_of(name: str, text: str, most: int = MOST_VALUES) -> tuple[str, ...]:
    """The values in a text of numbers, each as a text; a text of another form is one value.

        values_of("temperature", "log:0.01:1:3")    ('0.01', '0.1', '1')

    Args:
        name: name of the setting, for messages.
        text: one value, `a,b,c`, `lin:a:b:n`, `log:a:b:n` (n values, both ends among them), or `a:b[:step]` (whole
            numbers, b not among them).
        most: largest number of values.

    Raises:
        UsageError: a grid or a range has no values or too many.
    """
    kind, colon, rest = text.partition(":")
    if colon and kind in {"lin", "log"}:
        return _grid(name, kind, rest, most)
    if colon and all(_is_whole(part) for part in text.split(":")):
        return _range(name, text, most)
    return _list(name, text, most)


def names_of(name: str, text: str) -> tuple[str, ...]:
    """The names between commas in a text; one may be `module:name`.

    Args:
        name: of the setting, for messages.
        text: the names.

    Raises:
        UsageError: a name is empty, or there are too many.
    """
    return _list(name, text, MOST_VALUES)


def _list(name: str, text: str, most: int) -> tuple[str, ...]:
    values = tuple(part.strip() for part in text.split(","))
    if len(values) > 1 and "" in values:
        raise unfit(name, "takes no empty value in a list", f"{text!r}")
    _check_few(name, len(values), most)
    return values


def _range(name: str, text: str, most: int) -> tuple[str, ...]:
    parts = text.split(":")
    if len(max(parts, key=len)) > MOST_DIGITS:
        raise unfit(
            name, f"takes whole numbers of at most {MOST_DIGITS} digits", f"{text[:MOST_DIGITS]!r}..."
        )
    bounds = [int(part) for part in parts]
    if len(bounds) > 3 or (len(bounds) == 3 and bounds[2] == 0):
        raise unfit(name, f"takes {FORMS}", f"{text!r}")
    found = range(*bounds)
    if not found:
        raise unfit(name, "takes a range a:b[:step] that has values", f"{text!r}")
    if found[most:]:
        raise UsageError(f"{name} has more than {most} values", f"at most {most} values", "take larger steps")
    return tuple(str(value) for value in found)


def _grid(name: str, kind: str, rest: str, most: int) -> tuple[str, ...]:
    parts = rest.split(":")
    try:
        low, high = (float(part) for part in parts[:2])
        count = int(parts[2])
    except (ValueError, IndexError):
        raise unfit(name, f"takes {FORMS}", f"{kind}:{rest!r}") from None
    bounded = math.isfinite(low) and math.isfinite(high) and (kind == "lin" or min(low, high) > 0.0)
    if len(parts) != 3 or not bounded or count < 2:
        raise unfit(
            name, f"takes {kind}:a:b:n with n of 2 or more, and finite a and b"
            + (" above 0" if kind == "log" else ""), f"'{kind}:{rest}'",
        )  # fmt: skip
    _check_few(name, count, most)
    shares = [place / (count - 1) for place in range(count)]
    if kind == "lin":
        inner = [low + share * (high - low) for share in shares]
    else:
        inner = [low * (high / low) ** share for share in shares]
    return tuple(_short(value) for value in (low, *inner[1:-1], high))


def _check_few(name: str, count: int, most: int) -> None:
    if count > most:
        raise UsageError(f"{name} has {count} values", f"at most {most} values", "take fewer")


def _short(value: float) -> str:
    """A number with the digits that it needs, at most `DIGITS`."""
    return f"{value:.{DIGITS}g}"


def _is_whole(text: str) -> bool:
    return text.isascii() and text.removeprefix("-").isdigit()


@dataclass(frozen=True)
class Axis:
    """A setting that has several values."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """A sweep: `command` at every combination of the `grid`, for every index of the `zipped` lists, and at `points`.

    The settings of `points` are added to the `fixed` ones, without the other axes. All values are texts, as typed on
    the command line.
    """

    command: str
    fixed: Settings = field(default_factory=dict)
    grid: tuple[Axis, ...] = ()
    zipped: tuple[Axis, ...] = ()
    points: tuple[Settings, ...] = ()


@dataclass(frozen=True)
class Point:
    """One run of a sweep: all its settings, and the settings that vary from point to point."""

    settings: Settings
    place: Settings


def canonical(name: str) -> str:
    """The name of a setting in one spelling: options with dashes, names of dials with underscores."""
    option, dot, inner = name.partition(".")
    return option.strip().replace("_", "-") + dot + inner.strip().replace("-", "_")


def points_of(plan: Plan) -> tuple[Point, ...]:
    """All points of a plan; the last axis of the grid varies fastest.

    Raises:
        UsageError: zipped lists have different lengths, a setting is given twice, or there is no point or too many.
    """
    _check(plan)
    fixed = _plain(plan.fixed)
    places = [_plain(place) for place in (*_places(plan), *plan.points)]
    if len(places) > MOST_POINTS:
        raise UsageError(f"the sweep has {len(places)} points", f"at most {MOST_POINTS}", "make several")
    varying = [{name: text for name, text in place.items() if fixed.get(name) != text} for place in places]
    different = {json.dumps(place, sort_keys=True): place for place in varying}
    return tuple(Point({**fixed, **place}, place) for place in different.values())


def axes_of(points: tuple[Point, ...]) -> tuple[str, ...]:
    """Names of the settings that vary, in the order of their first occurrence."""
    return tuple(dict.fromkeys(name for point in points for name in point.place))


def seed_of(command: str, settings: Settings) -> int:
    """The seed of a point: a hash of all its settings, including the root seed, so that points are independent.

    It does not depend on which settings vary, or on the number and order of points: if an axis is added, finished
    points stay valid. The location of plugins is left out. Points whose `noise` is `paired` have the root seed as seed:
    trainings with equal numbers of weights then have the same initial weights, and all have the same batches and noise.

    Args:
        command: of the sweep.
        settings: all settings of the point, with the root seed.
    """
    root = settings.get("seed", "0")
    if settings.get("noise") == "paired" and root.isascii() and root.isdigit():
        return int(root)
    text = json.dumps([command, sorted(item for item in settings.items() if item[0] != "plugins")])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) >> 1


def _plain(settings: Settings) -> dict[str, str]:
    """Settings with numbers in one spelling, so that 1, 1.0 and 1e0 are one point; names of files are not changed."""
    return {name: text if name in NAMES else _number(text) for name, text in settings.items()}


def _number(text: str) -> str:
    try:
        value = float(text)
    except ValueError:
        return text
    if not math.isfinite(value) or (abs(value) >= 2**64 and text.lstrip("+-").isdigit()):
        return text
    if abs(value) >= 2**64:
        return repr(value)
    return str(int(text if text.strip("+- ").isdecimal() else value)) if value.is_integer() else repr(value)


def _places(plan: Plan) -> Iterator[dict[str, str]]:
    if not plan.grid and not plan.zipped:
        if not plan.points:
            yield {}
        return
    together = list(zip(*(axis.values for axis in plan.zipped))) or [()]
    for values in product(*(axis.values for axis in plan.grid)):
        for zipped_values in together:
            names = (axis.name for axis in (*plan.grid, *plan.zipped))
            yield dict(zip(names, (*values, *zipped_values)))


def _check(plan: Plan) -> None:
    lengths = {axis.name: len(axis.values) for axis in plan.zipped}
    if len(set(lengths.values())) > 1:
        lengths_text = ", ".join(f"{name} has {count}" for name, count in lengths.items())
        raise UsageError(
            f"zipped lists differ in length: {lengths_text}",
            "lists of one length",
            "put them into the grid, or complete them",
        )
    names = [*plan.fixed, *(axis.name for axis in (*plan.grid, *plan.zipped))]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UsageError(f"{twice[0]} is given twice", "once, fixed or with several values", "drop one")
    empty = [axis.name for axis in (*plan.grid, *plan.zipped) if not axis.values]
    if empty:
        raise UsageError(f"{empty[0]} has no values", "one value or more", "give at least one")
    count = 1
    for axis in plan.grid:
        count *= len(axis.values)
    if count > MOST_POINTS:
        raise UsageError(f"the grid has {count} points", f"at most {MOST_POINTS}", "take fewer values")
