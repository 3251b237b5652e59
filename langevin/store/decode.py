"""Read a run file, with a check of everything in it."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any, NamedTuple, cast

import h5py
import numpy as np
from numpy.typing import NDArray

from langevin.store.layout import (
    AXIS,
    COLUMNS,
    FRAMES,
    GROUPS,
    LATER,
    MAX_BYTES,
    MOST_ROWS,
    MOST_TEXT,
    STATE,
    TEXTS,
    WEIGHTS,
    misfit,
)
from langevin.store.stored import StoredArray
from langevin.store.trusted import (
    check_size,
    dataset,
    datasets,
    hard_member,
    open_run,
    read,
    read_meta,
    refusal,
)
from langevin.types import Comparison, Law, Measurement, Prediction, Trajectory, law_from

#: The label of walkers that distinguishes several ensembles of a run.
SAMPLES = "samples"
#: Arrays that are read when the file is opened, as all texts: every use of a run needs them.
AT_ONCE = {f"/{group}/{name}" for group in ("trajectory", "observables") for name in FRAMES}


class Findings(NamedTuple):
    """The contents of a run file without its long arrays: meta, the label `samples` of its walkers, comparisons."""

    meta: dict[str, Any]
    samples: NDArray[Any]
    theory: list[Comparison]


def read_findings(path: Path) -> Findings:
    """The contents of a run file without its long arrays, which are not read.

    Raises:
        InputFileError: the file is not a run file, has a newer schema, is damaged, or has more than `MAX_BYTES` to
            read.
    """
    with open_run(path) as file:
        meta = read_meta(file)
        theory = datasets(file, "theory") if "theory" in file else {}
        events = hard_member(file, "events", h5py.Group)
        labels = [dataset(events, SAMPLES)] if SAMPLES in events else []
        every = [*theory.values(), *labels]
        check_size(path, every, MAX_BYTES)
        check_size(path, [data for data in every if data.dtype.kind == "S"], MOST_TEXT)
        _check_rows(path, theory)
        columns = {name: read(data) for name, data in theory.items() if not _is_dimension("theory", name)}
        return Findings(meta, read(labels[0]) if labels else np.empty(0), _comparisons(columns))


def decode(
    path: Path, max_bytes: float = math.inf, whole: bool = False
) -> tuple[Trajectory, list[Comparison]]:
    """The trajectory in a run file, and its stored comparisons with theories.

    Numeric states, observables, events and arrays of its state stay in the file until they are used (`StoredArray`).
    With `whole`, they are read at once if the file has at most `MAX_BYTES`.

    Args:
        path: of the file.
        max_bytes: largest size of the unpacked content.
        whole: whether a small content is read at once.

    Raises:
        InputFileError: the file is not a run file, has a newer schema, is damaged, is larger than `max_bytes` when
            unpacked, or has more than `MAX_BYTES` to read at once.
    """
    with open_run(path) as file:
        meta = read_meta(file)
        found = {name: datasets(file, name) for name in (*GROUPS, STATE, WEIGHTS) if name in file}
        missing = {"trajectory", "events"} - set(found)
        if missing:
            raise refusal(path, f"the group {sorted(missing)[0]} is missing")
        every = [data for group in found.values() for data in group.values()]
        check_size(path, every, max_bytes)
        _check_rows(path, found.get("theory", {}))
        whole = whole and sum(float(data.nbytes) for data in every) <= MAX_BYTES
        check_size(path, [data for data in every if data.dtype.kind == "S"], MOST_TEXT)
        check_size(path, [data for data in every if not _stays(data, whole)], MAX_BYTES)
        arrays = {
            name: {
                key: cast(NDArray[Any], StoredArray.of(path, data)) if _stays(data, whole) else read(data)
                for key, data in group.items()
                if not _is_dimension(name, key)
            }
            for name, group in found.items()
        }
        core = arrays["trajectory"]
        observables = arrays.get("observables", {})
        if meta["schema_version"] > 1:  # in a file of version 1 these names are not reserved
            observables = {name: values for name, values in observables.items() if name not in FRAMES}
        trajectory = Trajectory(
            core["time"],
            core["step"],
            core["states"],
            observables,
            arrays["events"],
            meta,
            arrays.get(STATE, {}),
            arrays.get(WEIGHTS, {}),
        )
        wrong = misfit(trajectory)
        if wrong:
            raise refusal(path, wrong)
        return trajectory, _comparisons(arrays.get("theory", {}))


def _check_rows(path: Path, theory: dict[str, h5py.Dataset]) -> None:
    """Refuse comparisons without a column, with columns of different lengths, or with too many rows."""
    if not theory:
        return
    lengths = {data.shape for data in theory.values()}
    missing = [name for name in COLUMNS if name not in theory]
    kinds = all((name in TEXTS) == (data.dtype.kind == "S") for name, data in theory.items())
    if missing or len(lengths) > 1 or not kinds:
        raise refusal(path, "its comparisons are no table with the columns of one")
    if theory[COLUMNS[0]].size > MOST_ROWS:
        raise refusal(path, f"it holds more than {MOST_ROWS} comparisons")


def _is_dimension(group: str, name: str) -> bool:
    """Whether a dataset of this name is a dimension of its group."""
    return name.startswith(AXIS) if group in (STATE, WEIGHTS) else name in GROUPS[group]


def _stays(data: h5py.Dataset, whole: bool) -> bool:
    """Whether an array stays in the file until it is used."""
    temporary = data.name in AT_ONCE or data.name.startswith("/theory/")
    return not (whole or temporary) and data.dtype.kind in "biuf"


def _comparisons(columns: dict[str, NDArray[Any]]) -> list[Comparison]:
    """The rows of /theory."""
    if not columns:
        return []
    names = (*COLUMNS, *(name for name in LATER if name in columns))
    rows = zip(*(columns[name].tolist() for name in names), strict=True)
    return [_comparison(dict(zip(names, row, strict=True))) for row in rows]


def _comparison(row: dict[str, Any]) -> Comparison:
    return Comparison(
        theory=row["theory"],
        point=row["point"],
        measured=Measurement(
            row["measured"],
            row["error"],
            row["n"],
            row["estimator"],
            row["mixed"],
            row["note"],
            _law(row),
            row.get("step_error", 0.0),
        ),
        predicted=Prediction(row["predicted"], row["remainder"], row["in_range"]),
        z=row["z"],
        ratio=row["ratio"],
        verdict=row["verdict"],
        quantity=row.get("quantity", ""),
        detectable=row.get("detectable", math.inf),
    )


def _law(row: dict[str, Any]) -> Law | None:
    """The distribution of a measured number; None if the file contains no known one."""
    try:
        return law_from(json.loads(row.get("law", "{}")))
    except (TypeError, ValueError):
        return None
