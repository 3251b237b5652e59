"""Save a run, load a run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from langevin.store.atomic import partial_folder
from langevin.store.decode import decode
from langevin.store.encode import write_run
from langevin.store.segments import read_segments
from langevin.types import Comparison, Trajectory, blocks


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


def _unfinished(path: Path) -> Path | None:
    """Folder of the segments, if a run consists only of segments."""
    folder = path if path.is_dir() and path.suffix == ".partial" else partial_folder(path)
    return folder if folder.is_dir() and not path.is_file() else None
