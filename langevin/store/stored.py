"""An array that stays in its run file until it is used."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin
from numpy.typing import DTypeLike, NDArray

from langevin.errors import InputFileError
from langevin.store.trusted import dataset, hard_member, open_run, read
from langevin.types import arrays

#: Indices along one axis of a dataset: a range, or a list in any order.
Places = range | NDArray[np.int64]


@dataclass(frozen=True)
class Source:
    """A dataset of a file, and marks that distinguish the file from others of its name and from changed versions."""

    path: Path
    identity: tuple[int, ...]
    name: str
    shape: tuple[int, ...]

    def read(self, places: Sequence[Places]) -> NDArray[Any]:
        """The numbers at these indices (none is empty), read from the smallest box that contains them."""
        ends = [(int(min(along[0], along[-1])), int(max(along[0], along[-1]))) if isinstance(along, range)
                else (int(along.min()), int(along.max())) for along in places]  # fmt: skip
        changed = f"{self.path} was replaced, changed or removed since it was opened: load it again"
        if not self.path.is_file():
            raise InputFileError(changed)
        with open_run(self.path) as file:
            if _identity(file) != self.identity:
                raise InputFileError(changed)
            group, name = self.name.strip("/").split("/")
            data = dataset(hard_member(file, group, h5py.Group), name)
            values = read(data, tuple(slice(low, high + 1) for low, high in ends))
        for axis, (along, (low, _)) in enumerate(zip(places, ends, strict=True)):
            if not (isinstance(along, range) and along.step == 1):
                values = values.take(np.asarray(along) - low, axis)
        return values


@dataclass(eq=False, repr=False)
class StoredArray(NDArrayOperatorsMixin):
    """Numbers of run files, or a selection of them, with the reading interface of a NumPy array.

    Several sources are joined along the second axis, the frames. A file is open only while numbers are read. Arrays of
    up to `BLOCK_BYTES` are read once, at their first use, and kept. For larger arrays, a selection of walkers and
    frames (by slices; for walkers also by a list or mask) stays in the file. Every other use reads the needed numbers
    each time, and keeps nothing. A pickle contains the numbers. Assignment is not possible: make a copy by `np.array`.

    Raises:
        InputFileError: at a use, the file was replaced, changed or removed since it was opened, or is damaged.
    """

    sources: tuple[Source, ...]
    dtype: np.dtype[Any]
    places: tuple[Places, ...]
    kept: NDArray[Any] | None = None

    @classmethod
    def of(cls, path: Path, data: h5py.Dataset) -> StoredArray:
        """All of a checked dataset of an open file.

        Args:
            path: of the file.
            data: the dataset.
        """
        source = Source(path.absolute(), _identity(data.file), data.name, data.shape)
        return cls((source,), data.dtype.newbyteorder("="), tuple(range(length) for length in data.shape))

    @classmethod
    def joined(cls, parts: Sequence[StoredArray]) -> StoredArray:
        """Whole datasets of one type, one after the other along the frames."""
        first = parts[0]
        draws = sum(part.shape[1] for part in parts)
        places = (first.places[0], range(draws), *first.places[2:])
        return cls(tuple(source for part in parts for source in part.sources), first.dtype, places)

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of each axis."""
        return tuple(len(along) for along in self.places)

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Number of elements."""
        return int(np.prod(self.shape, dtype=object))

    @property
    def nbytes(self) -> int:
        """Size in memory when read."""
        return self.size * self.dtype.itemsize

    def __len__(self) -> int:
        """Number of walkers."""
        return self.shape[0]

    def __repr__(self) -> str:
        """Type, shape and file; nothing is read."""
        return f"<{self.dtype} {self.shape} in {self.sources[0].path.name}>"

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle and copy as an array of the numbers."""
        return np.array, (np.asarray(self),)

    def __getattr__(self, name: str) -> Any:
        """Other attributes of an array, from the numbers that are read."""
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(np.asarray(self), name)

    def __iter__(self) -> Iterator[Any]:
        """Iterate over the walkers, which are read in blocks."""
        for part in arrays.blocks(self.shape[:1], self.nbytes // max(len(self), 1)):
            yield from np.asarray(self[part])

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        """The numbers; they are read if they are not kept."""
        values = self._read() if self.kept is None else self.kept
        if self.nbytes <= arrays.BLOCK_BYTES:
            self.kept = values
        return np.array(values, dtype=dtype, copy=copy or None)

    def __getitem__(self, key: Any) -> Any:
        """The result of an array for any key: a selection that stays in the file, or numbers that are read."""
        if self.nbytes <= arrays.BLOCK_BYTES:
            return np.asarray(self)[key]
        items = _items(key, self.ndim)
        if items is None:
            return np.asarray(self)[key]
        picked = [
            _picked(along, slice(item, item + 1 or None) if isinstance(item, int) else item)
            for along, item in zip(self.places, items, strict=False)
        ]
        places = (*picked, *self.places[len(items) :])
        numbers = [isinstance(item, int) for item in items]
        if any(number and not len(along) for number, along in zip(numbers, picked, strict=True)):
            raise IndexError(f"{key!r} lies outside an array of the shape {self.shape}")
        part = replace(self, places=places, kept=None)
        if not any(numbers):
            return part
        return np.asarray(part)[tuple(0 if number else slice(None) for number in numbers)]

    def _read(self) -> NDArray[Any]:
        """The numbers of all sources."""
        if not self.size:
            return np.zeros(self.shape, self.dtype)
        if len(self.sources) == 1:
            return self.sources[0].read(self.places)
        values = np.empty(self.shape, self.dtype)
        chains, draws, *rest = self.places
        wanted, first = np.asarray(draws), 0
        for source in self.sources:
            here = np.flatnonzero((first <= wanted) & (wanted < first + source.shape[1]))
            if here.size:
                values[:, here] = source.read((chains, wanted[here] - first, *rest))
            first += source.shape[1]
        return values


def _identity(file: h5py.File) -> tuple[int, ...]:
    """Marks that distinguish an open file from another one of its name, or from a changed version."""
    facts = os.fstat(file.id.get_vfd_handle())
    return facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns


def _items(key: Any, ndim: int) -> tuple[Any, ...] | None:
    """The parts of a key, if each is a number or a slice, or the first one a list or mask; None for other keys."""
    given = key if isinstance(key, tuple) else (key,)
    if sum(item is Ellipsis for item in given) == 1:
        place = next(index for index, item in enumerate(given) if item is Ellipsis)
        given = (*given[:place], *[slice(None)] * (ndim - len(given) + 1), *given[place + 1 :])
    if not given or len(given) > ndim:
        return None
    items: list[Any] = []
    for axis, item in enumerate(given):
        if isinstance(item, slice):
            items.append(item)
        elif isinstance(item, int | np.integer) and not isinstance(item, bool):
            items.append(int(item))
        elif axis == 0 and isinstance(item, list | np.ndarray) and np.asarray(item).ndim == 1:
            items.append(np.asarray(item))
        else:
            return None
    return tuple(items)


def _picked(along: Places, item: Any) -> Places:
    """The indices that a slice, a list or a mask selects."""
    if isinstance(item, slice):
        return along[item]
    if item.dtype == bool and len(item) != len(along):
        raise IndexError(f"a mask of {len(item)} does not suit {len(along)} walkers")
    found: NDArray[np.int64] = np.asarray(along)[item]
    return found
