"""A trajectory as the bytes of an HDF5 file, built in memory.

In memory, because an HDF5 library that meets a full disk leaves rows of zeros and crashes the interpreter
at exit, where writing plain bytes fails cleanly.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import h5py
import numpy as np
from numpy.typing import ArrayLike

import langevin
from langevin.errors import UsageError
from langevin.store.layout import (
    COLUMNS,
    GROUPS,
    LATER,
    MOST_META,
    MOST_ROWS,
    SCHEMA_VERSION,
    misfit,
    storage,
)
from langevin.types import Comparison, Trajectory, law_record


def encode(trajectory: Trajectory, theory: Sequence[Comparison] = ()) -> bytes:
    """Bytes of the file of a run (schema: `langevin.store`).

    Raises:
        UsageError: shapes that do not fit together, a name or a type that a file cannot hold,
            a meta entry that JSON cannot.
    """
    wrong = misfit(trajectory)
    if wrong:
        raise UsageError(
            f"cannot save this trajectory: {wrong}", "a trajectory as `simulate` makes it", "mend that entry"
        )
    if len(theory) > MOST_ROWS:
        raise UsageError(
            f"a file cannot hold {len(theory)} comparisons", f"at most {MOST_ROWS} comparisons", "save fewer"
        )
    # HDF5 refuses two open files of one name, in memory too, so the name is drawn. The format of version 1.10
    # has checksums on its metadata as well, and every present reader knows it.
    with h5py.File(
        secrets.token_hex(8),
        "w",
        driver="core",
        backing_store=False,
        libver=("v110", "v110"),
        track_order=True,
    ) as file:
        chains, draws, dim = np.shape(trajectory.states)
        group = _group(file, "trajectory", (chains, draws, dim))
        write_array(group, "states", trajectory.states, ("chain", "draw", "dim"))
        write_array(group, "time", np.asarray(trajectory.times, dtype="<f8"), ("draw",))
        write_array(group, "step", np.asarray(trajectory.steps, dtype="<i8"), ("draw",))
        group["states"].attrs["coordinates"] = "time step"
        _fill(_group(file, "observables", (chains, draws)), trajectory.observables)
        _fill(_group(file, "events", (chains,)), trajectory.events)
        if theory:
            _fill(_group(file, "theory", (len(theory),)), _columns(theory))
        write_meta(file.create_group("meta", track_order=True), trajectory.meta)
        file.flush()
        content: bytes = file.id.get_file_image()
        return content


def _group(file: h5py.File, name: str, shape: Sequence[int]) -> h5py.Group:
    """A group with its named dimensions, each indexed 0, 1, 2 ..."""
    group = file.create_group(name, track_order=True)
    for dimension, length in zip(GROUPS[name], shape, strict=True):
        write_array(group, dimension, np.arange(length, dtype="<i8"), ())
        group[dimension].make_scale(dimension)
    return group


def _fill(group: h5py.Group, arrays: Mapping[str, ArrayLike]) -> None:
    """Write arrays that all span the dimensions of their group."""
    dimensions = GROUPS[group.name.strip("/")]
    for name, values in arrays.items():
        if not name or "/" in name or "\0" in name or name in (".", *dimensions):
            raise UsageError(
                f"{name!r} cannot be the name of a dataset",
                "names without / and not .",
                "rename that observable or event",
            )
        write_array(group, name, values, dimensions)


def write_array(group: h5py.Group, name: str, values: ArrayLike, dimensions: Sequence[str]) -> None:
    """Write one array and attach its dimensions."""
    array = np.asarray(values)
    if array.dtype.kind == "U":
        array = np.char.encode(array, "utf-8")
        array = array.astype(h5py.string_dtype("utf-8", max(array.dtype.itemsize, 1)))
    elif array.dtype.kind not in "biuf" or array.dtype.itemsize > 8:
        raise UsageError(
            f"{name} holds {array.dtype}", allowed="a file takes booleans, integers, floats and text only"
        )
    else:
        array = array.astype(array.dtype.newbyteorder("<"), copy=False)
    kwargs = storage(array.shape, array.dtype.itemsize)
    dataset = group.create_dataset(name, data=array, dtype=array.dtype, **kwargs)
    if array.dtype.kind == "S":
        dataset.attrs["_Encoding"] = "utf-8"
    for axis, dimension in enumerate(dimensions):
        dataset.dims[axis].attach_scale(group[dimension])


def _columns(theory: Sequence[Comparison]) -> dict[str, ArrayLike]:
    """The comparisons as columns of a table."""
    rows = [
        (
            *(row.theory, row.point, row.measured.value, row.measured.error, row.measured.n),
            *(row.measured.estimator, row.measured.mixed, row.measured.note),
            *(row.predicted.value, row.predicted.remainder, row.predicted.in_range),
            *(row.z, row.ratio, row.verdict),
            *(row.quantity, row.detectable, json.dumps(law_record(row.measured.law))),
        )
        for row in theory
    ]
    return {name: np.array(column) for name, column in zip((*COLUMNS, *LATER), zip(*rows), strict=True)}


def write_meta(group: h5py.Group, meta: Mapping[str, Any]) -> None:
    """One JSON attribute an entry; a run that was loaded keeps who created it, and when."""
    entries = {
        "creator": "langevin",
        "creator_version": langevin.__version__,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        **meta,
        "schema_version": SCHEMA_VERSION,
    }
    spent = 0
    for key, value in entries.items():
        try:
            text = json.dumps(value, default=_plain).encode("ascii")
            spent += len(text)
            if spent > MOST_META:
                raise ValueError(f"all entries together take more than {MOST_META} bytes of text")
            group.attrs.create(key, np.array(text, dtype=h5py.string_dtype("utf-8", len(text))))
        except (TypeError, ValueError) as error:
            raise UsageError(
                f"the meta entry {key!r} cannot be written as JSON: {error}",
                "plain values",
                "give numbers, texts, lists and mappings",
            ) from error


def _plain(value: Any) -> Any:
    """NumPy's numbers and arrays as Python's."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    raise TypeError(f"a {type(value).__name__} is no plain value")
