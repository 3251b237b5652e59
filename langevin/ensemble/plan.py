"""Records of a run on its way: its plan, how far it is, and what it has recorded."""

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

    The run begins at step `begin.step`, at the time `begin_time`, and `last` is the number of its last step. Targets
    are watched from the time `watched_from` to `horizon`. `few` is given where a driver for so few walkers walks.
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
        """Numbers of noise that one step takes."""
        return self.problem.landscape.dim + self.integrator.extra_noise + BRIDGE_ROWS * self.bridges

    @property
    def memory_rows(self) -> int:
        """Numbers that a walker carries from step to step in addition to its state."""
        return self.integrator.memory_rows(self.problem.landscape)


@dataclass(frozen=True)
class Sound:
    """Step, states and memory when all walkers on their way were last seen to be somewhere (`ensemble.place`)."""

    step: int
    states: FloatArray
    memory: FloatArray


@dataclass(frozen=True)
class Frames:
    """Recorded frames, one array (walkers, frames, dim) after the other.

    They follow `before` other frames, which were written in `pieces` pieces.
    """

    recorded: Sequence[FloatArray]
    before: int = 0
    pieces: int = 0

    @property
    def count(self) -> int:
        """How many frames these are."""
        return sum(part.shape[1] for part in self.recorded)


@dataclass
class Progress:
    """What is known of every walker so far; arrays have the walkers in rows.

    `steady` is False while a chunk is taken in, when not all of it is of one step.
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
        """Rows of the walkers that are still on the way."""
        return np.flatnonzero(self.status == Status.FINISHED)


def step_lengths(dt: float, schedule: Factors | None, first: int, last: int) -> FloatArray:
    """Lengths of the steps first ... last - 1; a single one if they are all alike."""
    return np.full(1, dt) if schedule is None else dt * schedule(np.arange(first, last))
