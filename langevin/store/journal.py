"""An unfinished run on the disk: the folder of each of its walks, and how it is read again.

    PATH.partial/walk-00000/    00000.h5, 00001.h5 ...    pieces: run files of frames not in memory any more
                                now.h5                    the present: a run file of the later frames and of the
                                                          states of the walkers, with the group /state

Each file is complete or absent, and the present is replaced in one step. So the folder always describes one moment of
the run: the present, and the pieces before it. A command with several ensembles makes several walks. If it is given
again, it makes the walks in the same order, and reads the kept part of each.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from langevin.provenance import check_unchanged
from langevin.store.atomic import flush_folder, output_errors, partial_folder
from langevin.store.claims import claim_for_pieces
from langevin.store.encode import write_run
from langevin.store.walks import ENTRY, NOW, Entry, read_walk
from langevin.types import Identity, Trajectory

#: Seconds between two writings of the present.
SECONDS = 5.0


@dataclass
class Walks:
    """The walks of a run that will become `path`, in the order in which they are made.

    `said` contains entries for the meta of every walk. `finished` are walks that are not written yet, because they took
    little time.
    """

    path: Path
    said: Mapping[str, Any] = field(default_factory=dict)
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
        """Write a piece of the frames; an old piece without a later present (from a stopped run) is replaced."""
        self._make()
        write_run(self.folder / f"{piece:05d}.h5", part, force=True)

    def write(self, pieces: int, present: Trajectory) -> None:
        """Write the present, and the walks that have ended since the last writing."""
        ended, self.walks.finished = self.walks.finished, []
        for walk in ended:
            assert walk.last is not None
            walk._write(walk.pieces, walk.last)
        self._write(pieces, present)
        self.walks.saved = time.monotonic()

    def close(self, pieces: int, last: Trajectory) -> Trajectory:
        """The whole walk with its last frames `last`; the earlier frames stay in their files."""
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
        said = {**present.meta, **self.walks.said, ENTRY: entry._asdict()}
        write_run(self.folder / NOW, replace(present, meta=said), force=True)

    def _make(self) -> None:
        """Claim the name, and make the folder."""
        claim_for_pieces(self.walks.path)
        with output_errors(self.folder):
            if not self.folder.is_dir():
                self.folder.mkdir(parents=True, exist_ok=True)
                flush_folder(self.folder.parent)
                flush_folder(self.walks.path.resolve().parent)
