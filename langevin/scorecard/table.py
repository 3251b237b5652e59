"""The table of trainings: a row for each network, with the data that a theory may use and the outcome."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from langevin.errors import InputFileError
from langevin.scorecard.cells import CALIBRATION, HELD_OUT
from langevin.scorecard.moments import Outcome
from langevin.types import FloatArray, Seen

#: Columns that a theory may use, without columns of leaves; columns of words; prefix of the columns of leaves.
SEEN = tuple(one.name for one in fields(Seen) if one.name != "norms")
WORDS = ("task", "law", "loss")
LEAF = "norm["
#: Largest table that is read, in bytes.
MOST = 50_000_000
#: Shortest delay that counts, in steps: recorded steps of early events touch one another.
SHORTEST = 0.5


@dataclass(frozen=True)
class Runs:
    """Trainings, an array (runs,) each.

    seen       what a theory may see
    cell       name of the cell
    held_out   whether the cell is held out
    outcome    how the training ended, one of `Outcome`
    low, high  log10 of the delay is between these; high is infinite for a run that has not generalised
    """

    seen: Seen
    cell: NDArray[np.str_]
    held_out: NDArray[np.bool_]
    outcome: NDArray[np.str_]
    low: FloatArray
    high: FloatArray

    @property
    def timed(self) -> NDArray[np.bool_]:
        """Which runs have a delay, known or longer than the run. Other runs have other outcomes."""
        return np.isin(self.outcome, [Outcome.DELAYED, Outcome.CENSORED])

    def __len__(self) -> int:
        """Number of runs."""
        return len(self.cell)


def select(runs: Runs, which: NDArray[Any]) -> Runs:
    """Some of the runs, by a mask or by numbers.

    Args:
        runs: the runs.
        which: a mask (runs,), or numbers of runs.
    """
    return replace(
        runs, seen=select_seen(runs.seen, which),
        **{name: getattr(runs, name)[which] for name in ("cell", "held_out", "outcome", "low", "high")},
    )  # fmt: skip


def select_seen(seen: Seen, which: NDArray[Any]) -> Seen:
    """Some of the trainings that a theory gets. They are read-only, so that no theory can change them for another.

    Args:
        seen: the trainings.
        which: a mask (runs,), or numbers of runs.
    """
    chosen = {name: getattr(seen, name)[which] for name in SEEN}
    norms = {name: values[which] for name, values in seen.norms.items()}
    for values in (*chosen.values(), *norms.values()):
        values.setflags(write=False)
    return Seen(**chosen, norms=MappingProxyType(norms))


def read_runs(path: Path) -> Runs:
    """The trainings of a table, a CSV file with a header.

    Raises:
        InputFileError: the file cannot be read, a column is missing, or an entry is none.
    """
    try:
        if path.exists() and not path.is_file():
            raise InputFileError(f"{path} is no file, but a folder or a device: it is no table of trainings")
        if path.stat().st_size > MOST:
            raise InputFileError(f"{path} is larger than {MOST:,} bytes: it is no table of trainings")
        with path.open(newline="", encoding="utf-8-sig") as handle:
            rows = list(csv.DictReader(handle))
    except InputFileError:
        raise
    except OSError as error:
        raise InputFileError(
            f"{path} cannot be read: {error.strerror}",
            "a table of trainings, as `langevin run sims.grokking_times` makes it",
            "name the table by --table, or leave it out for the one that comes with langevin",
        ) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputFileError(f"{path} cannot be read as a table of trainings: {error}") from error
    if not rows:
        raise InputFileError(f"{path} has no rows: `langevin run sims.grokking_times` makes a table")
    if any(None in row for row in rows):
        raise InputFileError(f"{path} is no table of trainings: a row has more entries than the header")
    try:
        runs = runs_of(rows)
        check_rows(rows)
        return runs
    except KeyError as missing:
        raise InputFileError(f"{path} has no column {missing}: it is no table of trainings") from missing
    except (ValueError, TypeError) as error:
        raise InputFileError(f"{path} is no table of trainings: {error}") from error


def check_rows(rows: Sequence[Mapping[str, Any]]) -> None:
    """Refuse inconsistent rows, which would give wrong scores without a message.

    Raises:
        KeyError, ValueError: a column is missing; a network is there twice; a cell has two splits or another word for
            it; a step of a run with a delay is not a number, or these steps are out of order; a learning rate is
            not above 0.
    """
    splits: dict[str, str] = {}
    lines: dict[tuple[str, str], int] = {}
    for number, row in enumerate(rows, 2):
        first = lines.setdefault((row["cell"], str(row["network"])), number)
        if first != number:
            raise ValueError(
                f"the network {row['network']} of the cell {row['cell']} is in the lines {first} and {number}"
            )
        if row["split"] not in (CALIBRATION, HELD_OUT):
            raise ValueError(
                f"the split in line {number} is {row['split']!r}, not {CALIBRATION!r} or {HELD_OUT!r}"
            )
        if splits.setdefault(row["cell"], row["split"]) != row["split"]:
            raise ValueError(
                f"the cell {row['cell']} serves for calibration and is held out, in line {number}"
            )
        if not 0 < float(row["learning_rate"]) < np.inf:
            raise ValueError(
                f"the learning rate in line {number} is {row['learning_rate']}, not a number above 0"
            )
        outcome = Outcome(row["outcome"])
        names = ["memorised_after", "memorised_by", "generalised_after", "generalised_by"]
        if outcome not in (Outcome.DELAYED, Outcome.CENSORED):
            continue
        steps = [float(row[name]) for name in names[: 4 if outcome is Outcome.DELAYED else 3]]
        if not (np.isfinite(steps).all() and steps == sorted(steps) and steps[0] >= 0):
            raise ValueError(
                f"the steps {', '.join(names[: len(steps)])} in line {number} do not rise from 0 on"
            )


def runs_of(rows: Sequence[Mapping[str, Any]]) -> Runs:
    """The trainings of rows as `langevin.scorecard.rows` makes them.

    Raises:
        KeyError, ValueError: a column is missing, or an entry is none.
    """

    def numbers(name: str) -> FloatArray:
        return np.array([float(row[name] if row[name] not in ("", None) else "nan") for row in rows])

    def words(name: str) -> NDArray[np.str_]:
        return np.array([str(row[name]) for row in rows])

    columns: dict[str, Any] = {name: words(name) if name in WORDS else numbers(name) for name in SEEN}
    names = dict.fromkeys(name for row in rows for name in row if name.startswith(LEAF))
    leaves = {
        name.removeprefix(LEAF).removesuffix("]"): np.array([float(row.get(name) or "nan") for row in rows])
        for name in names
    }
    outcome = np.array([str(Outcome(row["outcome"])) for row in rows])
    shortest = numbers("generalised_after") - numbers("memorised_by")
    longest = numbers("generalised_by") - numbers("memorised_after")
    never = outcome != Outcome.DELAYED
    return Runs(
        seen=Seen(**columns, norms=leaves),
        cell=words("cell"),
        held_out=words("split") == HELD_OUT,
        outcome=outcome,
        low=np.log10(np.maximum(shortest, SHORTEST)),
        high=np.where(never, np.inf, np.log10(np.maximum(longest, 2 * SHORTEST))),
    )
