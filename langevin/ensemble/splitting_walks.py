"""Run many walks between an origin and a target in the compiled loop of `kernels.splitting`.

Logs are arrays (records, 3 + dim + rows of memory) with the columns of that module, but here LANE is the row of the
walker. They are sorted by walker, then by step. Nothing here changes a bit of a walk, which depends only on its key
and on its name (its number in the noise).
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from langevin import stopping
from langevin.ensemble.blocks import NOISES, Blocks, aligned, batch_steps, lanes_for, pack
from langevin.errors import NumericalError, UsageError
from langevin.kernels.compile import compile_driver
from langevin.kernels.splitting import LANE, OVERLAP, OWN_ROWS, STATE, build_climb
from langevin.kernels.streams import WALK, split_key
from langevin.types import FloatArray, Integrator, Kernel, Problem, Status

#: Number of steps in the first chunk of a climb, and in the largest; a later chunk has half the steps made before it.
CHUNK, LARGEST_CHUNK = 128, 8192
#: Size of a block's log in bytes, or more: it always has room for two records a lane.
LOG_BYTES = 2**20


@dataclass(frozen=True)
class Course:
    """The data that all walks share: the motion, the origin A, the target B and the height between them.

    If `score` is None, the score is minus the distance to the target. If `origin` is None, the origin kernel is the
    score. A is the set where the origin kernel is at most `threshold`, B the set where the distance is at most
    `margin`. `most_steps` is the largest number of steps of one climb. `pool` has the threads that walk; it is not sent
    to workers.
    """

    problem: Problem
    integrator: Integrator
    dt: float
    targets: tuple[Kernel, ...]
    score: Kernel | None
    origin: Kernel | None
    threshold: float
    margin: float
    most_steps: int
    threads: int
    pool: ThreadPoolExecutor | None = None

    @property
    def dim(self) -> int:
        """Number of coordinates of a state."""
        return self.problem.landscape.dim

    @property
    def numbers(self) -> int:
        """How many random numbers one step takes for each walker."""
        return self.dim + self.integrator.extra_noise

    @property
    def memory_rows(self) -> int:
        """How many numbers a walker carries in addition to its state, without `best`."""
        return self.integrator.memory_rows(self.problem.landscape)

    @property
    def work_rows(self) -> int:
        """Number of rows of scratch."""
        return OWN_ROWS + self.integrator.work_rows(self.problem.landscape)

    @property
    def pieces(self) -> tuple[Any, ...]:
        """Arguments from which the compiled loop is built."""
        step = self.integrator.build(self.problem.landscape)
        return (step, self.score, self.origin, self.targets, *NOISES[self.integrator.noise])

    @cached_property
    def driver(self) -> Callable[..., None]:
        """The compiled loop."""
        states, memory = np.zeros((1, self.dim)), np.zeros((1, self.memory_rows + 1))
        blocks = pack(states, memory, np.zeros(1, np.int64), 0, 16)
        driver: Callable[..., None] = compile_driver(
            build_climb, self.pieces, _arguments(self, blocks, 0, 0, False)
        )
        return driver


@dataclass
class Crowd:
    """Walkers in rows.

    `names` (n,) select the noise. `states` are (n, dim). `memory` (n, rows + 1) has `best`, the largest height so far,
    in its last column. `status` is (n,). The step at which a walker ended is an array (n,), -1 if it has not ended.
    """

    names: NDArray[np.uint64]
    states: FloatArray
    memory: FloatArray
    status: NDArray[np.int64]
    ended: NDArray[np.int64]


def crowd_at(states: FloatArray, memory: FloatArray, names: NDArray[Any]) -> Crowd:
    """Walkers at states (n, dim) with memory (n, rows + 1), before their first step."""
    n = states.shape[0]
    return Crowd(names.astype(np.uint64), states, memory, np.zeros(n, np.int64), np.full(n, -1, np.int64))


def climb(course: Course, crowd: Crowd, key: int) -> FloatArray:
    """Walk until every walker is in A or in B; returns the log of new heights.

    Raises:
        NumericalError: a walk diverges, or reaches neither A nor B within `most_steps`.
        UsageError: a state in A and in B.
    """
    logs, step, chunk = [np.empty((0, STATE + course.dim + course.memory_rows))], 0, CHUNK
    while (crowd.status == 0).any():
        if step >= course.most_steps:
            raise NumericalError(
                f"a walk of {step} steps ended neither in the origin nor in the target: it fell into a third well, or "
                "its steps are too short",
                remedy="widen one of the two sets, or take a larger step",
            )
        logs.append(carry(course, crowd, key, step, step + chunk, roams=False))
        step += chunk
        chunk = min(max(CHUNK, step // 2), LARGEST_CHUNK)
    return by_walker(logs)


def by_walker(logs: list[FloatArray]) -> FloatArray:
    """The logs of successive chunks, joined and sorted by walker."""
    log = np.concatenate(logs)
    return log[np.argsort(log[:, LANE], kind="stable")]


def carry(course: Course, crowd: Crowd, key: int, first: int, last: int, *, roams: bool) -> FloatArray:
    """Advance in place the walkers that have not ended, from step `first` to `last`; returns the log of this chunk.

    If `roams`, walkers continue after they enter A, and the log records each exit.
    """
    stopping.check()
    active = np.flatnonzero(crowd.status == 0)
    own_rows = course.work_rows + course.memory_rows + 1
    lanes = lanes_for(active.size, course.dim, course.numbers, own_rows, course.threads)
    blocks = pack(crowd.states, crowd.memory, active, 0, lanes)
    blocks.walkers = crowd.names[blocks.walkers.astype(np.int64)]

    def one(block: int) -> FloatArray:
        if stopping.code() is not None:  # the run is being stopped, so the result is not used
            return np.empty((0, STATE + course.dim + course.memory_rows))
        found = _walk_block(course, blocks, block, key, first, last, roams)
        found[:, LANE] = active[block * lanes + found[:, LANE].astype(np.int64)]
        return found

    assert course.pool is not None
    with stopping.held():
        logs = list(course.pool.map(one, range(blocks.states.shape[0])))
    status, ended = blocks.flat(blocks.status), blocks.flat(blocks.stop_step)
    unknown = status == Status.DIVERGED
    lost = active[((status == 0) | unknown) & ~np.isfinite(blocks.rows(blocks.states)).all(axis=1)]
    if lost.size:
        step = _first_loss(course, crowd, lost, key, first, last, roams)
        raise NumericalError(f"a walk diverged at step {step}", remedy="take a smaller dt")
    if unknown.any():
        raise NumericalError(
            f"at step {ended[unknown].min()} a walk came to a state whose score or distance to the target is nan",
            remedy="give a score and a target that are finite everywhere",
        )
    crowd.states[active], crowd.memory[active] = blocks.rows(blocks.states), blocks.rows(blocks.memory)
    crowd.status[active], crowd.ended[active] = status, ended
    _check(crowd, active)
    return by_walker(logs)


def _first_loss(
    course: Course, crowd: Crowd, lost: NDArray[np.int64], key: int, first: int, last: int, roams: bool
) -> int:
    """The first step after which one of the lost walks is not finite: by walking again from `first`, and bisection."""
    own_rows = course.work_rows + course.memory_rows + 1
    lanes = lanes_for(lost.size, course.dim, course.numbers, own_rows, 1)
    low, high = first, last
    while high - low > 1:
        middle = (low + high) // 2
        blocks = pack(crowd.states, crowd.memory, lost, 0, lanes)
        blocks.walkers = crowd.names[blocks.walkers.astype(np.int64)]
        for block in range(blocks.states.shape[0]):
            _walk_block(course, blocks, block, key, first, middle, roams)
        low, high = (middle, high) if np.isfinite(blocks.rows(blocks.states)).all() else (low, middle)
    return high


def _walk_block(
    course: Course, blocks: Blocks, block: int, key: int, first: int, last: int, roams: bool
) -> FloatArray:
    """Advance the walks of one block in place from step `first` to `last`; returns their log."""
    parts, step = [], first
    while step < last:
        arguments = _arguments(course, blocks, block, key, roams)
        tally, log = arguments[5], arguments[6]
        course.driver(np.full(1, -1), np.int64(step), np.int64(last), *arguments)
        step = int(tally[1])
        parts.append(log[: tally[0]].copy())
    return np.concatenate(parts)


def _check(crowd: Crowd, active: NDArray[np.int64]) -> None:
    if (crowd.status[active] == OVERLAP).any():
        raise UsageError(
            "the origin and the target overlap: a walk came to a state in both",
            "two sets without a common state",
            "make one smaller",
        )


def _arguments(course: Course, blocks: Blocks, block: int, key: int, roams: bool) -> tuple[Any, ...]:
    """Arguments of the loop after (report, first, last), for one block."""
    lanes, rows = blocks.states.shape[2], course.memory_rows
    batch = batch_steps(course.numbers, NOISES[course.integrator.noise][1])
    width = STATE + course.dim + rows
    log = np.empty((max(2 * lanes, LOG_BYTES // (8 * width)), width))
    noise = aligned((batch + 1, course.numbers, lanes), np.float32)
    work = aligned((course.work_rows, lanes))
    return (
        blocks.states[block], blocks.walkers[block], blocks.memory[block], blocks.status[block],
        blocks.stop_step[block], np.zeros(2, np.int64), log, noise, work, course.dt, WALK, *split_key(key),
        float(course.problem.temperature), course.threshold, course.margin, roams, course.problem.landscape.parameters,
    )  # fmt: skip
