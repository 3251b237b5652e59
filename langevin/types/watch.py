"""Who looks on while walkers move."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from langevin.types.arrays import FloatArray
from langevin.types.run import Trajectory


@dataclass(frozen=True)
class Watch:
    """What is kept and told of a run, and the threads it runs on: nothing here ever changes a state.

    `observe` are functions of the states (walkers, dim) -> (walkers,), kept at every frame. `threads` of the machine
    are by default all that this process may use. `progress` is called between chunks with (steps done, walkers still
    running), by splitting after every round with (round, replicas on the way). `checkpoint` is called every few
    seconds, and on Ctrl-C or SIGTERM, with the trajectory so far.
    """

    observe: Mapping[str, Callable[[FloatArray], FloatArray]] = field(default_factory=dict)
    threads: int | None = None
    progress: Callable[[int, int], None] | None = None
    checkpoint: Callable[[Trajectory], None] | None = None
