"""What a sweep is asked for: one command, settings that stay, and axes whose values are combined into points."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product

from langevin.errors import UsageError

#: A setting's text by its name: options of the command by their long names, and dials as `p.NAME`.
Settings = Mapping[str, str]
#: Settings that name files, which keep their spelling.
NAMES = frozenset({"plugins", "start"})
#: Most points of one sweep.
MOST_POINTS = 100_000


@dataclass(frozen=True)
class Axis:
    """A setting that has several values."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """A sweep: `command` at every combination of the `grid`, for every place of the `zipped` lists, and at `points`.

    Settings of `points` stand beside those that are `fixed`, without the axes of the others. All values are texts, as
    they would be typed.
    """

    command: str
    fixed: Settings = field(default_factory=dict)
    grid: tuple[Axis, ...] = ()
    zipped: tuple[Axis, ...] = ()
    points: tuple[Settings, ...] = ()


@dataclass(frozen=True)
class Point:
    """One run of a sweep: all its settings, and those of them that vary from point to point."""

    settings: Settings
    place: Settings


def canonical(name: str) -> str:
    """A setting's name in one spelling: options with dashes, what they name with underscores."""
    option, dot, inner = name.partition(".")
    return option.strip().replace("_", "-") + dot + inner.strip().replace("-", "_")


def points_of(plan: Plan) -> tuple[Point, ...]:
    """All points of a plan, the last axis of the grid varying fastest.

    Raises:
        UsageError: lists of different lengths are zipped, a setting is given twice, no point or too many.
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
    """Names of the settings that vary, in the order in which they are first met."""
    return tuple(dict.fromkeys(name for point in points for name in point.place))


def seed_of(command: str, settings: Settings) -> int:
    """The seed of a point: a hash of all that it is asked for, its root seed too, so that points are independent.

    It does not matter which settings vary, nor how many points there are and in which order: an axis can be added, and
    what was made stays. Where plugins lie is left out. Points whose `noise` is `paired` share the root seed, so that
    trainings of as many weights share these, and all share batches and noise.
    """
    root = settings.get("seed", "0")
    if settings.get("noise") == "paired" and root.isascii() and root.isdigit():
        return int(root)
    text = json.dumps([command, sorted(item for item in settings.items() if item[0] != "plugins")])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) >> 1


def _plain(settings: Settings) -> dict[str, str]:
    """Settings with numbers in one spelling, so that 1, 1.0 and 1e0 are one point; a file may be called 1.0."""
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
        for beside in together:
            names = (axis.name for axis in (*plan.grid, *plan.zipped))
            yield dict(zip(names, (*values, *beside)))


def _check(plan: Plan) -> None:
    lengths = {axis.name: len(axis.values) for axis in plan.zipped}
    if len(set(lengths.values())) > 1:
        said = ", ".join(f"{name} has {count}" for name, count in lengths.items())
        raise UsageError(
            f"zipped lists differ in length: {said}",
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
