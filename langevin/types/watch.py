"""Who looks on while walkers move, and where a run is kept while it is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from langevin.types.arrays import FloatArray
from langevin.types.run import Trajectory

#: What decides the bits of a run, as a text. Called where it is needed, since it takes a while.
Identity = Callable[[], str]


class Journal(Protocol):
    """Where one run is kept while it is made, so that a stop loses little and frames need no memory.

    A run is `pieces` of its frames, each written once, and the present: the frames since, where the walkers stand, and
    the state from which they go on to the same bits. The present is written last and replaced as a whole, so what is
    kept is always one moment of the run.
    """

    def open(self, identity: Identity) -> Trajectory | None:
        """This run as far as it was kept, with all its frames and its state, None if nothing was.

        Raises:
            InputFileError: what was kept is of another run, or damaged.
        """

    def due(self) -> bool:
        """Whether it is time to write the present."""

    def cut(self, piece: int, part: Trajectory) -> None:
        """Write a piece: frames that need not stay in memory."""

    def write(self, pieces: int, present: Trajectory) -> None:
        """Write the present, which follows so many pieces."""

    def close(self, pieces: int, last: Trajectory) -> Trajectory:
        """The whole run, whose last frames these are, after so many pieces."""


@dataclass(frozen=True)
class Watch:
    """What is kept and told of a run, and the threads it runs on: nothing here ever changes a state.

    `observe` are functions of the states (walkers, dim) -> (walkers,), kept at every frame. `labels` are whole numbers
    kept as events of every walker, and `said` entries of the run's meta. `threads` of the machine are by default all
    that this process may use, or one for each task of an executor; `tasks` are the parts into which an executor's work
    is cut, by default 16 where there is enough of it. `progress` is called between chunks with (steps done, walkers
    still running), by splitting with (round, replicas on the way) after every round, from number 0 on. `journal` keeps
    the run while it is made; what it has kept of this very run goes on.
    """

    observe: Mapping[str, Callable[[FloatArray], FloatArray]] = field(default_factory=dict)
    labels: Mapping[str, int] = field(default_factory=dict)
    said: Mapping[str, Any] = field(default_factory=dict)
    threads: int | None = None
    tasks: int | None = None
    progress: Callable[[int, int], None] | None = None
    journal: Journal | None = None
