"""The parts of a run file; each is checked before it is read."""

from __future__ import annotations

import json
import math
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from langevin.errors import InputFileError, LangevinError
from langevin.store.layout import MOST_META, SCHEMA_VERSION, STRUCTURED

_FILTERS = {h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_FLETCHER32}
_MOST_OBJECTS = 10_000
_MOST_COMPRESSION = 1100  # gzip cannot shrink more than 1032 to 1
_SMALL = 2**20
_DEEPEST = 32
_WORD = 8  # bytes of a number
_LARGEST = 2**64


@contextmanager
def open_run(path: Path) -> Iterator[h5py.File]:
    """Open a run file; every error inside the block becomes one sentence about the file."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise InputFileError(f"{path} cannot be read: {error.strerror}", remedy="check the name") from error
    if not stat.S_ISREG(mode):
        raise InputFileError(f"{path} is not a file: give the name of a run file")
    try:
        known = h5py.is_hdf5(path)
    except OSError as error:
        raise InputFileError(f"{path} cannot be read: check the disk, or use a copy") from error
    if not known:
        raise InputFileError(
            f"{path} is not an HDF5 file, or its beginning is damaged", remedy="give a langevin run file"
        )
    try:
        with h5py.File(path, "r") as file:
            yield file
    except (LangevinError, MemoryError):
        raise
    except Exception as error:  # HDF5 raises almost any type of error for damaged files
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise InputFileError(
            f"{path} is damaged ({reason})", remedy="restore it from a copy or run again"
        ) from error


def refusal(path: Path, reason: str) -> InputFileError:
    """The error for a file that breaks the schema.

    Args:
        path: of the file.
        reason: end of the sentence.
    """
    return InputFileError(
        f"{path} is not a langevin run file that can be trusted: {reason}", remedy="restore it from a copy"
    )


def read_meta(file: h5py.File) -> dict[str, Any]:
    """The attributes of /meta; the version of the schema is checked first. In version 1 all are JSON texts."""
    path = Path(file.filename)
    attributes = hard_member(file, "meta", h5py.Group).attrs
    if len(attributes) > _MOST_OBJECTS or "schema_version" not in attributes:
        raise refusal(path, "it names no schema version")
    version = _version(attributes)
    if type(version) is not int or not 1 <= version <= SCHEMA_VERSION:
        raise InputFileError(
            f"{path} has schema version {repr(version)[:20]}, but 1 to {SCHEMA_VERSION} can be read: update langevin"
        )
    structured: Any = list(attributes)
    if version > 1:
        structured = _plain(str(_attribute(attributes, STRUCTURED, MOST_META)[0]))
        if not isinstance(structured, list) or not all(isinstance(key, str) for key in structured):
            raise refusal(path, f"the entry {STRUCTURED} of its meta is no list of names")
    meta: dict[str, Any] = {}
    left = MOST_META
    for key in attributes:
        value, size = _attribute(attributes, key, left)
        left -= size
        if key in structured and not isinstance(value, str):
            raise refusal(path, f"the entry {key[:40]!r} of its meta is no JSON text")
        meta[key] = _plain(str(value)) if key in structured else value
    meta.pop(STRUCTURED, None)
    return meta


def _version(attributes: h5py.AttributeManager) -> Any:
    """The version of the schema in a file: a number, in version 1 a text; None for anything else."""
    try:
        version = _attribute(attributes, "schema_version", MOST_META)[0]
    except (TypeError, ValueError):
        return None
    return {"1": 1}.get(version) if isinstance(version, str) else version


def _attribute(attributes: h5py.AttributeManager, key: str, most: int) -> tuple[str | int | float, int]:
    """An attribute that is a number, or a text of at most `most` bytes; and its size."""
    kind = attributes.get_id(key)
    text = h5py.check_string_dtype(kind.dtype)
    if kind.shape == () and text is None and kind.dtype.kind in "iuf" and kind.dtype.itemsize <= _WORD:
        return attributes[key].item(), kind.dtype.itemsize
    if kind.shape != () or text is None:
        raise TypeError(f"the attribute {key!r} is neither a number nor a text")
    # The length of a text of variable length is known only after reading; it is at most the length of the file.
    value = attributes[key] if (text.length or 0) <= most else None
    if value is None or len(value) > most:
        raise ValueError(f"its meta has more than {MOST_META} bytes of text")
    return value if isinstance(value, str) else bytes(value).decode("utf-8"), len(value)


def _plain(text: str) -> Any:
    """The value of a JSON text, if langevin could have written it: no huge numbers, no deep nesting."""
    value = json.loads(text, parse_int=_whole)
    if _depth(value) > _DEEPEST:
        raise ValueError(f"an entry of its meta is nested deeper than {_DEEPEST} levels")
    return value


def _whole(digits: str) -> int:
    number = int(digits)
    if abs(number) > _LARGEST:
        raise ValueError("a whole number in its meta has more than 64 bits")
    return number


def _depth(value: Any) -> int:
    """Number of nested containers, counted level by level."""
    depth, level = 0, [value]
    while level and depth <= _DEEPEST:
        inner = [
            one.values() if isinstance(one, dict) else one for one in level if isinstance(one, dict | list)
        ]
        depth, level = depth + bool(inner), [part for parts in inner for part in parts]
    return depth


def hard_member(group: h5py.Group, name: str, kind: type) -> Any:
    """The member of a group, if it is of the expected kind and in the same file.

    Args:
        group: of the file.
        name: of the member.
        kind: h5py.Group or h5py.Dataset.
    """
    path = Path(group.file.filename)
    link = group.get(name, getlink=True)
    if not isinstance(link, h5py.HardLink):
        raise refusal(path, f"{name!r} is missing or a link to elsewhere")
    member = group[name]
    if not isinstance(member, kind):
        raise refusal(path, f"{name!r} is not a {kind.__name__.lower()}")
    return member


def datasets(file: h5py.File, name: str) -> dict[str, h5py.Dataset]:
    """The datasets of a group; each is checked, and none is read yet.

    Args:
        file: an open file.
        name: of the group.
    """
    group = hard_member(file, name, h5py.Group)
    if len(group) > _MOST_OBJECTS:
        raise refusal(Path(file.filename), f"the group {name} has {len(group)} members")
    return {key: dataset(group, key) for key in group}


def dataset(group: h5py.Group, name: str) -> h5py.Dataset:
    """A dataset of a group; it is checked, and not read yet.

    Args:
        group: of the file.
        name: of the dataset.
    """
    data: h5py.Dataset = hard_member(group, name, h5py.Dataset)
    wrong = _objection(data)
    if wrong:
        raise refusal(Path(group.file.filename), f"the dataset {data.name!r} {wrong}")
    return data


def _objection(data: h5py.Dataset) -> str | None:
    """Why a dataset must not be read; None if it may be read."""
    if data.is_virtual or data.external:
        return "takes its numbers from another file"
    creation = data.id.get_create_plist()
    filters = [creation.get_filter(index)[0] for index in range(creation.get_nfilters())]
    if len(set(filters)) < len(filters) or not set(filters) <= _FILTERS:
        return "uses filters that langevin does not write"
    text = h5py.check_string_dtype(data.dtype)
    fixed_text = text is not None and text.length is not None
    if not fixed_text and (data.dtype.kind not in "biuf" or data.dtype.itemsize > 8):
        return f"holds {data.dtype}, neither number nor plain text"
    if data.shape is None or not 1 <= data.ndim <= 3:
        return "is not an array of one to three axes"
    return None


def check_size(path: Path, datasets: list[h5py.Dataset], max_bytes: float = math.inf) -> None:
    """Refuse a file that declares more data than it can contain, or more than `max_bytes`.

    Args:
        path: of the file, for the error.
        datasets: all datasets that may be read.
        max_bytes: largest size of the unpacked content.
    """
    shapes = [(data, shape) for data in datasets for shape in (data.shape, data.chunks) if shape]
    declared = sum(float(np.prod(shape, dtype=float)) * data.dtype.itemsize for data, shape in shapes)
    size = path.stat().st_size
    size = min(size, sum(data.id.get_storage_size() for data in datasets))
    if declared > size * _MOST_COMPRESSION + _SMALL:
        raise refusal(
            path, f"it declares {declared:.3g} bytes, more than numbers of a run that take so little room"
        )
    if declared > max_bytes:
        raise InputFileError(f"{path} holds {declared:.3g} bytes unpacked, over the limit of {max_bytes:.3g}")


def read(data: h5py.Dataset, part: Any = ()) -> NDArray[Any]:
    """A checked dataset, or a part of it, in the byte order of the machine; texts as str.

    Args:
        data: a checked dataset.
        part: index of the part; all if absent.
    """
    values = np.asarray(data[part])
    if values.dtype.kind == "S":
        return np.char.decode(values, "utf-8")
    return values.astype(values.dtype.newbyteorder("="), copy=False)
