"""The plan of a sweep: one command, fixed settings, and axes whose values are combined into points."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product

from langevin.errors import UsageError

#: Settings as texts by name: options of the command by their long names, and dials as `p.NAME`.
Settings = Mapping[str, str]
#: Settings that are names of files; they keep their spelling.
NAMES = frozenset({"plugins", "start"})
#: Largest number of points of one sweep.
MOST_POINTS = 100_000


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
