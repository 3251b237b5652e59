"""The Gauss-Newton flow dy/ds = -J(y)^+ r(y) to s = infinity, to a stated tolerance.

With one equation its path is that of the gradient flow of |r|^2 / 2. With several equations the path is another one,
with the same mean displacement along the surface over isotropic kicks (`integrators.projected`), and the flow is not
stiff. Along it r = (1 - u) r(y_0) with
u = 1 - e^(-s), so dy/du = -J(y)^+ r(y_0) for u from 0 to 1. Steps of the classical method of Runge and Kutta, of order
4, are halved until their estimated error is below `TOLERANCE` of the kick, times the length of the step, so that the
error of the whole flow is below `TOLERANCE` of the kick. If the slope at the end takes the place of the last slope, the
method has order 3, and the difference of both results is the estimate: the conditions of order 3 contain stages by
their times and by their sums of times, which are 1 and 1/2 for both slopes. In some lanes both slopes agree by chance;
the slope times the squared relative difference of stages 2 and 3, of order 4, is therefore added. The slope at the end
begins the next step. Gauss-Newton steps then find the last digits.
"""

from __future__ import annotations

from numba.extending import register_jitable

from langevin.kernels.compile import jitable
from langevin.kernels.driver import copy_rows
from langevin.kernels.lane_matrices import solve_lanes, subtract_rows
from langevin.kernels.views import views_of
from langevin.steps.landscape_kernels import constraint_of
from langevin.steps.newton_retraction import FAILED, Retraction, newton, square_norms
from langevin.steps.normal_vectors import products
from langevin.types import Kernel, Landscape, Rows

#: Estimated error of the flow, over the kick. A step of this kick errs by the square of kick over radius of curvature,
#: which is far more: with kicks of a tenth of this radius on the quartic torus, this tolerance moves E cos phi by 1e-5
#: against one of 1e-6, with the same noise.
TOLERANCE = 1e-4
#: A step is doubled if the last error was below the tolerance by this factor, twice the factor for order 3.
SPARE = 16.0
#: Largest number of steps that are tried; a usual kick takes one to four.
MOST_STEPS = 60
#: The last digits: Newton's steps from the end of the flow, if the Jacobian is known.
polishing = newton(fresh_normals=True, begun=True)


def _rows(landscape: Landscape) -> Rows:
    dim = landscape.dim
    return Rows(
        polish=polishing.rows(landscape).count, begun=landscape.codim, slope=dim, last=dim, total=dim, trial=dim,
        end=dim, limit=(), left=(), size=(), error=(),
    )  # fmt: skip


def _slope_of(landscape: Landscape) -> Kernel:
    """The kernel of dy/du = -J(y)^+ r_0, which writes into `out` (dim, lanes); J(y) stays in `current`."""
    _, jacobian = constraint_of(landscape)

    def slope(y, begun, current, matrix, weights, out, parameters):
        jacobian(y, current, parameters)
        products(current, matrix)
        copy_rows(weights, begun)
        solve_lanes(matrix, weights)
        for i in range(out.shape[0]):
            for lane in range(out.shape[1]):
                out[i, lane] = 0.0
        subtract_rows(out, current, weights)

    return slope


@register_jitable
def next_stage(y, slope, size, share, weight, total, trial):
    """total += weight slope and trial = y + share size slope, for a stage with this slope."""
    for i in range(y.shape[0]):
        for lane in range(y.shape[1]):
            total[i, lane] += weight * slope[i, lane]
            trial[i, lane] = y[i, lane] + share * size[lane] * slope[i, lane]


@register_jitable
def estimate(slope, second, third, out):
    """out = |slope|^2 (relative difference of the stages)^4 for each lane."""
    for lane in range(out.size):
        apart, whole = 0.0, 0.0
        for i in range(slope.shape[0]):
            apart += (third[i, lane] - second[i, lane]) ** 2
            whole += slope[i, lane] ** 2
        out[lane] = apart * apart / whole if whole > 0.0 else 0.0


@register_jitable
def advance_flow(y, trial, slope, last, end, limit, left, size, error):
    """Take the step in lanes with a small error, and choose the next step; returns how many lanes are not done.

    `trial` is the end of the step, `last` and `end` are the slopes of stage 4 and at the end; `slope` is that at y.
    `error` is per length of the step, squared; it comes in as `estimate` leaves it.
    """
    lanes = size.size
    for i in range(y.shape[0]):
        for lane in range(lanes):
            error[lane] += ((end[i, lane] - last[i, lane]) / 6.0) ** 2
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
            slope[i, lane] = end[i, lane] if error[lane] > 0.0 else slope[i, lane]
    return going


def _flow(landscape: Landscape) -> Kernel:
    residual, _ = constraint_of(landscape)
    views, slope_at = views_of(_rows(landscape)), jitable(_slope_of(landscape))
    polish = jitable(polishing.build(landscape))

    def project(x, displaced, normals, current, matrix, weights, scratch, status, parameters):
        rest, begun, slope, last, total, trial, end, limit, left, size, error = views(scratch)
        y = displaced
        square_norms(y, x, limit)
        residual(y, begun, parameters)
        for lane in range(x.shape[1]):
            left[lane] = size[lane] = 1.0 if status[lane] == 0 else 0.0
        slope_at(y, begun, current, matrix, weights, slope, parameters)
        for _ in range(MOST_STEPS):
            for i in range(x.shape[0]):
                for lane in range(x.shape[1]):
                    total[i, lane] = 0.0
            next_stage(y, slope, size, 0.5, 1.0, total, trial)
            slope_at(trial, begun, current, matrix, weights, last, parameters)
            next_stage(y, last, size, 0.5, 2.0, total, trial)
            slope_at(trial, begun, current, matrix, weights, end, parameters)
            estimate(slope, last, end, error)
            next_stage(y, end, size, 1.0, 2.0, total, trial)
            slope_at(trial, begun, current, matrix, weights, last, parameters)
            for i in range(x.shape[0]):
                for lane in range(x.shape[1]):
                    trial[i, lane] = y[i, lane] + size[lane] / 6.0 * (total[i, lane] + last[i, lane])
            slope_at(trial, begun, current, matrix, weights, end, parameters)
            if advance_flow(y, trial, slope, last, end, limit, left, size, error) == 0:
                break
        polish(x, y, normals, current, matrix, weights, rest, status, parameters)
        for lane in range(x.shape[1]):
            status[lane] = FAILED if status[lane] == 0 and left[lane] > 0.0 else status[lane]

    return project


flow = Retraction(_flow, _rows)
