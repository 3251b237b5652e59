"""The request for a run, without its problem: starts, what is recorded and kept, the sets and the work of splitting."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from numpy.typing import ArrayLike

from langevin.types.arrays import FloatArray
from langevin.types.landscape import Kernel
from langevin.types.run import Trajectory

#: What decides the bits of a run, as a text. It is a function, because computing the text takes some time.
Identity = Callable[[], str]


class Journal(Protocol):
    """Where an unfinished run is kept: little is lost if it stops, and frames need not stay in memory.

    A run consists of `pieces` and the present. A piece contains frames and is written once. The present contains the
    frames since the last piece, the states of the walkers, and all that is needed to continue to the same bits. The
    present is written last and replaced as a whole, so the journal always describes one moment of the run.
    """

    def open(self, identity: Identity) -> Trajectory | None:
        """The kept part of this run, with all its frames and its state; None if nothing was kept.

        Raises:
            InputFileError: what was kept belongs to another run, or is damaged.
        """

    def due(self) -> bool:
        """Whether it is time to write the present."""

    def cut(self, piece: int, part: Trajectory) -> None:
        """Write a piece with the frames of `part`, which then need not stay in memory.

        Args:
            piece: number of the piece, from 0.
            part: frames of the piece.
        """

    def write(self, pieces: int, present: Trajectory) -> None:
        """Write the present, which follows `pieces` pieces.

        Args:
            pieces: number of the pieces before the present.
            present: frames since the last piece, states, and what is needed to continue.
        """

    def close(self, pieces: int, last: Trajectory) -> Trajectory:
        """Return the whole run: `pieces` pieces, followed by its last frames `last`.

        Args:
            pieces: number of pieces.
            last: the frames since the last piece, with the end of the run.
        """


@dataclass(frozen=True)
class Watch:
    """Settings of the records, the reports and the threads of a run: none of them changes a state.

    Attributes:
        observe: functions of the states, (walkers, dim) to (walkers,), recorded at every frame.
        labels: whole numbers that are recorded as events of every walker.
        extra_meta: entries for the meta of the run.
        threads: number of threads; by default all that this process may use, or one for each task of an executor.
        tasks: parts into which the work of an executor is cut; by default 16 if there is enough work.
        progress: called between chunks with (steps done, walkers still running). Splitting calls it with (round,
            replicas still running) after every round, from round 0 on.
        journal: keeps the unfinished run. If it has kept a part of the same run, this part is continued.
    """

    observe: Mapping[str, Callable[[FloatArray], FloatArray]] = field(default_factory=dict)
    labels: Mapping[str, int] = field(default_factory=dict)
    extra_meta: Mapping[str, Any] = field(default_factory=dict)
    threads: int | None = None
    tasks: int | None = None
    progress: Callable[[int, int], None] | None = None
    journal: Journal | None = None


@dataclass(frozen=True)
class Start:
    """States at which walkers start, and the step number of these states.

    Seed, walker and step number determine the noise. A new run starts at step 0. If states of an earlier run are
    continued with the same seed, they must keep their step number; otherwise they get the same noise again.

    Attributes:
        states: (dim,) or (walkers, dim); None for the usual start of the landscape.
        first_step: step number from which noise, schedule and time continue.
    """

    states: ArrayLike | None
    first_step: int


@dataclass(frozen=True)
class Observable:
    """A function that is evaluated on a network at every recorded step, written in jax.numpy.

    summary      one line that describes the observable
    look         look(model, weights, data) gives one number, an array of one axis (its parts are named by their
                 indices), or a dictionary of numbers by the names of the parts. `data` are the training and the test
                 set as arrays of JAX, in the precision of the weights
    uses_memory  look(model, weights, data, memory) gives the same and the memory for the next recorded step. A memory
                 has one number for each weight, of the weights' precision, zeros at first; it is kept with the run
    """

    summary: str
    look: Callable[..., Any]
    uses_memory: bool = False


@dataclass(frozen=True)
class Sets:
    """The origin A, the target B and the score that measures progress from A to B.

    `origin` is a kernel like a target, or a number: A is the set where the score is at most this number. The default is
    a number below which the score of three of four walkers is after some time. Any A that walkers visit gives the same
    rate. `target` is B; by default B is the target of the landscape. `score` is a kernel score(x, out, parameters) with
    finite values, by default minus the distance to the target. The score decides the variance of the estimate, not its
    expected value.
    """

    origin: Kernel | float | None = None
    target: Kernel | tuple[Kernel, ...] | None = None
    score: Kernel | None = None


@dataclass(frozen=True)
class Effort:
    """The amount of work, and the limits at which the method stops.

    `walkers` is the number N of paths of one replica, `kill` the smallest number k of paths that are killed in one
    round, by default a tenth of N. `replicas` are independent runs of the algorithm, from which the errors are taken,
    10 or more. Walkers move at least for the time `burn` before the flux is measured; by default as long as the
    measurement takes. The search for a path ends when the probability falls below `least`. `most_steps` bounds the
    steps of one walk between A and B.
    """

    walkers: int = 1000
    kill: int | None = None
    replicas: int = 16
    burn: float | None = None
    least: float = 1e-100
    most_steps: int = 10**8

    @property
    def least_killed(self) -> int:
        """The number k, or its default."""
        return max(1, self.walkers // 10) if self.kill is None else self.kill
