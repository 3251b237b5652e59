"""Write a trajectory to an HDF5 file; only one block of it is in memory."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import ArrayLike, NDArray

import langevin
from langevin.errors import UsageError
from langevin.store.layout import (
    AXIS,
    BARE_DIMENSION,
    CHUNK_BYTES,
    COLUMNS,
    FRAMES,
    GROUPS,
    LATER,
    MOST_META,
    MOST_ROWS,
    SCHEMA_VERSION,
    STATE,
    STRUCTURED,
    WEIGHTS,
    misfit,
    storage,
)
from langevin.store.sink import new_file
from langevin.types import Comparison, Trajectory, blocks, law_record


def write_run(
    path: Path,
    trajectory: Trajectory,
    theory: Sequence[Comparison] = (),
    force: bool = False,
) -> Path:
    """Write the file of a run (schema: `langevin.store`), with the arrays from which it can be continued.

    Args:
        path: of the file.
        trajectory: the run.
        theory: comparisons that are stored with it.
        force: whether an existing file is replaced.

    Raises:
        OutputError: the file exists and `force` is not given, or the operating system refuses.
        UsageError: shapes do not fit together, a file cannot contain a name or a type, or JSON cannot represent a meta
            entry.
    """
    wrong = misfit(trajectory)
    if wrong:
        raise UsageError(
            f"cannot save this trajectory: {wrong}",
            "a trajectory as `simulate` makes it",
            "correct that entry",
        )
    if len(theory) > MOST_ROWS:
        raise UsageError(
            f"a file cannot hold {len(theory)} comparisons", f"at most {MOST_ROWS} comparisons", "save fewer"
        )
    with new_file(path, force) as file:
        chains, draws, dim = np.shape(trajectory.states)
        group = _group(file, "trajectory", (chains, draws, dim))
        write_array(group, "states", trajectory.states, ("chain", "draw", "dim"))
        _write_frames(group, trajectory)
        group = _group(file, "observables", (chains, draws))
        _fill(group, trajectory.observables)
        _write_frames(group, trajectory)
        _fill(_group(file, "events", (chains,)), trajectory.events)
        if theory:
            _fill(_group(file, "theory", (len(theory),)), _columns(theory))
        if trajectory.state:
            write_state(file, trajectory.state)
        if trajectory.weights:
            write_state(file, trajectory.weights, WEIGHTS)
        write_meta(file.create_group("meta", track_order=True), trajectory.meta)
    return path


def write_state(file: h5py.File, state: Mapping[str, NDArray[Any]], where: str = STATE) -> None:
    """Write arrays of any shapes, such as those from which a run is continued; lengths name their dimensions.

    Args:
        file: open for writing.
        state: arrays by name.
        where: name of the group.
    """
    group = file.create_group(where, track_order=True)
    for name, values in state.items():
        if not name or "/" in name or "\0" in name or name.startswith((".", AXIS)):
            raise UsageError(f"{name!r} cannot be the name of an array of a state", "names without /")
        shape = np.shape(values)
        for length in sorted(set(shape)):
            if f"{AXIS}{length}" not in group:
                write_array(group, f"{AXIS}{length}", np.zeros(length, "i1"), ())
                group[f"{AXIS}{length}"].make_scale(f"{BARE_DIMENSION}{length:10d}")
        write_array(group, name, values, [f"{AXIS}{length}" for length in shape])


def _write_frames(group: h5py.Group, trajectory: Trajectory) -> None:
    """Write the times and steps of the frames, as coordinates in the sense of the CF conventions of netCDF."""
    write_array(group, "time", np.asarray(trajectory.times, dtype="<f8"), ("draw",))
    write_array(group, "step", np.asarray(trajectory.steps, dtype="<i8"), ("draw",))
    group.attrs["coordinates"] = " ".join(FRAMES)


def _group(file: h5py.File, name: str, shape: Sequence[int]) -> h5py.Group:
    """A group with its named dimensions, each with the index 0, 1, 2 ..."""
    group = file.create_group(name, track_order=True)
    for dimension, length in zip(GROUPS[name], shape, strict=True):
        write_array(group, dimension, np.arange(length, dtype="<i8"), ())
        group[dimension].make_scale(dimension)
    return group


def _fill(group: h5py.Group, arrays: Mapping[str, ArrayLike]) -> None:
    """Write arrays that have all dimensions of their group."""
    dimensions = GROUPS[group.name.strip("/")]
    for name, values in arrays.items():
        reserved = (".", *dimensions, *(FRAMES if "draw" in dimensions else ()))
        if not name or "/" in name or "\0" in name or name in reserved:
            raise UsageError(
                f"{name!r} cannot be the name of a dataset",
                f"names without /, and none of {', '.join(reserved)}",
                "rename that observable or event",
            )
        write_array(group, name, values, dimensions)


def write_array(group: h5py.Group, name: str, values: ArrayLike, dimensions: Sequence[str]) -> None:
    """Write one array and attach its dimensions; an array in a file is read and written block by block.

    Args:
        group: the group of the array.
        name: of the array.
        values: of the array.
        dimensions: a name for each axis.
    """
    array: Any = values if hasattr(values, "dtype") else np.asarray(values)
    if array.dtype.kind == "U":
        array = np.char.encode(array, "utf-8")
        array = array.astype(h5py.string_dtype("utf-8", max(array.dtype.itemsize, 1)))
    elif array.dtype.kind not in "biuf" or array.dtype.itemsize > 8:
        raise UsageError(
            f"{name} holds {array.dtype}", allowed="a file takes booleans, integers, floats and text only"
        )
    kind = array.dtype.newbyteorder("<")
    # The low-level interface is used, because a file has some forty small arrays and the high-level one is slow for
    # them.
    dataset = h5py.h5d.create(
        group.id, name.encode(), h5py.h5t.py_create(kind, logical=True), h5py.h5s.create_simple(array.shape),
        _properties(**storage(array.shape, kind)), _in_utf8(),
    )  # fmt: skip
    if array.nbytes <= CHUNK_BYTES:
        dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, np.ascontiguousarray(array, kind))
    else:
        row = array.nbytes // max(math.prod(array.shape[:2]), 1)
        for part in blocks(array.shape[:2], row):
            h5py.Dataset(dataset)[part] = np.asarray(array[part])
    if kind.kind == "S":
        h5py.AttributeManager(h5py.Dataset(dataset)).create("_Encoding", _text("utf-8"))
    for axis, dimension in enumerate(dimensions):
        h5py.h5ds.attach_scale(dataset, h5py.h5d.open(group.id, dimension.encode()), axis)


@lru_cache(maxsize=256)
def _properties(
    chunks: tuple[int, ...] = (), shuffle: bool = False, compression: str = "", compression_opts: int = 0,
    fletcher32: bool = False,
) -> Any:  # fmt: skip
    """Storage properties of a dataset, with the keywords of h5py's `create_dataset`."""
    found = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    found.set_obj_track_times(False)
    if chunks:
        found.set_chunk(chunks)
    if shuffle:
        found.set_shuffle()
    if compression == "gzip":
        found.set_deflate(compression_opts)
    if fletcher32:
        found.set_fletcher32()
    return found


