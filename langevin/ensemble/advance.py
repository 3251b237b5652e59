"""Advance an ensemble through its steps: in chunks of compiled work, with threads over the blocks.

Python code runs between chunks, at least every quarter of a second: it handles Ctrl-C, reports progress,
and removes walkers that have stopped from their lanes. None of this changes a bit of any
walker's path, which depends only on the seed and on the walker's number.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from langevin import stopping
from langevin.ensemble.blocks import NOISES, Blocks, aligned, batch_steps, few_batch, lanes_for, pack
from langevin.ensemble.positions import all_somewhere, nowhere
from langevin.ensemble.record import Plan, Progress, Sound, step_lengths
from langevin.kernels.compile import compile_driver
from langevin.kernels.driver import CHECK_STEPS, build_drive
from langevin.kernels.few_normals import few_normals
from langevin.kernels.loop_arrays import Few
from langevin.kernels.normals import GROUP
from langevin.kernels.streams import WALK, split_key
from langevin.kernels.targets import WATCH_ROWS
from langevin.types import FloatArray, Status

CHUNK_SECONDS = 0.1
#: If a walker was lost, this number of steps at once is repeated, to find the first step whose result is not a number.
REPLAY_STEPS = 256
#: Largest size in bytes of the frames of a chunk: some of them stay in the cache until they are examined.
FRAME_BYTES = 2**23


def advance(plan: Plan, progress: Progress, until: int | None = None) -> Generator[Progress]:
    """Advance `progress` in place to the last step, or to the step `until`, and yield it after every chunk."""
    end = plan.last if until is None else until
    if not progress.active.size or progress.step >= end:
        return
    if progress.sound is None:
        progress.sound = Sound(progress.step, progress.states.copy(), progress.memory.copy())
    rate = 2e7 / (plan.problem.landscape.dim + 4)
    with ThreadPoolExecutor(plan.threads) as pool:
        blocks = _packed(plan, progress)
        driver = _driver(plan, blocks)
        while progress.step < end and progress.active.size:
            stopping.check()
            if 2 * progress.active.size < blocks.index.size:
                blocks = _packed(plan, progress)
            last = min(_chunk_end(plan, progress, rate, blocks), end)
            began = time.perf_counter()
            frames, marks = _run(driver, plan, blocks, progress.step, last, pool)
            spent = time.perf_counter() - began
            rate = (last - progress.step) * blocks.index.size / max(spent, 1e-6)
            progress.steady = False
            lost, seen = _collect(blocks, progress, last, marks, last == plan.last)
            if lost.size:
                progress.stop_step[lost] = _first_losses(driver, plan, progress.sound, lost, seen, pool)
            if (
                not progress.active.size
            ):  # the run ends when its last walker ends, not at the end of the chunk
                last = int(max(progress.stop_step.max(), seen.max(initial=0)))
            if plan.every:
                _record(plan, blocks, progress, frames[:, : last // plan.every - progress.step // plan.every])
            if last % CHECK_STEPS == 0:
                progress.sound = Sound(last, progress.states.copy(), progress.memory.copy())
            progress.step, progress.steady = last, True
            yield progress


def lanes_of(plan: Plan, walkers: int) -> int:
    """The number of lanes of a block, for this number of walkers of a plan."""
    if plan.few is not None:
        return plan.few.lanes
    own_rows = WATCH_ROWS + plan.integrator.work_rows(plan.problem.landscape) + plan.memory_rows
    return lanes_for(walkers, plan.problem.landscape.dim, plan.numbers, own_rows, plan.threads)


def _packed(plan: Plan, progress: Progress) -> Blocks:
    active = progress.active
    lanes = lanes_of(plan, active.size)
    return pack(progress.states, progress.memory, active, plan.begin.walkers.start, lanes)


def _driver(plan: Plan, blocks: Blocks) -> Callable[..., None]:
    empty = np.empty((1, blocks.states.shape[2], 0, blocks.states.shape[1]))
    arguments = _arguments(plan, blocks, slice(0, 1), empty, empty, np.full(1, plan.dt))
    driver: Callable[..., None] = compile_driver(build_drive, pieces_of(plan, plan.few), arguments)
    return driver


def pieces_of(plan: Plan, few: Few | None = None) -> tuple[Any, ...]:
    """Arguments from which the driver of a plan is built: the one for `few` walkers, or the one for any number."""
    integrator = plan.integrator
    traits = (integrator.uses_previous_noise, integrator.can_fail, integrator.variable_step, plan.bridges)
    noise = NOISES[integrator.noise] if few is None else (few_normals(few.lanes), GROUP)
    return (integrator.build(plan.problem.landscape), plan.targets, *noise, *traits, few)


def _arguments(
    plan: Plan, blocks: Blocks, part: slice, frames: FloatArray, marks: FloatArray, lengths: FloatArray
) -> tuple[Any, ...]:
    """Arguments of the driver after (report, first, last), for the blocks in `part`."""
    landscape = plan.problem.landscape
    lanes = blocks.states.shape[2]
    noise = aligned((batch_of(plan) + 1, plan.numbers, lanes), np.float32)
    work = aligned((WATCH_ROWS + plan.integrator.work_rows(landscape), lanes))
    return (
        blocks.states[part], blocks.walkers[part], blocks.memory[part], blocks.status[part], blocks.stop_step[part],
        blocks.stop_state[part], blocks.which[part], frames, marks, noise, work, np.int64(plan.every), lengths, WALK,
        *split_key(plan.begin.seed), float(plan.problem.temperature), plan.margin, plan.horizon, landscape.parameters,
    )  # fmt: skip


def batch_of(plan: Plan) -> int:
    """The number of steps in a run for which one call of the generator draws the noise."""
    if plan.few is not None:
        return few_batch(plan.few)
    return batch_steps(plan.numbers, NOISES[plan.integrator.noise][1])


def _chunk_end(plan: Plan, progress: Progress, rate: float, blocks: Blocks) -> int:
    affordable = int(rate * CHUNK_SECONDS / blocks.index.size)
    if plan.targets:
        affordable = min(affordable, max(512, progress.step // 4))
    if plan.every:
        affordable = min(affordable, plan.every * max(1, FRAME_BYTES // blocks.states.nbytes))
    batch = batch_of(plan)
    last = (progress.step + max(batch, affordable)) // batch * batch
    if last > plan.last:
        return plan.last
    check = last // CHECK_STEPS * CHECK_STEPS
    return check if check > progress.step else last


def _run(
    driver: Callable[..., None], plan: Plan, blocks: Blocks, first: int, last: int, pool: ThreadPoolExecutor
) -> tuple[FloatArray, FloatArray]:
    """Run all blocks from step `first` to `last`.

    Returns the recorded frames (walkers, frames, dim), and the states (walkers, checks, dim) at the multiples of
    `CHECK_STEPS`.
    """
    recorded = last // plan.every - first // plan.every if plan.every else 0
    checks = last // CHECK_STEPS - first // CHECK_STEPS
    count, dim, lanes = blocks.states.shape
    frames, marks = (np.empty((count, lanes, many, dim)) for many in (recorded, checks))
    tasks = min(count, plan.threads * 4 if count >= plan.threads * 8 else plan.threads)
    cuts = np.linspace(0, count, tasks + 1).astype(int)
    lengths = step_lengths(plan.dt, plan.schedule, first, last)

    def part(begin: int, end: int) -> None:
        own = slice(begin, end)
        arguments = _arguments(plan, blocks, own, frames[own], marks[own], lengths)
        driver(np.full(1, -1), np.int64(first), np.int64(last), *arguments)

    if plan.threads == 1 or tasks == 1:
        part(0, count)
    else:
        with stopping.held():
            list(pool.map(part, cuts[:-1], cuts[1:]))
    walkers = blocks.index.size
    return (
        frames.reshape(count * lanes, recorded, dim)[:walkers],
        marks.reshape(count * lanes, checks, dim)[:walkers],
    )


def _collect(
    blocks: Blocks, progress: Progress, last: int, marks: FloatArray, ends: bool
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Copy a chunk's results from the blocks to the rows of all walkers.

    Returns the rows of the walkers that were lost in this chunk: a coordinate is not a number below `FARTHEST` in one
    of the `marks` (walkers, checks, dim), or at the step `last` if the run `ends` there. Also returns the first step of
    each of these walkers at which this was seen.
    """
    states, memory = blocks.rows(blocks.states), blocks.rows(blocks.memory)
    status, stop_step = blocks.flat(blocks.status), blocks.flat(blocks.stop_step)
    ran = progress.status[blocks.index] == Status.FINISHED
    stopped = stop_step >= 0
    if stopped.any():
        states = np.where(stopped[:, None], blocks.rows(blocks.stop_state), states)
        states[status == Status.DIVERGED] = np.nan
    steps = (progress.step // CHECK_STEPS + 1 + np.arange(marks.shape[1])) * CHECK_STEPS
    if ends and last % CHECK_STEPS:
        marks, steps = np.concatenate([marks, states[:, None]], axis=1), np.append(steps, last)
    gone, seen = blocks.index[:0], steps[:0]
    if not all_somewhere(marks):
        on_the_way = ran[:, None] & (~stopped[:, None] | (steps < stop_step[:, None]))
        missing = nowhere(marks) & on_the_way
        lost = missing.any(axis=1)
        gone, seen = blocks.index[lost], steps[missing.argmax(axis=1)[lost]]
        status[lost], stop_step[lost], states[lost] = Status.DIVERGED, seen, np.nan
        blocks.flat(blocks.which)[lost] = -1
    rows: Any = blocks.index[ran]
    if rows.size == progress.status.size:  # whole arrays are copied much faster
        rows = ran = slice(None)
    progress.states[rows], progress.memory[rows] = states[ran], memory[ran]
    progress.status[rows], progress.stop_step[rows] = status[ran], stop_step[ran]
    progress.which[rows] = blocks.flat(blocks.which)[ran]
    return gone, seen


def _first_losses(
    driver: Callable[..., None],
    plan: Plan,
    sound: Sound | None,
    lost: NDArray[np.int64],
    seen: NDArray[np.int64],
    pool: ThreadPoolExecutor,
) -> NDArray[np.int64]:
    """The first step (walkers,) after which each `lost` walker has a coordinate that is not a number below `FARTHEST`.

    `seen` are the steps of the checks that found the loss. The path since the check before it is simulated again, with
    a frame every step. It is the same path, since the noise of a step depends only on seed, walker and step.
    """
    assert sound is not None
    lanes = lanes_of(plan, lost.size)
    blocks = pack(sound.states, sound.memory, lost, plan.begin.walkers.start, lanes)
    found, step, silent = seen.copy(), sound.step, replace(plan, every=0)
    before = (seen - 1) // CHECK_STEPS * CHECK_STEPS
    while (left := (found == seen) & (step < seen)).any():
        begin = max(step, int(before[left].min()))
        _run(driver, silent, blocks, step, begin, pool)
        end = min(begin + REPLAY_STEPS, int(seen.max()))
        frames, _ = _run(driver, replace(plan, every=1), blocks, begin, end, pool)
        steps = begin + 1 + np.arange(end - begin)
        gone = nowhere(frames) & (before[:, None] < steps) & (steps <= seen[:, None])
        found = np.where(left & gone.any(axis=1), steps[gone.argmax(axis=1)], found)
        step = end
    return found


def _record(plan: Plan, blocks: Blocks, progress: Progress, frames: FloatArray) -> None:
    """Keep the frames; a walker that has stopped has constant coordinates in them after its stop."""
    stop = progress.stop_step[blocks.index]
    if blocks.index.size < progress.status.size or (stop >= 0).any():
        steps = plan.every * (progress.step // plan.every + 1 + np.arange(frames.shape[1]))
        still = (stop[:, None] >= 0) & (steps >= stop[:, None])
        moving, frames = frames, np.repeat(progress.states[:, None], frames.shape[1], axis=1)
        frames[blocks.index] = np.where(still[..., None], frames[blocks.index], moving)
    if not all_somewhere(frames):  # a walker is lost, and its coordinates are not a position
        frames[nowhere(frames)] = np.nan
    progress.frames = replace(progress.frames, recorded=[*progress.frames.recorded, frames])
