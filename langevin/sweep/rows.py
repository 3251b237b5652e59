"""Numbers of run files as rows of a table: each measured number with its place, and each theory for it."""

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

#: Entry of the meta of a point: its settings, with the seed as typed.
SWEEP = "sweep"
#: The quantity for the phase of learning of a training, as a code of `langevin.measure.phases.Phase`.
PHASE = "phase of learning"
#: The quantities for the share of the networks of a training that generalised, and for the steps from memorising to
#: generalising.
SHARE, DELAY = "share that generalised", "steps from memorising to generalising"
#: Entries of the meta that the table of a sweep needs.
ENTRIES = (SWEEP, "measured", "kind", "question")
#: Largest number of measured numbers in a file, of settings, and of letters in the name of a setting.
MOST_MEASURED, MOST_SETTINGS, MOST_LETTERS = 10_000, 100, 100


@dataclass(frozen=True)
class Row:
    """A measured number of a point of a sweep, and one theory for it, if there is one.

    `settings` are all settings of the point, as texts. `at` contains what varies inside its run, such as `samples`. A
    `bound` is a lower bound, if not all networks reached an event. Without a theory, its name and the verdict are
    empty, and its numbers are nan.
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
    """A measured number in the form for a run file.

    Args:
        quantity: what was measured.
        record: a record of `comparison.measurement_record`.
        at: what varies inside the run, such as the temperature of rates.
    """
    kept = {name: record[name] for name in ("value", "error", "n", "mixed", "note")}
    return {"quantity": quantity, "at": dict(at or {}), "bound": bool(record.get("bound", False)), **kept}


def measured_line(measured: Sequence[Mapping[str, Any]]) -> str:
    """The first measured numbers with their places in the run, in one line, and the number of the others."""
    first = [f"{one['quantity']}{_place(one['at'])} {_pair(one)}" for one in measured[:2]]
    return ", ".join([*first, *([f"{len(measured) - 2} more"] if len(measured) > 2 else [])])


def findings_of(run: Trajectory, theory: Sequence[Comparison]) -> Findings:
    """The findings that the file of a run will contribute to the table of a sweep.

    Args:
        run: the run.
        theory: comparisons that are stored with it.
    """
    meta = {name: run.meta[name] for name in ENTRIES if name in run.meta}
    return Findings(
        json.loads(json.dumps(meta, default=plain)), np.asarray(run.events.get(SAMPLES, [])), list(theory)
    )


def rows_of(file: Path, found: Findings, theory: Sequence[Comparison]) -> list[Row]:
    """The rows of a run file.

    Args:
        file: name of the file.
        found: contents of the file.
        theory: its comparisons, as judged for the sweep.

    Raises:
        InputFileError: an entry is not valid.
    """
    try:
        entries = entries_of(found.meta)
        settings = _settings(found.meta)
        return list(_rows(file.name, found, theory, entries, settings))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputFileError(
            f"the measurements in {file} contradict one another: restore it from a copy, or run again"
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
        if math.isfinite(measured.value):  # all numbers that are not finite count as equal
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
    """The name of the quantity that varies inside a run."""
    if found.meta.get("kind") == "rate":
        return "temperature"
    return SAMPLES if len(np.unique(found.samples)) > 1 else "point"


def _settings(meta: Mapping[str, Any]) -> dict[str, str]:
    """The settings in a file, without control characters; the column `theory` has the user-defined theories."""
    given = meta.get(SWEEP, {}).items()
    found = {name: _shown(str(value)) for name, value in given if name != "theory"}
    if len(found) > MOST_SETTINGS or not all(map(_is_name, found)):
        raise ValueError("no settings")
    return found


def _is_name(name: str) -> bool:
    """Whether a text can be the name of a setting; names of columns of the table are not allowed."""
    return len(name) <= MOST_LETTERS and name.isprintable() and name not in Row.__dataclass_fields__


def _shown(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def entries_of(meta: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The measured numbers in the meta of a file, without control characters.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: an entry is not valid.
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
    """A value and its error for a comparison; numbers that are not finite count as equal, because a file has null."""
    value, error = (repr(number) if math.isfinite(number) else "" for number in numbers)
    return value, error


def _float(value: Any) -> float:
    """A number of a file; null means a number that is not finite."""
    return math.nan if value is None else float(value)


def _place(at: Mapping[str, float]) -> str:
    """` at temperature 0.1`; empty for a number of the whole run."""
    return "".join(f" at {name} {value:g}" for name, value in at.items())


def _pair(record: Mapping[str, Any]) -> str:
    value, error = _float(record["value"]), _float(record["error"])
    return f"{value:.4g} +- {error:.2g}" if math.isfinite(error) else f"{'> ' * record['bound']}{value:.4g}"
