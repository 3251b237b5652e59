"""Records of a run that is still going: small complete files, cut along the draws.

A run that is killed loses at most the segment it was working on. The events of the last segment are those of
the run; so is its `meta`, except for the moment of creation, which is the first one's.
"""

from __future__ import annotations

import math
import re
import shutil
from pathlib import Path

from langevin.errors import InputFileError
from langevin.store.atomic import flush_folder, output_errors, partial_folder
from langevin.store.claims import claim_for_pieces, done
from langevin.store.decode import decode
from langevin.store.encode import write_run
from langevin.store.layout import MAX_BYTES
from langevin.store.walks import join_frames, read_walks, size_of, walk_folders
from langevin.types import Comparison, Trajectory

SEGMENT = re.compile(r"\d{5,}\.h5")


def append_segment(path: str | Path, index: int, part: Trajectory) -> Path:
    """Write segment `index` (0, 1, 2 ...) of the run that is to become `path`; on return it is on the disk.

    Raises:
        OutputError: the segment exists already, another run writes `path`, or the operating system refuses.
        UsageError: a trajectory that a file cannot hold.
    """
    claim_for_pieces(Path(path))
    folder = partial_folder(Path(path))
    with output_errors(folder):
        folder.mkdir(exist_ok=True)
        flush_folder(folder.parent)
    return write_run(folder / f"{index:05d}.h5", part)


def merge(path: str | Path, force: bool = False, theory: list[Comparison] | None = None) -> Path:
    """Join the segments into the one file `path`, block by block, then remove their folder.

    Raises:
        InputFileError: no segments, or damaged ones.
        OutputError: `path` exists and `force` is not given, or the operating system refuses;
            the segments are kept.
    """
    path = Path(path)
    claim_for_pieces(path)
    write_run(path, read_segments(partial_folder(path)), theory or (), force=force)
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
    """The run as far as its segments go, or as far as its walks were kept (`langevin.store.walks`).

    It is read at once if it takes at most `MAX_BYTES`, since a run that goes on replaces some files.

    Raises:
        InputFileError: none there, one missing in between, one damaged, or parts that do not fit together.
    """
    if walk_folders(folder):
        return read_walks(folder, max_bytes)
    files = [folder / name for name in _names(folder)]
    parts = [decode(file, max_bytes, whole=len(files) == 1)[0] for file in files]
    return join_frames(files, parts, lazily=size_of(parts) > MAX_BYTES)


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
