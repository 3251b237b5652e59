"""The nearest point of the surface, as an iteration over lanes.

Each step takes z to z + l P (y - z) - J^+ r(z), with P the projection on the tangent space at z: downhill in the
distance |z - y|^2 along the surface, and back to it. With l = 1 that ends only where the distance from the surface is
below the radius of curvature on either side. The length l of Barzilai and Borwein (IMA J. Numer. Anal. 8 (1988) 141),
|dz|^2 / (dz . dg) from the last two places z and slopes g = P (z - y), ends beyond it too; with one tangent direction
it is the secant method. From y the first step is a Newton step, so the end is the nearest point or, from beyond the
centres of curvature, now and then another point where the distance is least among its neighbours.
"""

from __future__ import annotations

from numba.extending import register_jitable

from langevin.kernels.driver import copy_rows
from langevin.kernels.lane_matrices import gram, solve_lanes, subtract_rows
from langevin.kernels.views import views_of
from langevin.steps.landscape_kernels import constraint_of
from langevin.steps.newton_retraction import (
    Retraction,
    leave_pivots,
    note_failures,
    settle,
    square_norms,
    start_running,
)
from langevin.steps.normal_vectors import keep_tangent
from langevin.types import Kernel, Landscape, Rows

ITERATIONS = 200
#: Last step over the kick: the iteration does not converge quadratically, so it continues until round-off is near.
TOLERANCE = 1e-12
#: Longest l: where the distance hardly changes along the surface, l would be any number.
LONGEST = 1e3


def _rows(landscape: Landscape) -> Rows:
    dim = landscape.dim
    return Rows(
        current=(landscape.codim, dim), moved=dim, last=dim, slope=dim, length=(), bend=(), limit=(), busy=(), excess=()
    )  # fmt: skip


@register_jitable
def choose_lengths(first, x, last, downhill, slope, length, bend):
    """The length l of each lane's step at x with `downhill` = P (y - x), `last` and `slope` those of the step before.

    1 in the `first` steps, and where the distance bends down along the way.
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
    views = views_of(_rows(landscape))

    def project(x, displaced, normals, matrix, weights, scratch, status, parameters):
        dim, lanes = x.shape
        current, moved, last, slope, length, bend, limit, busy, excess = views(scratch)
        square_norms(displaced, x, limit)
        copy_rows(x, displaced)
        copy_rows(last, displaced)
        copy_rows(slope, displaced)
        start_running(busy, status)
        for turn in range(ITERATIONS):
            jacobian(x, current, parameters)
            for i in range(dim):
                for lane in range(lanes):
                    moved[i, lane] = displaced[i, lane] - x[i, lane]
            keep_tangent(moved, current, matrix, weights)
            choose_lengths(turn < 2, x, last, moved, slope, length, bend)
            copy_rows(last, x)
            copy_rows(slope, moved)
            for i in range(dim):
                for lane in range(lanes):
                    moved[i, lane] = x[i, lane] + length[lane] * moved[i, lane]
            residual(x, weights, parameters)
            gram(current, current, matrix)
            solve_lanes(matrix, weights)
            subtract_rows(moved, current, weights)
            if settle(x, moved, limit, busy, excess, TOLERANCE) == 0:
                break
        note_failures(matrix, busy, status)
        leave_pivots(current, normals, matrix, weights)

    return project


nearest = Retraction(_nearest, _rows)
