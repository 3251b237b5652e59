"""The compiled loop of splitting: advance one block of walkers and log every new height that a walker reaches.

A walk moves between an origin A and a target B, and its height is a score of the state. In one mode, the *climb*, a
walker ends when it enters A or B, and each state that is higher than all before it is written into a log: the walk can
be split at these states. In the other mode, the *roaming*, a walker enters and leaves A, ends only in B, and the first
state after each exit from A is logged. The same code is used for both: it logs a state outside A if its height is above
the walker's `best`. A climb then sets `best` to this height. Roaming sets it to infinity outside A and to minus
infinity inside.

    x           (dim, lanes), in place             memory   (rows + 1, lanes), in place; the last row is `best`
    walkers     (lanes,) uint64                    status   (lanes,) int64, 0: on the way
    ended       (lanes,) int64, step, -1: never    tally    (2,) int64: records in the log, step reached
    log         (records, 3 + dim + rows): step, lane, height, state, memory
    noise       (batch + 1, rows, lanes) float32   work     (OWN_ROWS + rows of the step, lanes), scratch
    threshold   A is where the origin kernel is at most this
    margin      B is where the distance to the target is at most this

A state in the target has an infinite height. The loop returns before step `last` if the log is full, or if
all walkers have ended: `tally` has the step that it reached.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numba.extending import register_jitable

from langevin.kernels.compile import jitable
from langevin.kernels.loop_arrays import borrow
from langevin.kernels.targets import DIVERGED, HIT, nearest_target

#: Ends of a walk in addition to Status: it is in A again; it is in A and B at once.
RETURNED = 5
OVERLAP = 6
#: Number of rows of scratch that only the loop uses: height, origin, distance, nearest target, spare.
OWN_ROWS = 5
#: Columns of a record before the state.
STEP, LANE, HEIGHT, STATE = 0, 1, 2, 3


def build_climb(
    step: Callable[..., None],
    score: Callable[..., None] | None,
    origin: Callable[..., None] | None,
    targets: tuple[Callable[..., None], ...],
    fill: Callable[..., None],
    group_size: int,
    stamp: int,
) -> Callable[..., None]:
    """The loop, a closure over a step, a score (None: minus the distance to B), an origin (None: the score) and B."""
    advance, fill_noise = jitable(step), fill
    score_of, origin_of = jitable(score or _nothing), jitable(origin or _nothing)
    by_distance, by_score = score is None, origin is None
    distance_to_target = jitable(nearest_target(targets))

    def climb(
        report, first, last, x, walkers, memory, status, ended, tally, log, noise, work, dt, stream, key_0,
        key_1, temperature, threshold, margin, roams, parameters,
    ):  # fmt: skip
        report[0] = stamp
        if first >= last:
            return
        lanes = x.shape[1]
        batch, numbers = noise.shape[0] - 1, noise.shape[1]
        drawn, rows = borrow(noise), borrow(noise[1:].reshape((batch * numbers, lanes)))
        groups = batch * numbers // group_size
        height, origin_at, distance = borrow(work[0]), borrow(work[1]), borrow(work[2])
        nearest, spare, scratch = borrow(work[3]), borrow(work[4]), borrow(work[OWN_ROWS:])
        state, carried, ends, stops = borrow(x), borrow(memory), borrow(status), borrow(ended)
        best = borrow(memory[memory.shape[0] - 1])
        running = 0
        for lane in range(lanes):
            running += ends[lane] == 0
        tally[0] = 0
        for index in range(first // batch, (last - 1) // batch + 1):
            fill_noise(rows, index * groups, walkers, stream, key_0, key_1)
            for now in range(max(first, index * batch), min(last, (index + 1) * batch)):
                if running == 0 or tally[0] + lanes > log.shape[0]:
                    tally[1] = now if running > 0 else last
                    return
                slot = now - index * batch + 1
                advance(
                    state, drawn[slot], drawn[slot - 1], scratch, carried, ends, dt, temperature, parameters
                )
                distance_to_target(state, distance, nearest, spare, parameters)
                if by_distance:
                    negate(height, distance)
                else:
                    score_of(state, height, parameters)
                if by_score:
                    copy(origin_at, height)
                else:
                    origin_of(state, origin_at, parameters)
                if weigh(height, origin_at, distance, best, ends, stops, threshold, margin, roams) > 0:
                    running = note(state, carried, height, origin_at, ends, stops, now + 1, threshold, roams,
                                   log, tally)  # fmt: skip
        tally[1] = last

    return climb


def _nothing(x, out, parameters):
    """Do nothing, in place of a kernel that is not given: the compiler removes the call."""


@register_jitable
def negate(out, source):
    """out = -source for one row (lanes,)."""
    for lane in range(source.size):
        out[lane] = -source[lane]


@register_jitable
def copy(out, source):
    """out = source for one row (lanes,)."""
    for lane in range(source.size):
        out[lane] = source[lane]


@register_jitable
def weigh(height, origin_at, distance, best, status, ended, threshold, margin, roams):
    """Set heights to infinity in B and, when roaming, to minus infinity in A; returns how many lanes need `note`.

    The height is nan if the distance to B is nan.
    """
    busy = 0
    for lane in range(height.size):
        inside = origin_at[lane] <= threshold
        arrived = distance[lane] <= margin
        if arrived:
            height[lane] = np.inf
        elif distance[lane] != distance[lane]:
            height[lane] = np.nan
        elif inside:
            height[lane] = -np.inf
        if inside and roams:
            best[lane] = -np.inf
        busy += (ended[lane] < 0) & (
            (not (height[lane] <= best[lane])) | arrived | (inside & (not roams)) | (status[lane] != 0)
        )
    return busy


@register_jitable
def note(x, memory, height, origin_at, status, ended, now, threshold, roams, log, tally):
    """Log the new heights and end walks in A or B; returns how many walks have not ended."""
    dim, rows = x.shape[0], memory.shape[0] - 1
    running = 0
    for lane in range(height.size):
        if ended[lane] >= 0:
            continue
        if status[lane] == 0 and height[lane] > memory[rows, lane]:
            place = tally[0]
            log[place, STEP], log[place, LANE], log[place, HEIGHT] = now, lane, height[lane]
            for row in range(dim):
                log[place, STATE + row] = x[row, lane]
            for row in range(rows):
                log[place, STATE + dim + row] = memory[row, lane]
            tally[0] = place + 1
            memory[rows, lane] = np.inf if roams else height[lane]
        if status[lane] == 0 and height[lane] != height[lane]:
            status[lane] = DIVERGED
        elif status[lane] == 0 and height[lane] == np.inf:
            status[lane] = OVERLAP if origin_at[lane] <= threshold else HIT
        elif status[lane] == 0 and height[lane] == -np.inf and not roams:
            status[lane] = RETURNED
        if status[lane] != 0:
            ended[lane] = now
        else:
            running += 1
    return running