@cache
def _in_utf8() -> Any:
    """Properties of links whose names may contain any characters."""
    found = h5py.h5p.create(h5py.h5p.LINK_CREATE)
    found.set_char_encoding(h5py.h5t.CSET_UTF8)
    return found


def _columns(theory: Sequence[Comparison]) -> dict[str, ArrayLike]:
    """The comparisons as columns of a table."""
    rows = [
        (
            *(row.theory, row.point, row.measured.value, row.measured.error, row.measured.n),
            *(row.measured.estimator, row.measured.mixed, row.measured.note),
            *(row.predicted.value, row.predicted.remainder, row.predicted.in_range),
            *(row.z, row.ratio, row.verdict),
            *(
                row.quantity,
                row.detectable,
                json.dumps(law_record(row.measured.law)),
                row.measured.step_error,
            ),
        )
        for row in theory
    ]
    return {name: np.array(column) for name, column in zip((*COLUMNS, *LATER), zip(*rows), strict=True)}


def write_meta(group: h5py.Group, meta: Mapping[str, Any]) -> None:
    """Write one attribute for each entry: texts and numbers directly, all else as JSON texts, which `structured` names.

    A loaded run keeps its creator and its creation time.

    Args:
        group: the group of the attributes.
        meta: entries by name.
    """
    entries = {
        "creator": "langevin",
        "creator_version": langevin.__version__,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        **meta,
        "schema_version": SCHEMA_VERSION,
    }
    entries.pop(STRUCTURED, None)
    structured, spent = [], 0
    for key, value in entries.items():
        try:
            kept = _attribute(value)
            if kept is None:
                structured.append(key)
                kept = _text(json.dumps(value, default=plain))
            spent += kept.nbytes
            if spent > MOST_META:
                raise ValueError(f"all entries together take more than {MOST_META} bytes of text")
            group.attrs.create(key, kept)
        except (TypeError, ValueError) as error:
            raise UsageError(
                f"the meta entry {key!r} cannot be written as JSON: {error}",
                "plain values",
                "give numbers, texts, lists and mappings",
            ) from error
    group.attrs.create(STRUCTURED, _text(json.dumps(structured)))


def _attribute(value: Any) -> NDArray[Any] | None:
    """A text or a number in its HDF5 form; None for any other value."""
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, str) and "\0" not in value:
        return _text(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, float):
        return np.array(value, "<f8")
    if not -(2**63) <= value < 2**64:
        return None
    return np.array(value, "<i8" if value < 2**63 else "<u8")


def _text(text: str) -> NDArray[Any]:
    """A text of fixed length: HDF5 stores texts of variable length without checksums."""
    content = text.encode()
    return np.array(content, dtype=h5py.string_dtype("utf-8", max(len(content), 1)))


def plain(value: Any) -> Any:
    """NumPy numbers and arrays as Python numbers and lists."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    raise TypeError(f"a {type(value).__name__} is no plain value")
