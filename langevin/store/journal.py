"""Unfinished runs on the disk: the walks of a simulation in a folder, the state of a training in a file.

    PATH.partial/walk-00000/    00000.h5, 00001.h5 ...    pieces: run files of frames not in memory any more
                                now.h5                    the present: a run file of the later frames and of the
                                                          states of the walkers, with the group /state

Each file is complete or absent, and the present is replaced in one step. So the folder always describes one moment of
the run: the present, and the pieces before it. A command with several ensembles makes several walks. If it is given
again, it makes the walks in the same order, and reads the kept part of each.

The state of a training is numbers and texts in one HDF5 file, read with the checks of a run file:

    /state    NAME    (one to three axes)   numbers that stay in the file until they are used
    /meta     attributes: origin of the state, `state_version`, `schema_version`

It contains no Python objects. The reader checks the shape of an array before it reads the numbers (`StoredArray`), so
the file does not decide any size.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from langevin.errors import InputFileError
from langevin.provenance import check_unchanged
from langevin.store.atomic import flush_folder, output_errors, partial_folder
from langevin.store.claims import claim_for_pieces
from langevin.store.encode import write_meta, write_run, write_state
from langevin.store.layout import AXIS, STATE
from langevin.store.sink import new_file
from langevin.store.stored import StoredArray
from langevin.store.trusted import check_size, datasets, open_run, read_meta, refusal
from langevin.store.walks import ENTRY, NOW, Entry, read_walk
from langevin.types import Identity, Trajectory

#: Seconds between two writings of the present.
SECONDS = 5.0
#: Increased with every change that an older reader would misread.
STATE_VERSION = 1


@dataclass
class Walks:
    """The walks of a run that will become `path`, in the order in which they are made.

    `extra_meta` contains entries for the meta of every walk. `finished` are walks that are not written yet, because
    they took little time.
    """

    path: Path
    extra_meta: Mapping[str, Any] = field(default_factory=dict)
    count: int = 0
    saved: float = field(default_factory=time.monotonic)
    finished: list[WalkJournal] = field(default_factory=list)

    def next(self, aside: bool = False) -> WalkJournal:
        """The journal of the next walk; a walk `aside` is not a part of the run, but of a check of the run."""
        self.count += 1
        folder = partial_folder(self.path) / f"walk-{self.count - 1:05d}"
        return WalkJournal(self, folder, aside)


@dataclass
class WalkJournal:
    """A `langevin.types.Journal` on the disk: one walk of `walks` in its folder."""

    walks: Walks
    folder: Path
    aside: bool
    identity: Identity = str
    last: Trajectory | None = None
    pieces: int = 0

    def open(self, identity: Identity) -> Trajectory | None:
        """The kept part of this walk, with its state; None if nothing was kept.

        Raises:
            InputFileError: the kept part belongs to another run, or is damaged.
        """
        self.identity = identity
        if not (self.folder / NOW).is_file():
            return None
        run, entry = read_walk(self.folder, lazily=True)
        check_unchanged(entry.identity, identity())
        return run

    def due(self) -> bool:
        """Whether it is time to write the present."""
        return time.monotonic() - self.walks.saved > SECONDS

    def cut(self, piece: int, part: Trajectory) -> None:
        """Write a piece of the frames; an old piece without a later present (from a stopped run) is replaced.

        Args:
            piece: number of the piece, from 0.
            part: frames of the piece.
        """
        self._make()
        write_run(self.folder / f"{piece:05d}.h5", part, force=True)

    def write(self, pieces: int, present: Trajectory) -> None:
        """Write the present, and the walks that have ended since the last writing.

        Args:
            pieces: number of the pieces before the present.
            present: frames since the last piece, states, and what is needed to continue.
        """
        ended, self.walks.finished = self.walks.finished, []
        for walk in ended:
            assert walk.last is not None
            walk._write(walk.pieces, walk.last)
        self._write(pieces, present)
        self.walks.saved = time.monotonic()

    def close(self, pieces: int, last: Trajectory) -> Trajectory:
        """The whole walk with its last frames `last`; the earlier frames stay in their files.

        Args:
            pieces: number of pieces.
            last: the frames since the last piece, with the end of the walk.
        """
        self.last, self.pieces = last, pieces
        if not pieces and not self.due():
            self.walks.finished.append(self)
            return last
        self.write(pieces, last)
        return (
            replace(
                read_walk(self.folder, lazily=True)[0], events=last.events, meta=last.meta, state=last.state
            )
            if pieces
            else last
        )

    def _write(self, pieces: int, present: Trajectory) -> None:
        self._make()
        entry = Entry(self.identity(), pieces, self.aside)
        extra_meta = {**present.meta, **self.walks.extra_meta, ENTRY: entry._asdict()}
        write_run(self.folder / NOW, replace(present, meta=extra_meta), force=True)

    def _make(self) -> None:
        """Claim the name, and make the folder."""
        claim_for_pieces(self.walks.path)
        with output_errors(self.folder):
            if not self.folder.is_dir():
                self.folder.mkdir(parents=True, exist_ok=True)
                flush_folder(self.folder.parent)
                flush_folder(self.walks.path.resolve().parent)


def write_state_file(path: Path, arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]) -> None:
    """Write a state, which replaces the one before: arrays of numbers by name, and their origin, as plain values.

    Args:
        path: of the file.
        arrays: by name.
        meta: origin of the arrays, as plain values.

    Raises:
        OutputError: the operating system refuses.
        UsageError: a file cannot contain a name or a type.
    """
    with new_file(path, force=True) as file:
        write_state(file, arrays)
        write_meta(file.create_group("meta"), {**meta, "state_version": STATE_VERSION})


def open_state(path: Path) -> tuple[dict[str, StoredArray], dict[str, Any]]:
    """The arrays of a state by name, not read yet, and their origin.

    Raises:
        InputFileError: the file is missing, a link, damaged, not a state, or a state of another version.
    """
    if path.is_symlink() or path.parent.is_symlink():
        raise refusal(path, "it is a link to elsewhere")
    with open_run(path) as file:
        meta = read_meta(file)
        version = meta.get("state_version")
        if version != STATE_VERSION:
            raise InputFileError(
                f"{path} has state version {json.dumps(version)[:20]}, but only {STATE_VERSION} can continue: begin "
                "the run again, with --force"
            )
        found = datasets(file, STATE)
        check_size(path, list(found.values()))
        if any(data.dtype.kind not in "biuf" for data in found.values()):
            raise refusal(path, "its state holds something else than numbers")
        arrays = {name: data for name, data in found.items() if not name.startswith(AXIS)}
        return {name: StoredArray.of(path, data) for name, data in arrays.items()}, meta
