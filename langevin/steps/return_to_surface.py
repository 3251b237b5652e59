"""The four ways back to the surface, as Newton-like iterations over lanes, and the landscape's own way.

Each factory closes a kernel over a residual and a Jacobian:
`give_back(x, displaced, normals, matrix, weights, scratch, status, parameters)` moves x (dim, lanes)
from its old place on the surface to the projection of `displaced`. `normals` (codim, dim, lanes)
comes in as J(x); the rest is scratch.

An iteration stops, lane by lane, when its step is below 1e-7 of the kick: the next, quadratically
smaller one is then below round-off. This criterion has no scale of its own. A lane that has not
stopped after its last iteration gets the status PROJECTION_FAILED.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba.extending import register_jitable

from langevin.kernels.compile import jitable
from langevin.kernels.driver import copy_rows
from langevin.kernels.linear_solve import apply_rows, gram, solve_lanes, subtract_rows
from langevin.types import Kernel

MAX_ITERATIONS = 30
NEWTON_TOLERANCE = 1e-7
#: Nearest-point iterations converge linearly, and slowly towards a focal point: many, until round-off is near.
LINEAR_ITERATIONS = 200
LINEAR_TOLERANCE = 1e-12
ROUND_OFF = 4.0 * np.finfo(np.float64).eps
FAILED = 4


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


def newton(
    residual: Kernel, jacobian: Kernel, fresh_normals: bool, iterations: int = MAX_ITERATIONS
) -> Callable[..., None]:
    """x <- x - N^T (J N^T)^(-1) r, with N the current Jacobian (Gauss-Newton) or the one at the start (SHAKE)."""

    def give_back(
        x: Any,
        displaced: Any,
        normals: Any,
        matrix: Any,
        weights: Any,
        scratch: Any,
        status: Any,
        parameters: Any,
    ) -> None:
        size, dim, lanes = normals.shape
        current = scratch[0 : size * dim].reshape((size, dim, lanes))
        moved = scratch[size * dim : size * dim + dim]
        rows = scratch[size * dim + dim :]
        limit, busy, excess = rows[0], rows[1], rows[2]
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


def shake(residual: Kernel, jacobian: Kernel) -> Callable[..., None]:
    """Newton along the normals at the start (Ryckaert, Ciccotti and Berendsen 1977)."""
    return newton(residual, jacobian, fresh_normals=False)


def gauss_newton(residual: Kernel, jacobian: Kernel) -> Callable[..., None]:
    """Full Gauss-Newton steps with the current Jacobian."""
    return newton(residual, jacobian, fresh_normals=True)


def flow(residual: Kernel, jacobian: Kernel) -> Callable[..., None]:
    """Gauss-Newton flow dy/ds = -J^+ r(y) to s = infinity, then Newton for the last digits.

    Along the flow r = r0 (1 - u) with u = 1 - e^(-s), so dy/du = -J^+(y) r0 for u in [0, 1] is not stiff: one
    midpoint step leaves a residual of third order in the kick.
    """
    polish = jitable(gauss_newton(residual, jacobian))

    def give_back(
        x: Any,
        displaced: Any,
        normals: Any,
        matrix: Any,
        weights: Any,
        scratch: Any,
        status: Any,
        parameters: Any,
    ) -> None:
        size, dim, lanes = normals.shape
        current = scratch[0 : size * dim].reshape((size, dim, lanes))
        middle = scratch[size * dim : size * dim + dim]
        residual(displaced, weights, parameters)
        jacobian(displaced, current, parameters)
        gram(current, current, matrix)
        solve_lanes(matrix, weights)
        copy_rows(middle, displaced)
        for a in range(size):
            for lane in range(lanes):
                weights[a, lane] *= 0.5
        subtract_rows(middle, current, weights)
        jacobian(middle, current, parameters)
        gram(current, current, matrix)
        residual(displaced, weights, parameters)
        solve_lanes(matrix, weights)
        subtract_rows(displaced, current, weights)
        polish(x, displaced, normals, matrix, weights, scratch, status, parameters)

    return give_back


def nearest(residual: Kernel, jacobian: Kernel) -> Callable[..., None]:
    """Nearest point: y - J(x)^T mu with r(x) = 0, by minimising |z - y|^2 on the linearised surface at x."""

    def give_back(
        x: Any,
        displaced: Any,
        normals: Any,
        matrix: Any,
        weights: Any,
        scratch: Any,
        status: Any,
        parameters: Any,
    ) -> None:
        size, dim, lanes = normals.shape
        moved = scratch[size * dim : size * dim + dim]
        rows = scratch[size * dim + dim :]
        limit, busy, excess = rows[0], rows[1], rows[2]
        square_norms(displaced, x, limit)
        copy_rows(x, displaced)
        start_running(busy, status)
        for _ in range(LINEAR_ITERATIONS):
            jacobian(x, normals, parameters)
            for i in range(dim):
                for lane in range(lanes):
                    moved[i, lane] = displaced[i, lane] - x[i, lane]
            apply_rows(normals, moved, weights)
            linear = scratch[0:size]
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


def closed(retraction: Kernel) -> Callable[..., None]:
    """The landscape's own return along the normals at the start; `displaced` is lost.

    It turns no normal by a right angle (see `Landscape`), which pivots of 1 on the diagonal of `matrix` say.
    """
    retract = jitable(retraction)

    def give_back(
        x: Any,
        displaced: Any,
        normals: Any,
        matrix: Any,
        weights: Any,
        scratch: Any,
        status: Any,
        parameters: Any,
    ) -> None:
        for i in range(x.shape[0]):
            for lane in range(x.shape[1]):
                displaced[i, lane] -= x[i, lane]
        retract(x, displaced, scratch, status, parameters)
        for k in range(matrix.shape[0]):
            for lane in range(x.shape[1]):
                matrix[k, k, lane] = 1.0

    return give_back


RETURNS = {"nearest": nearest, "shake": shake, "flow": flow, "gauss-newton": gauss_newton}
