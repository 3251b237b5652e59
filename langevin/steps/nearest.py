"""The nearest point of the surface, as an iteration over lanes.

The first steps go from z to the point of the plane J(z) (z' - z) = -r(z) that is nearest to y, by one linear system:
z' = y - J^+ (r(z) + J (y - z)). They converge only if the distance of y from the surface is below the radius of
curvature on either side, and fast only if it is far below. If a step is not `SHRINKS` times smaller than the step
before, other lengths follow: z' = z + l P (y - z) - J^+ r(z), with P the projection on the tangent space at z, goes
downhill in the distance |z - y|^2 along the surface, and returns to the surface; l = 1 gives the first form. The length
l of Barzilai and Borwein (IMA J. Numer. Anal. 8 (1988) 141), |dz|^2 / (dz . dg) from the last two points z and slopes
g = P (z - y), converges also beyond the radius; with one tangent direction it is the secant method. From y the first
step is a Newton step, so the result is the nearest point or, if y is beyond the centres of curvature, sometimes another
local minimum of the distance.
"""

from __future__ import annotations

import numpy as np
from numba.extending import register_jitable

from langevin.kernels.compile import jitable
from langevin.kernels.driver import copy_rows
from langevin.kernels.lane_matrices import (
    add_dot,
    apply_rows,
    factor_lanes,
    solve_lanes,
    substitute_lanes,
    subtract_rows,
)
from langevin.kernels.views import views_of
from langevin.steps.landscape_kernels import constraint_of
from langevin.steps.newton_retraction import (
    Retraction,
    note_failures,
    settle,
    square_norms,
    start_running,
)
from langevin.steps.normal_vectors import products
from langevin.types import Kernel, Landscape, Rows

ITERATIONS = 200
#: The iteration does not converge quadratically. It ends when the step that would follow is below this fraction of the
#: kick, if its length has the ratio to this step that this step has to the one before, and this step is below SMALL.
TOLERANCE, SMALL = 1e-12, 1e-7
#: Ratio of successive steps, in all lanes, up to which l stays 1.
SHRINKS = 16.0
#: Largest l: if the distance changes very little along the surface, l could be any number.
LONGEST = 1e3


def _rows(landscape: Landscape) -> Rows:
    dim = landscape.dim
    return Rows(
        moved=dim, last=dim, slope=dim, tangent=landscape.codim, length=(), bend=(), limit=(), before=(), allowed=(),
        busy=(), excess=(),
    )  # fmt: skip


@register_jitable
def allow(limit, before, allowed):
    """The largest square of a last step, from those of the kick and of the step before."""
    for lane in range(limit.size):
        following = TOLERANCE * np.sqrt(limit[lane] * before[lane])
        allowed[lane] = min(SMALL * SMALL * limit[lane], following)


@register_jitable
def count_slow(busy, size, before):
    """How many busy lanes have a step that is not `SHRINKS` times smaller than the one before, both as squares.

    The step is then that before.
    """
    slow = 0
    for lane in range(busy.size):
        slow += busy[lane] > 0.0 and not SHRINKS * SHRINKS * size[lane] <= before[lane]  # nan is slow
        before[lane] = size[lane]
    return slow


@register_jitable
def choose_lengths(first, x, last, downhill, slope, length, bend):
    """The length l of each lane's step at x with `downhill` = P (y - x), `last` and `slope` those of the step before.

    l is 1 in the `first` step, and if the second derivative of the distance along the step is negative.
    """
    for lane in range(length.size):
        length[lane] = bend[lane] = 0.0
    for i in range(x.shape[0]):
        for lane in range(length.size):
            way = x[i, lane] - last[i, lane]
            length[lane] += way * way
            bend[lane] += way * (slope[i, lane] - downhill[i, lane])
    for lane in range(length.size):
        known = bend[lane] > 0.0 and not first
        length[lane] = min(length[lane] / bend[lane], LONGEST) if known else 1.0


def _nearest(landscape: Landscape) -> Kernel:
    residual, jacobian = constraint_of(landscape)
    views, descend = views_of(_rows(landscape)), jitable(_descent(landscape))

    def project(x, displaced, normals, current, matrix, weights, scratch, status, parameters):
        dim, lanes = x.shape
        moved, last, slope, tangent, length, bend, limit, before, allowed, busy, excess = views(scratch)
        square_norms(displaced, x, limit)
        square_norms(displaced, x, before)
        copy_rows(x, displaced)
        start_running(busy, status)
        left = lanes
        for turn in range(ITERATIONS):
            jacobian(x, current, parameters)
            residual(x, weights, parameters)
            products(current, matrix)
            for i in range(dim):
                for lane in range(lanes):
                    moved[i, lane] = displaced[i, lane] - x[i, lane]
            for a in range(weights.shape[0]):
                add_dot(weights[a], current, a * dim, 1, moved, 0, 1, dim)
            solve_lanes(matrix, weights)
            copy_rows(moved, displaced)
            subtract_rows(moved, current, weights)
            allow(limit, before, allowed)
            square_norms(moved, x, length)
            slow = count_slow(busy, length, before)
            left = settle(x, moved, allowed, busy, excess, 1.0)
            if left == 0 or (turn > 0 and slow > 0):
                break
        if left > 0:
            descend(x, displaced, current, matrix, weights, scratch, parameters)
        note_failures(matrix, busy, status)

    return project


def _descent(landscape: Landscape) -> Kernel:
    """The kernel of steps of Barzilai and Borwein's lengths, in busy lanes, to the end of the iteration."""
    residual, jacobian = constraint_of(landscape)
    views = views_of(_rows(landscape))

    def descend(x, displaced, current, matrix, weights, scratch, parameters):
        dim, lanes = x.shape
        moved, last, slope, tangent, length, bend, limit, before, allowed, busy, excess = views(scratch)
        copy_rows(last, x)
        copy_rows(slope, x)
        for turn in range(ITERATIONS):
            jacobian(x, current, parameters)
            residual(x, weights, parameters)
            products(current, matrix)
            factor_lanes(matrix)
            substitute_lanes(matrix, weights)
            for i in range(dim):
                for lane in range(lanes):
                    moved[i, lane] = displaced[i, lane] - x[i, lane]
            apply_rows(current, moved, tangent)
            substitute_lanes(matrix, tangent)
            subtract_rows(moved, current, tangent)
            choose_lengths(turn == 0, x, last, moved, slope, length, bend)
            copy_rows(last, x)
            copy_rows(slope, moved)
            for i in range(dim):
                for lane in range(lanes):
                    moved[i, lane] = x[i, lane] + length[lane] * moved[i, lane]
            subtract_rows(moved, current, weights)
            allow(limit, before, allowed)
            square_norms(moved, x, before)
            if settle(x, moved, allowed, busy, excess, 1.0) == 0:
                break

    return descend


nearest = Retraction(_nearest, _rows)
