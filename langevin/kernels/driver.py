"""The one compiled loop: blocks > batches of noise > steps, with recording and first passage.

States stand as x[block, coordinate, lane], one walker a lane, so that a block's state
stays in cache for all its steps and every loop over lanes is a vector loop. The driver advances
every block from step `first` to step `last`:

    states      (blocks, dim, lanes), in place     walkers  (blocks, lanes) uint64
    memory      (blocks, rows, lanes), in place: what else a walker carries from step to step
    status      (blocks, lanes) int64, 0: running  frames   (frames, blocks, dim, lanes), recorded
    stop_step   (blocks, lanes) int64, -1: never   every    record every so many steps, 0: never
    stop_state  (blocks, dim, lanes)               which    (blocks, lanes) int64, the target reached
    noise       (batch + 1, rows, lanes) float32   work     (WATCH_ROWS + rows of the step, lanes), scratch
    lengths     time steps from `first` on; the last of them serves all that follow
    margin      distance by which the target is widened
    horizon     time after which a walker whose first row of memory is a clock is censored, inf without clocks

A step has `dim` numbers of noise, then those that the integrator asks for beside them, then two for the
bridge correction.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numba.extending import register_jitable

from langevin.kernels.arrivals import NEAREST, WATCH_ROWS, note_stops, start_watch, watch
from langevin.kernels.borrow import borrow
from langevin.kernels.compile import inlined, jitable

#: The stream beside the walk's own that gives the noise "before" the first step.
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
    stamp: int,
) -> Callable[..., None]:
    """Close the driver over a step kernel, target kernels (none: nobody watches) and a source of noise.

    `fill` writes whole groups of `group_size` numbers (see normals.fill_normals). With `clocks` the
    first row of memory is a walker's own time, and with `bridges` it may also arrive between the ends of a step.
    """
    advance, fill_noise = inlined(step), fill
    prepare, look = jitable(start_watch(targets, bridges)), jitable(watch(targets, clocks, bridges))

    def drive(
        report, first, last, states, walkers, memory, status, stop_step, stop_state, which, frames, noise,
        work, every, lengths, stream, key_0, key_1, temperature, margin, horizon, parameters,
    ):  # fmt: skip
        report[0] = stamp
        if first >= last:
            return
        blocks, dim, lanes = states.shape
        batch, numbers = noise.shape[0] - 1, noise.shape[1]
        drawn = borrow(noise)
        rows = borrow(noise[1:].reshape((batch * numbers, lanes)))
        groups = batch * numbers // group_size
        watched, scratch = borrow(work[:WATCH_ROWS]), borrow(work[WATCH_ROWS:])
        for block in range(blocks):
            x, names, ended = borrow(states[block]), borrow(walkers[block]), borrow(status[block])
            carried, ends, reached = borrow(memory[block]), borrow(stop_step[block]), borrow(which[block])
            last_states = borrow(stop_state[block])
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
                        copy_rows(frames[(now + 1) // every - first // every - 1, block], x)
                if keeps_noise:
                    copy_rows(drawn[0], drawn[batch])

    return drive


@register_jitable
def copy_rows(out, source):
    """out[...] = source, as loops: an array assignment costs seconds of compilation."""
    for row in range(source.shape[0]):
        for lane in range(source.shape[1]):
            out[row, lane] = source[row, lane]
