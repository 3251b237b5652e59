"""Numbers of run files as rows of a table: what was measured where, and each theory beside it."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from langevin.errors import InputFileError
from langevin.store.decode import SAMPLES, Findings
from langevin.store.encode import plain
from langevin.types import Comparison, Trajectory

#: Entry of the meta of a point: its settings, the seed as it was typed.
SWEEP = "sweep"
#: The quantity that says the phase of learning of a training, as a code of `langevin.measure.phases.Phase`.
PHASE = "phase of learning"
#: Entries of the meta that the table of a sweep needs.
ENTRIES = (SWEEP, "measured", "kind", "question")
#: Most numbers that a file says were measured, and most settings and letters of the name of one.
MOST_MEASURED, MOST_SETTINGS, MOST_LETTERS = 10_000, 100, 100


@dataclass(frozen=True)
class Row:
    """A measured number of a point of a sweep, and one theory beside it, if there is one.

    `settings` are all that the point was asked for, as texts, and `at` is what varies inside its run, such as
    `samples`. A `bound` is one from below, where not all networks came so far. Without a theory its name and the
    verdict are empty, and its numbers nan.
    """

    file: str
    settings: Mapping[str, str]
    at: Mapping[str, float]
    quantity: str
    value: float
    error: float
    n: int
    mixed: bool
    note: str
    theory: str = ""
    predicted: float = math.nan
    remainder: float = math.nan
    in_range: bool = False
    z: float = math.nan
    ratio: float = math.nan
    verdict: str = ""
    bound: bool = False


def measured_entry(
    quantity: str, record: Mapping[str, Any], at: Mapping[str, float] | None = None
) -> dict[str, Any]:
    """A measured number as a run file keeps it.

    Args:
        quantity: what was measured.
        record: as `comparison.measurement_record` makes it.
        at: what varies inside the run, such as the temperature of rates.
    """
    kept = {name: record[name] for name in ("value", "error", "n", "mixed", "note")}
    return {"quantity": quantity, "at": dict(at or {}), "bound": bool(record.get("bound", False)), **kept}


def told(measured: Sequence[Mapping[str, Any]]) -> str:
    """The first numbers that were measured, and where in the run, in one line; and how many more there are."""
    first = [f"{one['quantity']}{_place(one['at'])} {_pair(one)}" for one in measured[:2]]
    return ", ".join([*first, *([f"{len(measured) - 2} more"] if len(measured) > 2 else [])])


def findings_of(run: Trajectory, theory: Sequence[Comparison]) -> Findings:
    """What the file of a run will say in the table of a sweep, as it will say it."""
    meta = {name: run.meta[name] for name in ENTRIES if name in run.meta}
    return Findings(
        json.loads(json.dumps(meta, default=plain)), np.asarray(run.events.get(SAMPLES, [])), list(theory)
    )


def rows_of(file: Path, found: Findings, theory: Sequence[Comparison]) -> list[Row]:
    """The rows of a run file.

    Args:
        file: its name.
        found: what it says.
        theory: its comparisons, as they are judged here.

    Raises:
        InputFileError: entries that no run has.
    """
    try:
        entries = entries_of(found.meta)
        settings = _settings(found.meta)
        return list(_rows(file.name, found, theory, entries, settings))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputFileError(
            f"what {file} says of its measurements does not fit together: restore it from a copy, or run again"
        ) from error


def _rows(
    file: str,
    found: Findings,
    theory: Sequence[Comparison],
    entries: list[dict[str, Any]],
    settings: dict[str, str],
) -> Iterator[Row]:
    points = {row.point for row in theory}
    inner = _inner_axis(found) if len(points) > 1 else None
    covered: set[tuple[str, str]] = set()
    for one in theory:
        measured = one.measured
        if math.isfinite(measured.value):  # numbers that are not finite are all alike
            covered.add(_key(measured.value, measured.error))
        named = [entry for entry in entries if _same(entry, one) and (not inner or inner in entry["at"])]
        quantity = one.quantity or (named[0]["quantity"] if named else found.meta.get("question", ""))
        yield Row(
            file, settings, {inner: one.point} if inner else {}, str(quantity), measured.value, measured.error,
            measured.n, measured.mixed, measured.note, one.theory, one.predicted.value, one.predicted.remainder,
            one.predicted.in_range, one.z, one.ratio, one.verdict,
        )  # fmt: skip
    for entry in entries:
        if _key(_float(entry["value"]), _float(entry["error"])) not in covered:
            at = {str(name): float(value) for name, value in entry["at"].items()}
            yield Row(
                file, settings, at, entry["quantity"], _float(entry["value"]), _float(entry["error"]), entry["n"],
                entry["mixed"], entry["note"], bound=entry.get("bound") is True,
            )  # fmt: skip


def _inner_axis(found: Findings) -> str:
    """The name of what varies inside a run."""
    if found.meta.get("kind") == "rate":
        return "temperature"
    return SAMPLES if len(np.unique(found.samples)) > 1 else "point"


def _settings(meta: Mapping[str, Any]) -> dict[str, str]:
    """The settings that a file says, without control characters."""
    found = {name: _shown(str(value)) for name, value in meta.get(SWEEP, {}).items()}
    if len(found) > MOST_SETTINGS or not all(map(_is_name, found)):
        raise ValueError("no settings")
    return found


def _is_name(name: str) -> bool:
    """Whether a text can name a setting, which is none of the columns of the table."""
    return len(name) <= MOST_LETTERS and name.isprintable() and name not in Row.__dataclass_fields__


def _shown(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def entries_of(meta: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the meta of a file says was measured, without control characters.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: entries that no run has.
    """
    found = meta.get("measured", [])
    if not isinstance(found, list) or len(found) > MOST_MEASURED:
        raise ValueError("no list of numbers")
    kinds = {"quantity": str, "at": dict, "n": int, "mixed": bool, "note": str}
    for entry in found:
        if not all(type(entry[name]) is kind for name, kind in kinds.items()) or entry["n"] < 0:
            raise ValueError("no number with its error")
        if not all(_is_name(name) and math.isfinite(value) for name, value in entry["at"].items()):
            raise ValueError("no place")
    return [
        {**entry, "quantity": _shown(entry["quantity"]), "note": _shown(entry["note"])} for entry in found
    ]


def _same(entry: Mapping[str, Any], row: Comparison) -> bool:
    return _key(_float(entry["value"]), _float(entry["error"])) == _key(
        row.measured.value, row.measured.error
    )


def _key(*numbers: float) -> tuple[str, str]:
    """A value and its error to be compared: all that are not finite are alike, for a file knows them as null."""
    value, error = (repr(number) if math.isfinite(number) else "" for number in numbers)
    return value, error


def _float(value: Any) -> float:
    """A number of a file, where null is one that is not finite."""
    return math.nan if value is None else float(value)


def _place(at: Mapping[str, float]) -> str:
    """` at temperature 0.1`; empty for a number of the whole run."""
    return "".join(f" at {name} {value:g}" for name, value in at.items())


def _pair(record: Mapping[str, Any]) -> str:
    value, error = _float(record["value"]), _float(record["error"])
    return f"{value:.4g} +- {error:.2g}" if math.isfinite(error) else f"{'> ' * record['bound']}{value:.4g}"
