"""Save a run, whole or in segments, and load it.

The segments of an unfinished run are small complete files, cut along the draws. A killed run loses at most its current
segment. The events and the `meta` of the run come from the last segment, except for the creation time, which comes from
the first segment.
"""

from __future__ import annotations

import math
import re
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from langevin.errors import InputFileError
from langevin.store.atomic import flush_folder, output_errors, partial_folder
from langevin.store.claims import claim_for_pieces, done
from langevin.store.decode import decode
from langevin.store.encode import write_run
from langevin.store.layout import MAX_BYTES
from langevin.store.walks import join_frames, read_walks, size_of, walk_folders
from langevin.types import Comparison, Trajectory, blocks

SEGMENT = re.compile(r"\d{5,}\.h5")


def save(
    path: str | Path, trajectory: Trajectory, *, force: bool = False, theory: Sequence[Comparison] = ()
) -> Path:
    """Write a finished run, with its comparisons, to one file (schema: `langevin.store`).

    Args:
        path: The new file.
        trajectory: The run.
        force: Whether an existing file may be replaced.
        theory: Comparisons of the run with theories.

    Raises:
        OutputError: the file exists and `force` is not given, or the operating system refuses; the message contains the
            remedy, and no file remains.
        UsageError: a file cannot contain the trajectory.
    """
    return write_run(Path(path), trajectory, theory, force=force)


def load(path: str | Path, *, max_bytes: float = math.inf) -> Trajectory:
    """Open a run; for an unfinished run, read the records written so far.

    States, observables and events of a file of any size stay in the file until they are used (`StoredArray`). If the
    file is replaced, changed or removed between `load` and a use, this use raises InputFileError.

    Args:
        path: A run file; if it does not exist, its segments in PATH.partial are read, and the entry `unfinished` of
            `meta` is True.
        max_bytes: Largest size of all arrays together, unpacked; by default any size that the file can contain.

    Raises:
        InputFileError: the file is missing, damaged, not a run file, or too large.
    """
    path = Path(path)
    folder = _unfinished(path)
    if folder:
        unfinished = read_segments(folder, max_bytes)
        return replace(unfinished, meta={**unfinished.meta, "unfinished": True})
    return decode(path, max_bytes)[0]


def check_data(trajectory: Trajectory) -> None:
    """Read all data of a run that are still in its file, block by block, to detect damage.

    Args:
        trajectory: A loaded run.

    Raises:
        InputFileError: the file is damaged, or is not the loaded file any more.
    """
    for array in (trajectory.states, *trajectory.observables.values(), *trajectory.events.values()):
        for part in blocks(array.shape[:2], array.nbytes // max(math.prod(array.shape[:2]), 1)):
            np.asarray(array[part])


def load_theory(path: str | Path) -> list[Comparison]:
    """The comparisons in a finished run file; empty if there are none, or if the run has not finished.

    Args:
        path: A run file.

    Raises:
        InputFileError: as `load`.
    """
    path = Path(path)
    return [] if _unfinished(path) else decode(path)[1]


def load_compared(path: str | Path) -> tuple[Trajectory, list[Comparison]]:
    """The results of `load` and `load_theory`, from one reading of the file.

    Raises:
        InputFileError: as `load`.
    """
    path = Path(path)
    return (load(path), []) if _unfinished(path) else decode(path)


def append_segment(path: str | Path, index: int, part: Trajectory) -> Path:
    """Write segment `index` (0, 1, 2 ...) of the run that will become `path`; on return it is on the disk.

    Args:
        path: The later run file.
        index: Number of the segment.
        part: The frames of the segment.

    Raises:
        OutputError: the segment exists, another run writes `path`, or the operating system refuses.
        UsageError: a file cannot contain the trajectory.
    """
    claim_for_pieces(Path(path))
    folder = partial_folder(Path(path))
    with output_errors(folder):
        folder.mkdir(exist_ok=True)
        flush_folder(folder.parent)
    return write_run(folder / f"{index:05d}.h5", part)


def merge(path: str | Path, force: bool = False, theory: list[Comparison] | None = None) -> Path:
    """Join the segments into the single file `path`, block by block, then remove their folder.

    Args:
        path: The run file.
        force: Whether an existing file may be replaced.
        theory: Comparisons of the run with theories.

    Raises:
        InputFileError: there are no segments, or one is damaged.
        OutputError: `path` exists and `force` is not given, or the operating system refuses;
            the segments are kept.
    """
    path = Path(path)
    claim_for_pieces(path)
    write_run(path, read_segments(partial_folder(path)), theory or (), force=force)
    discard(path)
    return path


def discard(path: str | Path) -> None:
    """Remove the segments of the run `path`, if there are any.

    Args:
        path: The run file that the segments would become.

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
    """The part of a run that its segments or its kept walks contain (`langevin.store.walks`).

    It is read at once if it has at most `MAX_BYTES`, because a continued run replaces some files.

    Args:
        folder: PATH.partial of the run.
        max_bytes: largest size of the unpacked content.

    Raises:
        InputFileError: there is no segment, one is missing or damaged, or the parts do not fit together.
    """
    if walk_folders(folder):
        return read_walks(folder, max_bytes)
    files = [folder / name for name in _names(folder)]
    parts = [decode(file, max_bytes, whole=len(files) == 1)[0] for file in files]
    return join_frames(files, parts, lazily=size_of(parts) > MAX_BYTES)


def count_segments(folder: Path) -> tuple[int, int]:
    """Number of segments of an unfinished run (0 if it has none), and number of frames in them."""
    names = _names(folder) if any(folder.glob("[0-9]*.h5")) else []
    return len(names), sum(len(decode(folder / name)[0].steps) for name in names)


def segment_names(folder: Path) -> list[str]:
    """Names of the segments in a folder, in order; files with other names are ignored."""
    return sorted(file.name for file in folder.glob("*.h5") if SEGMENT.fullmatch(file.name))


def _unfinished(path: Path) -> Path | None:
    """Folder of the segments, if a run consists only of segments."""
    folder = path if path.is_dir() and path.suffix == ".partial" else partial_folder(path)
    return folder if folder.is_dir() and not path.is_file() else None


def _names(folder: Path) -> list[str]:
    """Names of the segments, in their order.

    Raises:
        InputFileError: there is no segment, one is missing, or one is a link.
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
