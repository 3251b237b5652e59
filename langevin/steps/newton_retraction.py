"""Retractions by Newton's steps over lanes, the landscape's closed form, and the refusal of steps without a retraction.

Each is a `Retraction`, with a kernel

    project(x, displaced, normals, current, matrix, weights, scratch, status, parameters)

that moves x (dim, lanes) from its old position on the surface to the projection y of `displaced`. On entry `normals`
(codim, dim, lanes) is J(x); at the end `current` is J(y), up to the last, small move. The other arrays are scratch.
Along the normals at the start, the pivots of J(y) J(x)^T are left on the diagonal of `matrix`, for
`normal_vectors.turned_over`.

An iteration stops in a lane when its step is below 1e-7 of the kick: the next, quadratically
smaller step is then below round-off. This criterion is independent of scale. The step is the residual over its normal
scale only if J J^T does not overflow: a step of 0 after an overflow is not convergence. A lane that has not
stopped after its last iteration gets the status PROJECTION_FAILED.

A refused step does not move its walker, and an accepted step does. So successive refusals at the same position are
refusals in a row, and it suffices to store the position at a refusal: an accepted step needs no extra work.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numba.extending import register_jitable

from langevin.kernels.compile import jitable
from langevin.kernels.driver import copy_rows
from langevin.kernels.lane_matrices import gram, solve_lanes, subtract_rows
from langevin.kernels.views import views_of
from langevin.steps.landscape_kernels import constraint_of
from langevin.steps.normal_vectors import products
from langevin.types import Kernel, Landscape, Rows

MAX_ITERATIONS = 30
NEWTON_TOLERANCE = 1e-7
ROUND_OFF = 4.0 * np.finfo(np.float64).eps
FAILED = 4
#: Number of refused steps in sequence after which a walker has failed.
MOST_REFUSALS = 1000


@dataclass(frozen=True)
class Retraction:
    """A retraction to the surface: its kernel, and the rows of `scratch` that the kernel uses."""

    build: Callable[[Landscape], Kernel]
    rows: Callable[[Landscape], Rows]


@register_jitable
def square_norms(difference, other, out):
    """out = |difference - other|^2 for each lane."""
    for lane in range(out.size):
        out[lane] = 0.0
    for i in range(difference.shape[0]):
        for lane in range(out.size):
            out[lane] += (difference[i, lane] - other[i, lane]) ** 2


@register_jitable
def settle(x, moved, limit, busy, excess, tolerance):
    """Take the step x <- moved in busy lanes; a lane whose step is small is then no longer busy.

    Returns how many lanes are busy. `excess` is scratch: the squared step minus the limit of round-off.
    """
    lanes = busy.size
    for lane in range(lanes):
        excess[lane] = -tolerance * tolerance * limit[lane]
    for i in range(x.shape[0]):
        for lane in range(lanes):
            step, size = moved[i, lane] - x[i, lane], ROUND_OFF * moved[i, lane]
            excess[lane] += step * step - size * size
            x[i, lane] = moved[i, lane] if busy[lane] > 0.0 else x[i, lane]
    left = 0
    for lane in range(lanes):
        busy[lane] = 0.0 if excess[lane] <= 0.0 else busy[lane]
        left += busy[lane] > 0.0
    return left


@register_jitable
def start_running(busy, status):
    """Mark the lanes of running walkers as busy; a stopped walker would prolong the iteration of the others."""
    for lane in range(busy.size):
        busy[lane] = 1.0 if status[lane] == 0 else 0.0


@register_jitable
def note_failures(matrix, busy, status):
    """Give the status PROJECTION_FAILED to lanes that are still busy, or whose pivots in `matrix` overflow."""
    for k in range(matrix.shape[0]):
        for lane in range(busy.size):
            finite = abs(matrix[k, k, lane]) < np.inf
            busy[lane] = busy[lane] if finite or status[lane] != 0 else 1.0
    for lane in range(busy.size):
        if busy[lane] > 0.0:
            status[lane] = FAILED


def newton(fresh_normals: bool, iterations: int = MAX_ITERATIONS, begun: bool = False) -> Retraction:
    """x <- x - N^T (J N^T)^(-1) r, with N the current Jacobian (Gauss-Newton) or the Jacobian at the start (SHAKE).

    If it has `begun`, `current` comes in as J(displaced), and is not computed again.
    """
    return Retraction(lambda landscape: _newton(landscape, fresh_normals, iterations, begun), newton_rows)


def newton_rows(landscape: Landscape) -> Rows:
    """The scratch rows of Newton's steps."""
    return Rows(moved=landscape.dim, limit=(), busy=(), excess=())


