"""Records of a run that is in progress: its plan, its progress, and its recorded frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from langevin.ensemble.beginning import Beginning
from langevin.kernels.loop_arrays import Few
from langevin.kernels.targets import BRIDGE_ROWS
from langevin.types import Factors, FloatArray, Integrator, Kernel, Problem, Status


@dataclass(frozen=True)
class Plan:
    """Everything about a run that does not change while it runs.

    The run begins at step `begin.step`, at the time `begin_time`, and `last` is the number of its last step. A frame is
    recorded at each multiple of `every`, or only at start and end if it is 0. Targets are watched from the time
    `watched_from` to `horizon`, and are widened by `margin`. `few` is given if the driver for few walkers is used.
    """

    problem: Problem
    integrator: Integrator
    dt: float
    schedule: Factors | None
    begin: Beginning
    begin_time: float
    last: int
    every: int
    margin: float
    watched_from: float
    horizon: float
    targets: tuple[Kernel, ...]
    bridges: bool
    threads: int
    usual_start: bool = True
    few: Few | None = None

    @property
    def numbers(self) -> int:
        """How many random numbers one step takes for each walker."""
        return self.problem.landscape.dim + self.integrator.extra_noise + BRIDGE_ROWS * self.bridges

    @property
    def memory_rows(self) -> int:
        """How many numbers a walker carries from step to step in addition to its state."""
        return self.integrator.memory_rows(self.problem.landscape)


@dataclass(frozen=True)
class Sound:
    """Step, states and memory at the last check at which no walker was newly lost (see `ensemble.positions`)."""

    step: int
    states: FloatArray
    memory: FloatArray


@dataclass(frozen=True)
class Frames:
    """Recorded frames, as a sequence of arrays (walkers, frames, dim).

    They come after `before` other frames, which were written in `pieces` pieces.
    """

    recorded: Sequence[FloatArray]
    before: int = 0
    pieces: int = 0

    @property
    def count(self) -> int:
        """The number of frames in memory."""
        return sum(part.shape[1] for part in self.recorded)


@dataclass
class Progress:
    """The state of every walker at the present step; arrays have one row for each walker.

    `stop_step` is -1 for a walker that has not stopped, and `which` is the number of the target that it reached.
    `steady` is False while the results of a chunk are copied in, when not all arrays belong to one step.
    """

    step: int
    states: FloatArray
    status: NDArray[np.int64]
    stop_step: NDArray[np.int64]
    which: NDArray[np.int64]
    memory: FloatArray
    frames: Frames
    sound: Sound | None = None
    steady: bool = True

    @property
    def active(self) -> NDArray[np.int64]:
        """Rows of the walkers that have not stopped."""
        return np.flatnonzero(self.status == Status.FINISHED)


def step_lengths(dt: float, schedule: Factors | None, first: int, last: int) -> FloatArray:
    """Lengths of the steps first ... last - 1; an array with one length (1,) if they are all the same."""
    return np.full(1, dt) if schedule is None else dt * schedule(np.arange(first, last))
