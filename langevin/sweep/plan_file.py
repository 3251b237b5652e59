"""The plan of a sweep as a TOML file, which a user may write."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from langevin.errors import InputFileError, UsageError
from langevin.sweep.plan import Axis, Plan, canonical, values_of

#: Largest size of a plan file in bytes, and bits of the largest whole number in it.
MOST_BYTES, MOST_BITS = 2**22, 1024
TABLES = ("fixed", "grid", "zip", "points")
TEMPLATE = """\
# A sweep: `langevin sweep THIS_FILE`. Names are those of the command's options; dials of a landscape stand under p,
# dials of an integrator under i, and numbers of a law under set.
command = "simulate"        # or rate, or train
out = "double-well-sweep"   # the folder of its run files

[fixed]                     # the same at every point
potential = "double-well"
walkers = 400
seed = 1                    # each point has a seed of its own, made of this one and of the point

[grid]                      # every combination of these values
temperature = "log:0.2:0.4:3"   # or [0.2, 0.283, 0.4], or "lin:0.2:0.4:3"
p.barrier = [0.5, 1.0]

# [zip]                     # lists of one length, taken together place by place
# dt = [1e-3, 5e-4]
# walkers = [400, 800]

# [[points]]                # more points, in addition to the grid
# temperature = 0.5
# p.barrier = 2.0
"""


def read_plan(path: Path) -> tuple[Plan, str | None]:
    """The plan of a file, and the folder that the file names, or None.

    Raises:
        InputFileError: the file cannot be read, or is not TOML.
        UsageError: an entry is unknown.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise InputFileError(
                f"{path} has more than {MOST_BYTES} bytes",
                "it must be the plan of a sweep",
                "name another file",
            )
        found = tomllib.loads(content.decode())
    except (ValueError, RecursionError) as error:  # also raised for a whole number with too many digits
        raise InputFileError(
            f"{path} is not a TOML file: {error}", "it must be the plan of a sweep", _REMEDY
        ) from error
    except OSError as error:
        if isinstance(error, InputFileError):
            raise
        raise InputFileError(
            f"{path} cannot be read: {error.strerror}", "it must be the plan of a sweep", _REMEDY
        ) from error
    return plan_from(found), _folder(found)


_REMEDY = "`langevin sweep --template` writes one"


def plan_from(found: Mapping[str, Any]) -> Plan:
    """The plan in the tables of a file.

    Raises:
        UsageError: an entry is unknown, or a table contains a setting twice.
    """
    unknown = sorted(set(found) - {"command", "out", *TABLES})
    if unknown:
        raise UsageError(
            f"a plan has no entry {unknown[0]!r}", f"it has command, out, {', '.join(TABLES)}", _REMEDY
        )
    command = found.get("command", "simulate")
    if command not in ("simulate", "rate", "train"):
        raise UsageError(
            f"a sweep is of no command {command!r}", "simulate, rate or train", "name one of these"
        )
    tables = [_table(found.get(name, {}), name) for name in ("fixed", "grid", "zip")]
    fixed, grid, zipped = (_flat(table) for table in tables)
    points = found.get("points", [])
    if not isinstance(points, list) or not all(isinstance(point, dict) for point in points):
        raise UsageError("points of a plan are no list of tables", "[[points]] once for each", _REMEDY)
    return Plan(
        command,
        {name: _text(name, value) for name, value in fixed.items()},
        tuple(Axis(name, _values(name, value)) for name, value in grid.items()),
        tuple(Axis(name, _values(name, value)) for name, value in zipped.items()),
        tuple({name: _text(name, value) for name, value in _flat(point).items()} for point in points),
    )


def plan_text(plan: Plan, out: str | None = None) -> str:
    """The text of the file of a plan.

    Args:
        plan: the plan.
        out: folder of the sweep; left out if None.
    """
    lines = [f"command = {json.dumps(plan.command)}"]
    lines += [f"out = {json.dumps(out)}"] if out is not None else []
    tables = [("[fixed]", {name: _shown(value) for name, value in plan.fixed.items()})]
    for name, axes in (("[grid]", plan.grid), ("[zip]", plan.zipped)):
        tables.append((name, {axis.name: f"[{', '.join(map(_shown, axis.values))}]" for axis in axes}))
    tables += [
        ("[[points]]", {name: _shown(value) for name, value in point.items()}) for point in plan.points
    ]
    for heading, entries in tables:
        if entries:
            lines += ["", heading, *(f"{_key(name)} = {value}" for name, value in entries.items())]
    return "\n".join(lines) + "\n"


def _folder(found: Mapping[str, Any]) -> str | None:
    out = found.get("out")
    if out is not None and not (isinstance(out, str) and out):
        raise UsageError("out of a plan is not a text", "the name of a folder", "name one")
    return out


def _table(found: Any, name: str) -> Mapping[str, Any]:
    if not isinstance(found, dict):
        raise UsageError(
            f"{name} of a plan is not a table", f"[{name}] and lines NAME = VALUE below it", _REMEDY
        )
    return found


def _flat(table: Mapping[str, Any]) -> dict[str, Any]:
    """Entries by their names in one spelling; entries of a nested table have the name `TABLE.NAME`."""
    flat: dict[str, Any] = {}
    for name, value in table.items():
        inside = value if isinstance(value, dict) else {"": value}
        for inner, found in inside.items():
            entry_name = canonical(f"{name}.{inner}" if inner or value is inside else name)
            if isinstance(found, dict):
                raise UsageError(
                    f"{entry_name} of a plan is a table", "a number, a text, true or false", "correct it"
                )
            if entry_name in flat:
                raise UsageError(
                    f"{entry_name} of a plan is given twice", "once, in one spelling", "drop one"
                )
            flat[entry_name] = found
    return flat


def _values(name: str, value: Any) -> tuple[str, ...]:
    """The values of an axis: from a list, or from a text for several values."""
    if isinstance(value, list):
        return tuple(_text(name, one) for one in value)
    return values_of(name, _text(name, value))


def _text(name: str, value: Any) -> str:
    """A value as typed on the command line; a list has commas between its parts."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and value.bit_length() > MOST_BITS:
        raise UsageError(
            f"{name} of a plan has more than {MOST_BITS} bits", "a number", "write it as a float"
        )
    if isinstance(value, str | int | float):
        return str(value)
    if isinstance(value, Sequence) and not any(isinstance(part, dict | list) for part in value):
        return ",".join(_text(name, part) for part in value)
    raise UsageError(
        f"{name} of a plan is a {type(value).__name__}", "a number, a text, true or false", "correct it"
    )


def _shown(text: str) -> str:
    """A text in TOML: numbers and booleans without quotes."""
    if text in {"true", "false"} or _is_number(text):
        return text
    return json.dumps(text)


def _is_number(text: str) -> bool:
    """Whether TOML reads a text as a number that is written in the same way."""
    try:
        value = tomllib.loads(f"x = {text}")["x"]
    except (tomllib.TOMLDecodeError, KeyError):
        return False
    return isinstance(value, int | float) and not isinstance(value, bool) and str(value) == text


def _key(name: str) -> str:
    return ".".join(part if part.replace("-", "").replace("_", "").isalnum() else json.dumps(part)
                    for part in name.split("."))  # fmt: skip
