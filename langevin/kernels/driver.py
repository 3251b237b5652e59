"""The one compiled loop: blocks > batches of noise > steps, with recording and first passage.

States stand as x[block, coordinate, lane], one walker a lane, so that a block's state
stays in cache for all its steps and every loop over lanes is a vector loop. The driver advances
every block from step `first` to step `last`:

    states      (blocks, dim, lanes), in place     walkers  (blocks, lanes) uint64
    memory      (blocks, rows, lanes), in place: what else a walker carries from step to step
    status      (blocks, lanes) int64, 0: running  frames   (frames, blocks, dim, lanes), recorded
    stop_step   (blocks, lanes) int64, -1: never   every    record every so many steps, 0: never
    stop_state  (blocks, dim, lanes)               which    (blocks, lanes) int64, the target reached
    noise       (batch + 1, rows, lanes) float32   work     (OWN_ROWS + rows of the step, lanes), scratch
    words       (4 * MAX_LANES,) int32, scratch
    lengths     time steps from `first` on; the last of them serves all that follow
    margin      distance by which the target is widened
    horizon     time after which a walker whose first row of memory is a clock is censored, inf without clocks

A step has `dim` numbers of noise, then those that the integrator asks for beside them, then two for the
bridge correction.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba.extending import register_jitable

from langevin.kernels.borrow import borrow
from langevin.kernels.compile import jitable
from langevin.kernels.targets import nearest_target

HIT = 1
CENSORED = 2
#: The stream beside the walk's own that gives the noise "before" the first step.
BEFORE = np.uint64(1)
#: Rows of scratch that the driver keeps for itself: distance, distance before the step, nearest target, spare.
OWN_ROWS = 4
#: Numbers of noise that the bridge correction takes at every step.
BRIDGE_ROWS = 2


def build_drive(
    step: Callable[..., None],
    targets: tuple[Callable[..., None], ...],
    fill: Callable[..., None],
    group_size: int,
    keeps_noise: bool,
    can_fail: bool,
    bridges: bool,
    stamp: int,
) -> Callable[..., None]:
    """Close the driver over a step kernel, target kernels (none: nobody watches) and a source of noise.

    `fill` writes whole groups of `group_size` numbers (see normals.fill_normals). With `bridges` a walker may
    also arrive between the ends of a step.
    """
    advance, fill_noise = jitable(step), jitable(fill)
    watches = bool(targets)
    distance_to_target = jitable(nearest_target(targets) if targets else _nothing)
    stops = watches or can_fail

    def drive(
        report, first, last, states, walkers, memory, status, stop_step, stop_state, which, frames, noise, words,
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
        integers = borrow(words)
        distance, before, nearest, spare = borrow(work[0]), borrow(work[1]), borrow(work[2]), borrow(work[3])
        scratch = borrow(work[OWN_ROWS:])
        for block in range(blocks):
            x, names, ended = borrow(states[block]), borrow(walkers[block]), borrow(status[block])
            carried, ends, reached = borrow(memory[block]), borrow(stop_step[block]), borrow(which[block])
            last_states = borrow(stop_state[block])
            if keeps_noise and first == 0:
                fill_noise(rows, integers, 0, names, stream + BEFORE, key_0, key_1)
                copy_rows(drawn[0], drawn[1])
            elif keeps_noise and first % batch == 0:
                fill_noise(rows, integers, (first // batch - 1) * groups, names, stream, key_0, key_1)
                copy_rows(drawn[0], drawn[batch])
            if bridges:
                distance_to_target(x, distance, nearest, spare, parameters)
            for index in range(first // batch, (last - 1) // batch + 1):
                fill_noise(rows, integers, index * groups, names, stream, key_0, key_1)
                for now in range(max(first, index * batch), min(last, (index + 1) * batch)):
                    slot = now - index * batch + 1
                    dt = lengths[min(now - first, lengths.size - 1)]
                    advance(
                        x, drawn[slot], drawn[slot - 1], scratch, carried, ended, dt, temperature, parameters
                    )
                    if watches:
                        copy_row(before, distance)
                        distance_to_target(x, distance, nearest, spare, parameters)
                        mark_arrivals(distance, margin, carried[0], horizon, ended)
                        if bridges:
                            mark_crossings(
                                before, distance, drawn[slot, numbers - 2 :], temperature * dt, ended
                            )
                    if stops:
                        note_stops(x, now + 1, ended, nearest, ends, last_states, reached)
                    if every > 0 and (now + 1) % every == 0:
                        copy_rows(frames[(now + 1) // every - first // every - 1, block], x)
                if keeps_noise:
                    copy_rows(drawn[0], drawn[batch])

    return drive


def _nothing(x: Any, distance: Any, which: Any, spare: Any, parameters: Any) -> None:
    """Stand in for a target where nobody watches: the compiler removes the call."""


@register_jitable
def copy_row(out, source):
    """out[...] = source for one row."""
    for lane in range(source.size):
        out[lane] = source[lane]


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
def mark_crossings(before, after, noise, spread, status):
    """Give status HIT to walkers that touched the target inside the step, though both of its ends lie outside.

    A Brownian bridge between distances a and b > 0 over a time dt touches 0 with probability
    exp(-a b / (theta dt)) (Baldi 1995); spread is theta dt. Half the square sum of two normals is an exponential
    variable: it exceeds a b / spread with that very probability.
    """
    for lane in range(after.size):
        drawn = 0.5 * (np.float64(noise[0, lane]) ** 2 + np.float64(noise[1, lane]) ** 2)
        if status[lane] == 0 and before[lane] * after[lane] < drawn * spread:
            status[lane] = HIT


@register_jitable
def note_stops(x, now, status, nearest, stop_step, stop_state, which):
    """Keep the step, the state and the target of walkers that stopped in this step."""
    fresh = 0
    for lane in range(status.size):
        fresh += (status[lane] != 0) & (stop_step[lane] < 0)
    if fresh > 0:
        for lane in range(status.size):
            if status[lane] != 0 and stop_step[lane] < 0:
                stop_step[lane] = now
                if status[lane] == HIT:
                    which[lane] = np.int64(nearest[lane])
                for row in range(x.shape[0]):
                    stop_state[row, lane] = x[row, lane]
