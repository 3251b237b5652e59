"""The rules of a Metropolis step on a surface: why it is not taken, lane by lane, each step for one cause."""

from __future__ import annotations

import numpy as np
from numba.extending import register_jitable

from langevin.steps.newton_retraction import FAILED, ROUND_OFF
from langevin.steps.normal_vectors import turned_over

TALLIES = ("rejected", "not_projected", "reverse_failed", "wrong_branch", "beyond_walls")
#: Why a step is not taken: minus the number of its tally, from 1. A stopped walker takes none; 0 is a step so far good.
REJECTED, NOT_PROJECTED, REVERSE_FAILED, WRONG_BRANCH, BEYOND_WALLS, STOPPED = -1, -2, -3, -4, -5, -6
#: Distance from x, over the size s of a step, within which the reversed step has ended there.
RETURNED = 1e-6


@register_jitable
def note_stopped(status, cause):
    """Every running walker begins a step; the others take none."""
    for lane in range(cause.size):
        cause[lane] = 0.0 if status[lane] == 0 else STOPPED


@register_jitable
def note_turns(ahead, x, matrix, cause):
    """Name the failures of the way to y, and normals that turned over; where there is no y, go on with x."""
    for lane in range(cause.size):
        if cause[lane] == FAILED:
            cause[lane] = NOT_PROJECTED
        elif cause[lane] == 0.0 and turned_over(matrix, lane):
            cause[lane] = WRONG_BRANCH
    for i in range(x.shape[0]):
        for lane in range(cause.size):
            found = cause[lane] == 0.0 or cause[lane] == WRONG_BRANCH
            ahead[i, lane] = ahead[i, lane] if found else x[i, lane]


@register_jitable
def note_walls(chord, there, again, outside, cause):
    """Forgive normals that turned over on a step along both tangent spaces; name y beyond the walls.

    `chord`, `there` and `again` are |y - x|^2, |v|^2 and |v'|^2.
    """
    for lane in range(cause.size):
        if cause[lane] == WRONG_BRANCH and chord[lane] <= 2.0 * min(there[lane], again[lane]):
            cause[lane] = 0.0
        if cause[lane] == 0.0 and not outside[lane] <= 0.0:
            cause[lane] = BEYOND_WALLS


@register_jitable
def note_no_return(back, x, kick, cause):
    """Name the failures of the reversed step: no convergence, or another end than x."""
    for lane in range(cause.size):
        if cause[lane] == FAILED:
            cause[lane] = REVERSE_FAILED
        elif cause[lane] == 0.0:
            apart, size = 0.0, 0.0
            for i in range(x.shape[0]):
                apart += (back[i, lane] - x[i, lane]) ** 2
                size += x[i, lane] ** 2
            if not apart <= (RETURNED * kick) ** 2 + ROUND_OFF**2 * size:
                cause[lane] = REVERSE_FAILED


@register_jitable
def decide(x, ahead, noise, there, again, ratio, kick, gibbs, cause, memory):
    """Take y with the Metropolis probability, and count the steps that are not taken by their causes.

    `noise` (2, lanes) decides; `ratio` is det J J^T at y over that at x.
    """
    for lane in range(cause.size):
        drawn = 0.5 * (np.float64(noise[0, lane]) ** 2 + np.float64(noise[1, lane]) ** 2)
        threshold = (again[lane] - there[lane]) / (2.0 * kick * kick)
        if gibbs:
            threshold += 0.5 * np.log(ratio[lane])
        if cause[lane] == 0.0 and not drawn >= threshold:
            cause[lane] = REJECTED
        if STOPPED < cause[lane] < 0.0:
            memory[int(-cause[lane]) - 1, lane] += 1.0
    for i in range(x.shape[0]):
        for lane in range(cause.size):
            x[i, lane] = ahead[i, lane] if cause[lane] == 0.0 else x[i, lane]
