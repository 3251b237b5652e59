"""Records of a run that is still going: small complete files, cut along the draws.

A run that is killed loses at most the segment it was working on. The events of the last segment are those of
the run; so is its `meta`, except for the moment of creation, which is the first one's.
"""

from __future__ import annotations

import math
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from langevin.errors import InputFileError
from langevin.store.atomic import flush_folder, output_errors, partial_folder, write_file
from langevin.store.claims import claim_for_pieces, done
from langevin.store.decode import decode
from langevin.store.encode import encode
from langevin.store.layout import MAX_BYTES
from langevin.types import Comparison, Trajectory

SEGMENT = re.compile(r"\d{5,}\.h5")


def append_segment(path: str | Path, index: int, part: Trajectory) -> Path:
    """Write segment `index` (0, 1, 2 ...) of the run that is to become `path`; on return it is on the disk.

    Raises:
        OutputError: the segment exists already, another run writes `path`, or the operating system refuses.
        UsageError: a trajectory that a file cannot hold.
    """
    return _write_segment(path, index, part, force=False)


def _write_segment(path: str | Path, index: int, part: Trajectory, force: bool) -> Path:
    content = encode(part)
    claim_for_pieces(Path(path))
    folder = partial_folder(Path(path))
    with output_errors(folder):
        folder.mkdir(exist_ok=True)
        flush_folder(folder.parent)
    return write_file(folder / f"{index:05d}.h5", content, force)


def write_so_far(path: str | Path, run: Trajectory) -> Path:
    """Write a run that is to become `path`, as far as it is, as its only segment, in the place of the one before.

    For runs whose records cannot be cut along the draws, since their last frame is where the walkers stand.

    Raises:
        OutputError: the operating system refuses.
        UsageError: a trajectory that a file cannot hold.
    """
    return _write_segment(path, 0, run, force=True)


def merge(path: str | Path, force: bool = False, theory: list[Comparison] | None = None) -> Path:
    """Join the segments into the one file `path`, then remove their folder.

    Raises:
        InputFileError: no segments, or damaged ones.
        OutputError: `path` exists and `force` is not given, or the operating system refuses;
            the segments are kept.
    """
    path = Path(path)
    claim_for_pieces(path)
    write_file(path, encode(read_segments(partial_folder(path)), theory or ()), force)
    discard(path)
    return path


def discard(path: str | Path) -> None:
    """Remove the segments of the run that was to become `path`, if there are any.

    Raises:
        OutputError: another run writes them, or the operating system refuses.
    """
    folder = partial_folder(Path(path))
    with output_errors(folder):
        if folder.exists():
            claim_for_pieces(Path(path))
            shutil.rmtree(folder)
    done(Path(path))


def read_segments(folder: Path, max_bytes: float = math.inf) -> Trajectory:
    """The run as far as its segments go, read at once, since a run that goes on replaces them.

    One segment of more than `MAX_BYTES` stays in its file.

    Raises:
        InputFileError: none there, one missing in between, one damaged, parts that do not fit together, or several
            that take more than `MAX_BYTES` or `max_bytes` together.
    """
    names = _names(folder)
    if len(names) == 1:
        return decode(folder / names[0], max_bytes, whole=True)[0]
    left = min(max_bytes, MAX_BYTES)
    parts: list[Trajectory] = []
    for name in names:
        parts.append(decode(folder / name, left, whole=True)[0])
        left -= parts[-1].states.nbytes
    return _join(folder, parts)


def count_segments(folder: Path) -> tuple[int, int]:
    """Number of segments of an unfinished run, none if it has none, and of the frames in them."""
    names = _names(folder) if any(folder.glob("[0-9]*.h5")) else []
    return len(names), sum(len(decode(folder / name)[0].steps) for name in names)


def _names(folder: Path) -> list[str]:
    """Names of the segments, in their order.

    Raises:
        InputFileError: none there, one missing in between, or a link.
    """
    names = segment_names(folder)
    if not names:
        raise InputFileError(
            f"{folder} holds no segment yet", remedy="the run stopped before its first record"
        )
    if names != [f"{index:05d}.h5" for index in range(len(names))]:
        raise InputFileError(
            f"{folder} lacks a segment before {names[-1]}", remedy="restore it from a copy or run again"
        )
    if any((folder / name).is_symlink() for name in names):
        raise InputFileError(f"{folder} holds a link to elsewhere: run again")
    return names


def segment_names(folder: Path) -> list[str]:
    """Names of the segments in a folder, in order; a copy of another name is none."""
    return sorted(file.name for file in folder.glob("*.h5") if SEGMENT.fullmatch(file.name))


def _join(folder: Path, parts: list[Trajectory]) -> Trajectory:
    """Concatenate along the draws."""
    first, last = parts[0], parts[-1]
    for index, part in enumerate(parts):
        alike = (part.states.shape[0], part.states.shape[2]) == (first.states.shape[0], first.states.shape[2])
        if not alike or set(part.observables) != set(first.observables):
            raise InputFileError(f"{folder / f'{index:05d}.h5'} is not of the same run as 00000.h5")
        if (
            index
            and part.steps.size
            and parts[index - 1].steps.size
            and part.steps[0] <= parts[index - 1].steps[-1]
        ):
            raise InputFileError(
                f"{folder / f'{index:05d}.h5'} repeats steps of the segment before: remove it if it is a copy"
            )

    def joined(pick: Callable[[Trajectory], NDArray[Any]], axis: int) -> NDArray[Any]:
        return np.concatenate([pick(part) for part in parts], axis=axis)

    return Trajectory(
        times=joined(lambda part: part.times, 0),
        steps=joined(lambda part: part.steps, 0),
        states=joined(lambda part: part.states, 1),
        observables={
            name: joined(lambda part, name=name: part.observables[name], 1)  # type: ignore[misc]
            for name in first.observables
        },
        events=last.events,
        meta={**last.meta, "created": first.meta.get("created")},
    )
