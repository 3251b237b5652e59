"""The compiled loop of a run, over blocks, batches of noise and steps, with recording and first passage.

States are stored as x[block, coordinate, lane], one walker in each lane, so that a block's state
stays in cache for all its steps and every loop over lanes is a vector loop. The driver advances
every block from step `first` to step `last`:

    states      (blocks, dim, lanes), in place     walkers  (blocks, lanes) uint64
    memory      (blocks, rows, lanes), in place: other numbers that a walker carries from step to step
    status      (blocks, lanes) int64, 0: running  frames   (blocks, lanes, frames, dim), recorded
    stop_step   (blocks, lanes) int64, -1: never   every    record every n-th step, 0: never
    stop_state  (blocks, dim, lanes)               which    (blocks, lanes) int64, the target reached
    marks       (blocks, lanes, marks, dim), states at the multiples of CHECK_STEPS
    noise       (batch + 1, rows, lanes) float32   work     (WATCH_ROWS + rows of the step, lanes), scratch
    lengths     time steps from step `first` on; the last one is used for all later steps
    margin      distance by which the target is widened
    horizon     time after which a walker whose first row of memory is a clock is censored, inf without clocks

A step takes `dim` numbers of noise, then the numbers that the integrator needs in addition, then two for the
bridge correction.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba.extending import register_jitable

from langevin.kernels.compile import inlined, jitable
from langevin.kernels.loop_arrays import Few, borrow, held, shaped
from langevin.kernels.targets import NEAREST, WATCH_ROWS, note_stops, start_watch, watch

#: At multiples of this number of steps (whole batches), states are kept, so that lost walkers can be examined.
CHECK_STEPS = 8192
#: The second stream, in addition to the stream of the walk: it gives the noise "before" the first step.
BEFORE = np.uint64(1)


def build_drive(
    step: Callable[..., None],
    targets: tuple[Callable[..., None], ...],
    fill: Callable[..., None],
    group_size: int,
    keeps_noise: bool,
    can_fail: bool,
    clocks: bool,
    bridges: bool,
    few: Few | None,
    stamp: int,
) -> Callable[..., None]:
    """The driver, a closure over a step kernel, target kernels (if any) and a source of noise.

    `fill` writes whole groups of `group_size` numbers (see normals.fill_normals). With `clocks` the
    first row of memory is the time of each walker. With `bridges` a walker may also arrive between the ends of a step.
    For `few` walkers the lengths of the arrays are compile-time constants, and the state of a single walker stays in
    registers.
    """
    advance, fill_noise = inlined(step), fill
    prepare, look = jitable(start_watch(targets, bridges)), jitable(watch(targets, clocks, bridges))
    rows_of, numbers_of, take, carry, project = _lending(few)

    def drive(
        report, first, last, states, walkers, memory, status, stop_step, stop_state, which, frames, marks,
        noise, work, every, lengths, stream, key_0, key_1, temperature, margin, horizon, parameters,
    ):  # fmt: skip
        report[0] = stamp
        if first >= last:
            return
        blocks, dim, lanes = states.shape
        batch, numbers = noise.shape[0] - 1, noise.shape[1]
        drawn = numbers_of(noise)
        rows = borrow(noise[1:].reshape((batch * numbers, lanes)))
        groups = batch * numbers // group_size
        watched, scratch = rows_of(work[:WATCH_ROWS]), rows_of(work[WATCH_ROWS:])
        for block in range(blocks):
            x, names, ended = take(states[block]), borrow(walkers[block]), rows_of(status[block])
            carried, ends, reached = carry(memory[block]), rows_of(stop_step[block]), rows_of(which[block])
            last_states = rows_of(stop_state[block])
            if keeps_noise and first == 0:
                fill_noise(rows, 0, names, stream + BEFORE, key_0, key_1)
                copy_rows(drawn[0], drawn[1])
            elif keeps_noise and first % batch == 0:
                fill_noise(rows, (first // batch - 1) * groups, names, stream, key_0, key_1)
                copy_rows(drawn[0], drawn[batch])
            prepare(x, watched, parameters)
            for index in range(first // batch, (last - 1) // batch + 1):
                fill_noise(rows, index * groups, names, stream, key_0, key_1)
                for now in range(max(first, index * batch), min(last, (index + 1) * batch)):
                    slot = now - index * batch + 1
                    dt = lengths[min(now - first, lengths.size - 1)]
                    advance(
                        x, drawn[slot], drawn[slot - 1], scratch, carried, ended, dt, temperature, parameters
                    )
                    marked = look(
                        x,
                        watched,
                        drawn[slot],
                        temperature * dt,
                        carried[0],
                        margin,
                        horizon,
                        ended,
                        parameters,
                    )
                    if can_fail or marked > 0:
                        note_stops(x, now + 1, ended, watched[NEAREST], ends, last_states, reached)
                    if every > 0 and (now + 1) % every == 0:
                        keep(frames[block], (now + 1) // every - first // every - 1, x)
                end = (index + 1) * batch
                if end % CHECK_STEPS == 0 and end <= last:
                    keep(marks[block], end // CHECK_STEPS - first // CHECK_STEPS - 1, x)
                if keeps_noise:
                    copy_rows(drawn[0], drawn[batch])
            project(states[block], x)
            project(memory[block], carried)

    return drive


def _lending(few: Few | None) -> tuple[Callable[..., Any], ...]:
    """Functions by which a driver reads rows of lanes, noise, states and memory, and writes states and memory back."""
    if few is None:
        return borrow, borrow, borrow, borrow, leave
    rows, numbers = shaped(few.lanes), shaped(few.numbers, few.lanes)
    if (
        few.lanes > 1
    ):  # LLVM would divide the vectors of several lanes if it knew that no other code uses them
        return rows, numbers, shaped(few.dim, few.lanes), rows, leave
    return rows, numbers, held(few.dim, few.lanes), held(few.memory, few.lanes), copy_rows


@register_jitable(forceinline=True)
def leave(out, source):
    """Do nothing: `out` is already the result."""


@register_jitable(forceinline=True)
def copy_rows(out, source):
    """out[...] = source, in loops, because an array assignment takes seconds of compilation."""
    for row in range(source.shape[0]):
        for lane in range(source.shape[1]):
            out[row, lane] = source[row, lane]


@register_jitable(forceinline=True)
def keep(frames, number, x):
    """frames[:, number] = x for frames (lanes, frames, dim) and x (dim, lanes)."""
    for lane in range(x.shape[1]):
        for row in range(x.shape[0]):
            frames[lane, number, row] = x[row, lane]