def _newton(landscape: Landscape, fresh_normals: bool, iterations: int, begun: bool) -> Kernel:
    residual, jacobian = constraint_of(landscape)
    views = views_of(newton_rows(landscape))

    def project(x, displaced, normals, current, matrix, weights, scratch, status, parameters):
        moved, limit, busy, excess = views(scratch)
        square_norms(displaced, x, limit)
        copy_rows(x, displaced)
        start_running(busy, status)
        for turn in range(iterations):
            residual(x, weights, parameters)
            if turn > 0 or not begun:
                jacobian(x, current, parameters)
            copy_rows(moved, x)
            if fresh_normals:
                products(current, matrix)
                solve_lanes(matrix, weights)
                subtract_rows(moved, current, weights)
            else:
                gram(current, normals, matrix)
                solve_lanes(matrix, weights)
                subtract_rows(moved, normals, weights)
            if settle(x, moved, limit, busy, excess, NEWTON_TOLERANCE) == 0:
                break
        note_failures(matrix, busy, status)

    return project


#: Full Gauss-Newton steps with the current Jacobian.
gauss_newton = newton(fresh_normals=True)


def _closed(landscape: Landscape) -> Kernel:
    """The landscape's retraction along the normals at the start, in closed form; it overwrites `displaced`.

    It turns no normal by a right angle or more (see `Landscape`); so the diagonal of `matrix` gets pivots of 1.
    """
    assert landscape.retract
    retract = jitable(landscape.retract)

    def project(x, displaced, normals, current, matrix, weights, scratch, status, parameters):
        for i in range(x.shape[0]):
            for lane in range(x.shape[1]):
                displaced[i, lane] -= x[i, lane]
        retract(x, displaced, scratch, status, parameters)
        for k in range(matrix.shape[0]):
            for lane in range(x.shape[1]):
                matrix[k, k, lane] = 1.0

    return project


#: Newton along the normals at the start (Ryckaert, Ciccotti and Berendsen 1977).
shake = newton(fresh_normals=False)
closed = Retraction(_closed, lambda landscape: Rows(scratch=landscape.retract_rows))


def refusal_rows(tallies: tuple[str, ...]) -> Rows:
    """Rows of memory: the tallies, then the number of refusals in a row and the position of the last refusal."""
    return Rows(counts=len(tallies), in_a_row=(), place=())


@register_jitable
def refuse_failed(x, status, refused, in_a_row, place):
    """Count failed steps in `refused` (lanes,), and let their walkers, still at x (dim, lanes), continue.

    A walker that was refused `MOST_REFUSALS` times in a row keeps the status of failure. Few steps have a failure, so a
    first loop, in vectors, only tests whether there is one.
    """
    failures = 0
    for lane in range(status.size):
        failures += status[lane] == FAILED
    if failures == 0:
        return
    for lane in range(status.size):
        if status[lane] == FAILED and in_a_row[lane] < MOST_REFUSALS:
            here = 0.0
            for i in range(x.shape[0]):
                here += x[i, lane]
            in_a_row[lane] = in_a_row[lane] + 1.0 if here == place[lane] else 1.0
            place[lane] = here
            refused[lane] += 1.0
            if in_a_row[lane] < MOST_REFUSALS:
                status[lane] = 0
