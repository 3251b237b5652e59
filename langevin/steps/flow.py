"""The Gauss-Newton flow dy/ds = -J(y)^+ r(y) to s = infinity, to a stated tolerance.

With one equation it goes the way of the gradient flow of |r|^2 / 2, and with several another way that slides by the
same on the mean of isotropic kicks (`integrators.projected`), and is not stiff. Along it r = (1 - u) r(y_0) with
u = 1 - e^(-s), so dy/du = -J(y)^+ r(y_0) for u from 0 to 1. Steps of Kutta and Merson (R. H. Merson, Proc. Symp. Data
Processing, Salisbury 1957), of order 4 with an estimate of their error, are halved until it is below `TOLERANCE` of
the kick; then Gauss-Newton steps find the last digits.
"""

from __future__ import annotations

from numba.extending import register_jitable

from langevin.kernels.compile import jitable
from langevin.kernels.driver import copy_rows
from langevin.kernels.lane_matrices import gram, solve_lanes, subtract_rows
from langevin.kernels.views import views_of
from langevin.steps.landscape_kernels import constraint_of
from langevin.steps.newton_retraction import FAILED, Retraction, gauss_newton, newton_rows, square_norms
from langevin.types import Kernel, Landscape, Rows

#: Estimated error of one step of the flow, over the kick.
TOLERANCE = 1e-6
#: A step doubles after one whose error was below the tolerance by this factor, twice what order 4 needs.
SPARE = 64.0
#: Steps tried at most; those that the usual kick takes are one to four.
MOST_STEPS = 60


def _rows(landscape: Landscape) -> Rows:
    dim = landscape.dim
    polish = newton_rows(landscape).count
    return Rows(
        scratch=polish, current=(landscape.codim, dim), begun=landscape.codim, first=dim, third=dim, fourth=dim,
        last=dim, trial=dim, limit=(), left=(), size=(), error=(),
    )  # fmt: skip


def _slope_of(landscape: Landscape) -> Kernel:
    """Kernel of dy/du = -J(y)^+ r_0, written into `out` (dim, lanes)."""
    _, jacobian = constraint_of(landscape)

    def slope(y, begun, current, matrix, weights, out, parameters):
        jacobian(y, current, parameters)
        gram(current, current, matrix)
        copy_rows(weights, begun)
        solve_lanes(matrix, weights)
        for i in range(out.shape[0]):
            for lane in range(out.shape[1]):
                out[i, lane] = 0.0
        subtract_rows(out, current, weights)

    return slope


@register_jitable
def advance_flow(y, trial, slopes, limit, left, size, error):
    """Take the step where its error is small, and choose the next one; the lanes that are on the way.

    `slopes` are those of stages 1, 4 and 5, `trial` is the place of stage 5, which differs from the end by 5 errors.
    """
    first, fourth, last = slopes
    lanes = size.size
    for lane in range(lanes):
        error[lane] = 0.0
    for i in range(y.shape[0]):
        for lane in range(lanes):
            end = y[i, lane] + size[lane] / 6.0 * (first[i, lane] + 4.0 * fourth[i, lane] + last[i, lane])
            error[lane] += (0.2 * (trial[i, lane] - end)) ** 2
            trial[i, lane] = end
    going = 0
    for lane in range(lanes):
        allowed = TOLERANCE * TOLERANCE * limit[lane]
        good = error[lane] <= allowed
        left[lane] -= size[lane] if good else 0.0
        grown = 2.0 * size[lane] if error[lane] * (SPARE * SPARE) <= allowed else size[lane]
        error[lane] = 1.0 if good else 0.0
        size[lane] = min(grown, left[lane]) if good else 0.5 * size[lane]
        going += left[lane] > 0.0
    for i in range(y.shape[0]):
        for lane in range(lanes):
            y[i, lane] = trial[i, lane] if error[lane] > 0.0 else y[i, lane]
    return going


def _flow(landscape: Landscape) -> Kernel:
    residual, _ = constraint_of(landscape)
    views, slope = views_of(_rows(landscape)), jitable(_slope_of(landscape))
    polish = jitable(gauss_newton.build(landscape))

    def project(x, displaced, normals, matrix, weights, scratch, status, parameters):
        dim, lanes = x.shape
        polishing, current, begun, first, third, fourth, last, trial, limit, left, size, error = views(
            scratch
        )
        y = displaced
        square_norms(y, x, limit)
        residual(y, begun, parameters)
        for lane in range(lanes):
            left[lane] = size[lane] = 1.0 if status[lane] == 0 else 0.0
        for _ in range(MOST_STEPS):
            slope(y, begun, current, matrix, weights, first, parameters)
            for i in range(dim):
                for lane in range(lanes):
                    trial[i, lane] = y[i, lane] + size[lane] / 3.0 * first[i, lane]
            slope(trial, begun, current, matrix, weights, third, parameters)
            for i in range(dim):
                for lane in range(lanes):
                    trial[i, lane] = y[i, lane] + size[lane] / 6.0 * (first[i, lane] + third[i, lane])
            slope(trial, begun, current, matrix, weights, third, parameters)
            for i in range(dim):
                for lane in range(lanes):
                    trial[i, lane] = y[i, lane] + size[lane] / 8.0 * (first[i, lane] + 3.0 * third[i, lane])
            slope(trial, begun, current, matrix, weights, fourth, parameters)
            for i in range(dim):
                for lane in range(lanes):
                    way = first[i, lane] - 3.0 * third[i, lane] + 4.0 * fourth[i, lane]
                    trial[i, lane] = y[i, lane] + 0.5 * size[lane] * way
            slope(trial, begun, current, matrix, weights, last, parameters)
            if advance_flow(y, trial, (first, fourth, last), limit, left, size, error) == 0:
                break
        polish(x, y, normals, matrix, weights, polishing, status, parameters)
        for lane in range(lanes):
            status[lane] = FAILED if status[lane] == 0 and left[lane] > 0.0 else status[lane]

    return project


flow = Retraction(_flow, _rows)
