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
    """Write a finished run, with the comparisons made on it, to one file (schema: `langevin.store`).

    Raises:
        OutputError: the file exists and `force` is not given, or the operating system refuses; the message
            has the remedy, and nothing is left behind.
        UsageError: a trajectory that a file cannot hold.
    """
    return write_run(Path(path), trajectory, theory, force=force)


def load(path: str | Path, *, max_bytes: float = math.inf) -> Trajectory:
    """Open a run; of one that has not finished, read the records written so far.

    States, observables and events stay in the file until they are used, however large it is (`StoredArray`). A file
    that is replaced, changed or removed between `load` and a use raises InputFileError at that use.

    Args:
        path: A run file; if it is not there, its segments in PATH.partial are read, and the entry
            `unfinished` of `meta` is True.
        max_bytes: Largest size of all arrays together, unpacked; any that the file can hold if not given.

    Raises:
        InputFileError: missing, damaged, not a run file, or too large.
    """
    path = Path(path)
    folder = _unfinished(path)
    if folder:
        unfinished = read_segments(folder, max_bytes)
        return replace(unfinished, meta={**unfinished.meta, "unfinished": True})
    return decode(path, max_bytes)[0]


def check_data(trajectory: Trajectory) -> None:
    """Read everything of a run that is still in its file, block by block, so that damage of it shows.

    Raises:
        InputFileError: damaged, or no longer the file that was loaded.
    """
    for array in (trajectory.states, *trajectory.observables.values(), *trajectory.events.values()):
        for part in blocks(array.shape[:2], array.nbytes // max(math.prod(array.shape[:2]), 1)):
            np.asarray(array[part])


def load_theory(path: str | Path) -> list[Comparison]:
    """The comparisons stored with a finished run; empty when there are none, or the run has not finished.

    Raises:
        InputFileError: as `load`.
    """
    path = Path(path)
    return [] if _unfinished(path) else decode(path)[1]


def load_compared(path: str | Path) -> tuple[Trajectory, list[Comparison]]:
    """A run as `load` opens it, and what `load_theory` says of it, from one look at the file.

    Raises:
        InputFileError: as `load`.
    """
    path = Path(path)
    return (load(path), []) if _unfinished(path) else decode(path)


def _unfinished(path: Path) -> Path | None:
    """Folder of the segments, of a run that has nothing but segments."""
    folder = path if path.is_dir() and path.suffix == ".partial" else partial_folder(path)
    return folder if folder.is_dir() and not path.is_file() else None
