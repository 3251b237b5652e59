"""The walks of an unfinished run, read from its folder (`langevin.store.journal`)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from langevin.errors import InputFileError
from langevin.store.decode import decode
from langevin.store.layout import MAX_BYTES
from langevin.store.stored import StoredArray
from langevin.types import Trajectory

NOW = "now.h5"
#: Entry of the meta of a present.
ENTRY = "journal"
#: Largest number of pieces of a walk: each has 32 MiB or more.
MOST_PIECES = 1_000_000


class Entry(NamedTuple):
    """Further contents of a present: what decides the bits of the walk, the number of pieces before it, its place."""

    identity: str
    pieces: int
    aside: bool


def walk_folders(folder: Path) -> list[Path]:
    """Folders of the walks of an unfinished run that have a present, in order."""
    return [walk for walk in sorted(folder.glob("walk-*")) if (walk / NOW).is_file()]


def read_walks(folder: Path, max_bytes: float = math.inf) -> Trajectory:
    """The walks of an unfinished run as one run, joined along the walkers.

    A walk `aside` is left out. A walk with only its first frame is left out if others have more.

    Args:
        folder: PATH.partial of the run.
        max_bytes: largest size of the unpacked content.

    Raises:
        InputFileError: there is no walk, or one is damaged.
    """
    found = [read_walk(walk, max_bytes) for walk in walk_folders(folder)]
    parts = [run for run, entry in found if not entry.aside]
    if not parts:
        raise InputFileError(f"{folder} holds no walk yet", remedy="the run stopped before its first record")
    draws = max(part.states.shape[1] for part in parts)
    parts = [part for part in parts if part.states.shape[1] == draws]
    last = replace(parts[-1], meta={**parts[-1].meta, "complete": False})
    if len(parts) == 1:
        return last
    if (
        len({(frozenset(part.events), frozenset(part.observables), part.states.shape[2]) for part in parts})
        > 1
    ):
        raise InputFileError(f"{folder} holds walks of several runs", remedy="begin the run again")
    longest = max(parts, key=lambda part: float(part.times[-1]))

    def joined(pick: Callable[[Trajectory], NDArray[Any]]) -> NDArray[Any]:
        return np.concatenate([pick(part) for part in parts])

    return Trajectory(
        times=longest.times,
        steps=longest.steps,
        states=joined(lambda part: part.states),
        observables={
            name: joined(lambda part, name=name: part.observables[name])  # type: ignore[misc]
            for name in last.observables
        },
        events={
            name: joined(lambda part, name=name: part.events[name])  # type: ignore[misc]
            for name in last.events
        },
        meta=last.meta,
    )


def read_walk(folder: Path, max_bytes: float = math.inf, lazily: bool = False) -> tuple[Trajectory, Entry]:
    """The kept part of one walk, and the further contents of its present.

    The numbers stay in the files if `lazily`, or if they have more than `MAX_BYTES`. Otherwise the numbers of the
    present are read while it is open, because a continued run replaces this file.

    Args:
        folder: of the walk.
        max_bytes: largest size of the unpacked content.
        lazily: whether the numbers stay in the files.

    Raises:
        InputFileError: a file is damaged or a link, or a piece is missing.
    """
    present, _ = decode(_whole_name(folder / NOW), max_bytes, whole=not lazily)
    meta = dict(present.meta)
    entry = _entry(folder / NOW, meta.pop(ENTRY, None))
    files = [folder / f"{index:05d}.h5" for index in range(entry.pieces)]
    parts = [*(decode(_whole_name(file), max_bytes)[0] for file in files), replace(present, meta=meta)]
    if not lazily and size_of(parts) > MAX_BYTES:
        return read_walk(folder, max_bytes, lazily=True)
    return join_frames([*files, folder / NOW], parts, lazily), entry


def join_frames(files: Sequence[Path], parts: Sequence[Trajectory], lazily: bool) -> Trajectory:
    """The parts of a run in these files, joined along the frames; the last part gives the ends of the walkers.

    If `lazily`, numbers that are in the files of all parts stay there.

    Args:
        files: of the parts, in their order.
        parts: contents of the files.
        lazily: whether the numbers stay in the files.

    Raises:
        InputFileError: the parts belong to several runs, or one occurs twice.
    """
    first, last = parts[0], parts[-1]
    for index, (file, part) in enumerate(zip(files, parts, strict=True)):
        alike = (part.states.shape[0], part.states.shape[2]) == (first.states.shape[0], first.states.shape[2])
        if not alike or set(part.observables) != set(first.observables):
            raise InputFileError(f"{file} is not of the same run as {files[0].name}")
        before = parts[index - 1].steps if index else part.steps[:0]
        if part.steps.size and before.size and part.steps[0] <= before[-1]:
            raise InputFileError(
                f"{file} repeats steps of the segment before",
                remedy="remove it if it is a copy",
            )

    def joined(pick: Callable[[Trajectory], Any]) -> NDArray[Any]:
        arrays = [pick(part) for part in parts]
        alike = len({array.dtype for array in arrays}) == 1
        if lazily and alike and all(isinstance(array, StoredArray) for array in arrays):
            return cast(NDArray[Any], StoredArray.joined(arrays))
        return np.concatenate(arrays, axis=1)

    return Trajectory(
        times=np.concatenate([part.times for part in parts]),
        steps=np.concatenate([part.steps for part in parts]),
        states=joined(lambda part: part.states),
        observables={
            name: joined(lambda part, name=name: part.observables[name])  # type: ignore[misc]
            for name in first.observables
        },
        events=last.events if lazily else {name: np.asarray(values) for name, values in last.events.items()},
        meta={**last.meta, "created": first.meta.get("created")},
        state=last.state,
    )


def size_of(parts: Sequence[Trajectory]) -> int:
    """Size of all numbers of these parts, in bytes."""
    return sum(
        array.nbytes
        for part in parts
        for array in (part.states, *part.observables.values(), *part.events.values())
    )


def _whole_name(file: Path) -> Path:
    """The name of a file that is itself in this folder.

    Raises:
        InputFileError: the file does not exist, or is a link.
    """
    if file.is_symlink() or file.parent.is_symlink():
        raise InputFileError(f"{file} is a link to elsewhere", remedy="run again")
    if not file.is_file():
        raise InputFileError(f"{file} is missing", remedy="restore it from a copy or run again")
    return file


def _entry(file: Path, found_meta: Any) -> Entry:
    """The entry of a present, if langevin could have written it.

    Raises:
        InputFileError: langevin could not have written it.
    """
    found: Any = [found_meta.get(name) if isinstance(found_meta, dict) else None for name in Entry._fields]
    identity, pieces, aside = found
    if (
        not isinstance(identity, str)
        or type(pieces) is not int
        or not 0 <= pieces < MOST_PIECES
        or type(aside) is not bool
    ):
        raise InputFileError(f"{file} does not name its run", remedy="begin the run again")
    return Entry(identity, pieces, aside)
