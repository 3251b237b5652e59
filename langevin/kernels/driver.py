"""The one compiled loop: blocks > batches of noise > steps, with recording and first passage.

States stand as x[block, coordinate, lane], one walker a lane, so that a block's state
stays in cache for all its steps and every loop over lanes is a vector loop. The driver advances
every block from step `first` to step `last`:

    states      (blocks, dim, lanes), in place     walkers  (blocks, lanes) uint64
    status      (blocks, lanes) int64, 0: running  frames   (frames, blocks, dim, lanes), recorded
    stop_step   (blocks, lanes) int64, -1: never   every    record every so many steps, 0: never
    stop_state  (blocks, dim, lanes)               work     (1 + rows of the step, lanes), scratch
    normals     (batch + 1, dim, lanes) float32    words    (4 * MAX_LANES,) int32, scratch
    lengths     time steps from `first` on; the last of them serves all that follow
    margin      distance by which the target is widened
    clock       (blocks, lanes), the time of each walker where steps vary; 0 otherwise
    horizon     time after which a walker with a clock is censored
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba.extending import register_jitable

from langevin.kernels.borrow import borrow
from langevin.kernels.compile import jitable
from langevin.kernels.normals import fill_normals

HIT = 1
CENSORED = 2
#: The stream beside the walk's own that gives the noise "before" the first step.
BEFORE = np.uint64(1)


def build_drive(
    step: Callable[..., None],
    target: Callable[..., None] | None,
    keeps_noise: bool,
    can_fail: bool,
    stamp: int,
) -> Callable[..., None]:
    """Close the driver over a step kernel and a target kernel (None: nobody watches)."""
    advance = jitable(step)
    watches = target is not None
    distance_to_target = jitable(target or _nothing)
    stops = watches or can_fail

    def drive(
        report, first, last, states, walkers, clock, status, stop_step, stop_state, frames, normals, words, work,
        every, lengths, stream, key_0, key_1, temperature, margin, horizon, parameters,
    ):  # fmt: skip
        report[0] = stamp
        if first >= last:
            return
        blocks, dim, lanes = states.shape
        batch = normals.shape[0] - 1
        noise = borrow(normals)
        rows = borrow(normals[1:].reshape((batch * dim, lanes)))
        groups = batch * dim // 4
        integers = borrow(words)
        scratch, distance = borrow(work[1:]), borrow(work[0])
        for block in range(blocks):
            x, names, ended = borrow(states[block]), borrow(walkers[block]), borrow(status[block])
            times, ends, last_states = (
                borrow(clock[block]),
                borrow(stop_step[block]),
                borrow(stop_state[block]),
            )
            if keeps_noise and first == 0:
                fill_normals(rows, integers, 0, names, stream + BEFORE, key_0, key_1)
                copy_rows(noise[0], noise[1])
            elif keeps_noise and first % batch == 0:
                fill_normals(rows, integers, (first // batch - 1) * groups, names, stream, key_0, key_1)
                copy_rows(noise[0], noise[batch])
            for index in range(first // batch, (last - 1) // batch + 1):
                fill_normals(rows, integers, index * groups, names, stream, key_0, key_1)
                for now in range(max(first, index * batch), min(last, (index + 1) * batch)):
                    slot = now - index * batch
                    dt = lengths[min(now - first, lengths.size - 1)]
                    advance(
                        x, noise[slot + 1], noise[slot], scratch, times, ended, dt, temperature, parameters
                    )
                    if watches:
                        distance_to_target(x, distance, parameters)
                        mark_arrivals(distance, margin, times, horizon, ended)
                    if stops:
                        note_stops(x, now + 1, ended, ends, last_states)
                    if every > 0 and (now + 1) % every == 0:
                        copy_rows(frames[(now + 1) // every - first // every - 1, block], x)
                if keeps_noise:
                    copy_rows(noise[0], noise[batch])

    return drive


def _nothing(x: Any, out: Any, parameters: Any) -> None:
    """Stand in for a target where nobody watches: the compiler removes the call."""


@register_jitable
def copy_rows(out, source):
    """out[...] = source, as loops: an array assignment costs seconds of compilation."""
    for row in range(source.shape[0]):
        for lane in range(source.shape[1]):
            out[row, lane] = source[row, lane]


@register_jitable
def mark_arrivals(distance, margin, clock, horizon, status):
    """Give status HIT to running walkers at a distance of at most margin, CENSORED to those past the horizon."""
    for lane in range(distance.size):
        if status[lane] == 0:
            if clock[lane] > horizon:
                status[lane] = CENSORED
            elif distance[lane] <= margin:
                status[lane] = HIT


@register_jitable
def note_stops(x, now, status, stop_step, stop_state):
    """Keep the step and the state of walkers that stopped in this step."""
    fresh = 0
    for lane in range(status.size):
        fresh += (status[lane] != 0) & (stop_step[lane] < 0)
    if fresh > 0:
        for lane in range(status.size):
            if status[lane] != 0 and stop_step[lane] < 0:
                stop_step[lane] = now
                for row in range(x.shape[0]):
                    stop_state[row, lane] = x[row, lane]
