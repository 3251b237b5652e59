"""The four ways back to the surface, as Newton-like iterations over lanes, and the landscape's own way.

Each is a `Return`: its kernel `give_back(x, displaced, normals, matrix, weights, scratch, status, parameters)` moves x
(dim, lanes) from its old place on the surface to the projection of `displaced`. `normals` (codim, dim, lanes) comes in
as J(x); the rest is scratch, that of `workspace` and rows of its own.

An iteration stops, lane by lane, when its step is below 1e-7 of the kick: the next, quadratically
smaller one is then below round-off. This criterion has no scale of its own. A lane that has not
stopped after its last iteration gets the status PROJECTION_FAILED.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numba.extending import register_jitable

from langevin.kernels.compile import jitable
from langevin.kernels.driver import copy_rows
from langevin.kernels.linear_solve import apply_rows, gram, solve_lanes, subtract_rows
from langevin.kernels.views import views_of
from langevin.steps.pieces import constraint_of
from langevin.types import Kernel, Landscape, Rows

MAX_ITERATIONS = 30
NEWTON_TOLERANCE = 1e-7
#: Nearest-point iterations converge linearly, and slowly towards a focal point: many, until round-off is near.
LINEAR_ITERATIONS = 200
LINEAR_TOLERANCE = 1e-12
ROUND_OFF = 4.0 * np.finfo(np.float64).eps
FAILED = 4


@dataclass(frozen=True)
class Return:
    """A way back to the surface: its kernel, and the rows that the kernel cuts from `scratch`."""

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
    """Take the step x <- moved in busy lanes; a lane whose step is small is busy no more. Count the busy.

    `excess` is scratch: what the squared step is above round-off.
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
    """Lanes of running walkers are busy; a walker that has stopped must not keep the others waiting."""
    for lane in range(busy.size):
        busy[lane] = 1.0 if status[lane] == 0 else 0.0


@register_jitable
def note_failures(busy, status):
    """A lane that is still busy has failed."""
    for lane in range(busy.size):
        if busy[lane] > 0.0:
            status[lane] = FAILED


def newton(fresh_normals: bool, iterations: int = MAX_ITERATIONS) -> Return:
    """x <- x - N^T (J N^T)^(-1) r, with N the current Jacobian (Gauss-Newton) or the one at the start (SHAKE)."""
    return Return(lambda landscape: _newton(landscape, fresh_normals, iterations), _newton_rows)


def _newton_rows(landscape: Landscape) -> Rows:
    return Rows(current=(landscape.codim, landscape.dim), moved=landscape.dim, limit=(), busy=(), excess=())


def _newton(landscape: Landscape, fresh_normals: bool, iterations: int) -> Kernel:
    residual, jacobian = constraint_of(landscape)
    views = views_of(_newton_rows(landscape))

    def give_back(x, displaced, normals, matrix, weights, scratch, status, parameters):
        current, moved, limit, busy, excess = views(scratch)
        square_norms(displaced, x, limit)
        copy_rows(x, displaced)
        start_running(busy, status)
        for _ in range(iterations):
            residual(x, weights, parameters)
            jacobian(x, current, parameters)
            copy_rows(moved, x)
            if fresh_normals:
                gram(current, current, matrix)
                solve_lanes(matrix, weights)
                subtract_rows(moved, current, weights)
            else:
                gram(current, normals, matrix)
                solve_lanes(matrix, weights)
                subtract_rows(moved, normals, weights)
            if settle(x, moved, limit, busy, excess, NEWTON_TOLERANCE) == 0:
                break
        note_failures(busy, status)

    return give_back


#: Full Gauss-Newton steps with the current Jacobian.
gauss_newton = newton(fresh_normals=True)


def _flow(landscape: Landscape) -> Kernel:
    """Gauss-Newton flow dy/ds = -J^+ r(y) to s = infinity, then Newton for the last digits.

    Along the flow r = r0 (1 - u) with u = 1 - e^(-s), so dy/du = -J^+(y) r0 for u in [0, 1] is not stiff: one
    midpoint step leaves a residual of third order in the kick.
    """
    residual, jacobian = constraint_of(landscape)
    views, polish = views_of(_newton_rows(landscape)), jitable(gauss_newton.build(landscape))

    def give_back(x, displaced, normals, matrix, weights, scratch, status, parameters):
        current, middle, _, _, _ = views(scratch)
        residual(displaced, weights, parameters)
        jacobian(displaced, current, parameters)
        gram(current, current, matrix)
        solve_lanes(matrix, weights)
        copy_rows(middle, displaced)
        for a in range(weights.shape[0]):
            for lane in range(weights.shape[1]):
                weights[a, lane] *= 0.5
        subtract_rows(middle, current, weights)
        jacobian(middle, current, parameters)
        gram(current, current, matrix)
        residual(displaced, weights, parameters)
        solve_lanes(matrix, weights)
        subtract_rows(displaced, current, weights)
        polish(x, displaced, normals, matrix, weights, scratch, status, parameters)

    return give_back


def _nearest_rows(landscape: Landscape) -> Rows:
    return Rows(moved=landscape.dim, linear=landscape.codim, limit=(), busy=(), excess=())


def _nearest(landscape: Landscape) -> Kernel:
    """Nearest point: y - J(x)^T mu with r(x) = 0, by minimising |z - y|^2 on the linearised surface at x."""
    residual, jacobian = constraint_of(landscape)
    views = views_of(_nearest_rows(landscape))

    def give_back(x, displaced, normals, matrix, weights, scratch, status, parameters):
        size, dim, lanes = normals.shape
        moved, linear, limit, busy, excess = views(scratch)
        square_norms(displaced, x, limit)
        copy_rows(x, displaced)
        start_running(busy, status)
        for _ in range(LINEAR_ITERATIONS):
            jacobian(x, normals, parameters)
            for i in range(dim):
                for lane in range(lanes):
                    moved[i, lane] = displaced[i, lane] - x[i, lane]
            apply_rows(normals, moved, weights)
            residual(x, linear, parameters)
            for a in range(size):
                for lane in range(lanes):
                    weights[a, lane] += linear[a, lane]
            gram(normals, normals, matrix)
            solve_lanes(matrix, weights)
            copy_rows(moved, displaced)
            subtract_rows(moved, normals, weights)
            if settle(x, moved, limit, busy, excess, LINEAR_TOLERANCE) == 0:
                break
        note_failures(busy, status)

    return give_back


def _closed(landscape: Landscape) -> Kernel:
    """The landscape's own return along the normals at the start; `displaced` is lost.

    It turns no normal by a right angle (see `Landscape`), which pivots of 1 on the diagonal of `matrix` say.
    """
    assert landscape.retract
    retract = jitable(landscape.retract)

    def give_back(x, displaced, normals, matrix, weights, scratch, status, parameters):
        for i in range(x.shape[0]):
            for lane in range(x.shape[1]):
                displaced[i, lane] -= x[i, lane]
        retract(x, displaced, scratch, status, parameters)
        for k in range(matrix.shape[0]):
            for lane in range(x.shape[1]):
                matrix[k, k, lane] = 1.0

    return give_back


#: Newton along the normals at the start (Ryckaert, Ciccotti and Berendsen 1977).
shake = newton(fresh_normals=False)
nearest = Return(_nearest, _nearest_rows)
closed = Return(_closed, lambda landscape: Rows(scratch=landscape.retract_rows))
RETURNS = {
    "nearest": nearest,
    "shake": shake,
    "flow": Return(_flow, _newton_rows),
    "gauss-newton": gauss_newton,
}
