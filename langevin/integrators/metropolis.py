"""Metropolis walk on a surface r(x) = 0: its law is exactly `surface` or `gibbs`, at any step size.

A Gaussian step v in the tangent space at x is moved along the normals of x to the point y of the surface (as `shake`
does). The reversed tangent step v', from y to x, is proposed with the density exp(-|v'|^2 / (2 s^2)), s^2 = 2 theta dt,
and the Jacobian determinants of both steps are equal. So y is accepted with probability

    min(1, exp(-(|v'|^2 - |v|^2) / (2 s^2)) w(y) / w(x)),  w = 1 (surface) or det(J J^T)^(-1/2) (gibbs),

with the factor exp(-U / theta) in w if there is a field U. The projection from y + v' along the normals
of y must end at x, otherwise the step is rejected: without this check the law is wrong (Zappa, Holmes-Cerfon and
Goodman 2018, arXiv 1702.08446; Lelievre, Rousset and Stoltz 2019, arXiv 1807.02356).
The uniform random number of the decision is exp(-(a^2 + b^2) / 2) for two normals a and b. Both projections use
Newton's steps, or the landscape's closed-form retraction if it has one. Tangent parts are computed by the landscape's
kernel if it has one, unless w needs the normals. All of them have the same checks.

Two more rules reject steps. They do not change the law, because they are symmetric in x and y. First, a step has landed
on another branch of the surface, such as a reflection among rotations, if two conditions hold: not all leading minors
of J(y) J(x)^T are above 0, as they are at y = x (the determinant alone misses half of the reflections); and the step
leaves the tangent space at x or at y by more than 45 degrees. Because of the second condition, steps through singular
points such as crossings are possible. Second, a step that ends beyond the walls is rejected.
"""

from __future__ import annotations

import numpy as np
from numba.extending import register_jitable

from langevin.errors import unfit
from langevin.kernels.compile import jitable
from langevin.kernels.driver import copy_rows
from langevin.kernels.rounding import root
from langevin.kernels.views import views_of
from langevin.steps.landscape_kernels import constraint_of, no_rise, rise_of, walls_or_none
from langevin.steps.newton_retraction import FAILED, ROUND_OFF, Retraction, closed, newton
from langevin.steps.normal_vectors import (
    add_rows,
    divide_pivots,
    keep_pivots,
    keep_tangent,
    square_sums,
    turned_over,
    workspace,
)
from langevin.types import Integrator, Kernel, Landscape, Rows, StepLaw

#: Number of Newton's steps in each direction. The law is exact for any number; with this one, convergence is complete.
ITERATIONS = 12
TALLIES = ("rejected", "not_projected", "reverse_failed", "wrong_branch", "beyond_walls")
#: Causes of rejection: minus the number of the tally, from 1 on. The last value marks a stopped walker; 0 is no cause.
REJECTED, NOT_PROJECTED, REVERSE_FAILED, WRONG_BRANCH, BEYOND_WALLS, STOPPED = -1, -2, -3, -4, -5, -6
#: Distance from x, over the size s of a step, within which the reversed step counts as ending at x.
RETURNED = 1e-6


def metropolis(measure: str = "surface") -> Integrator:
    """Return the Metropolis step whose invariant law is `surface` or `gibbs`, for manifolds with a residual.

    Rejected steps are tallied by their cause. The law is exact; times are of order 1/2 in dt, because rejected steps
    slow the walk.
    """
    if measure not in ("surface", "gibbs"):
        raise unfit("measure", "must be surface or gibbs", f"{measure!r}")
    return Integrator(
        name=f"metropolis ({measure})",
        dynamics="projected",
        weak_order=0.5,
        build=lambda landscape: _build(landscape, measure == "gibbs"),
        rows=lambda landscape: _rows(landscape, measure == "gibbs"),
        tallies=TALLIES,
        rejections=TALLIES,
        extra_noise=2,
        measure=measure,
        law=StepLaw(across=False, pull=1.0 if measure == "gibbs" else 0.0, exact=True),
        reference="Zappa, Holmes-Cerfon and Goodman 2018; Lelievre, Rousset and Stoltz 2019",
    )


def _way_of(landscape: Landscape) -> Retraction:
    """The retraction to the surface: the landscape's closed form, or Newton's steps."""
    return closed if landscape.retract is not None else newton(fresh_normals=False, iterations=ITERATIONS)


def _without_normals(landscape: Landscape, gibbs: bool) -> bool:
    """Whether the step needs no normals: tangent part and retraction are closed forms, and no determinant is needed."""
    return _has_tangent(landscape) and not gibbs


def _rows(landscape: Landscape, gibbs: bool) -> Rows:
    dim, scratch = landscape.dim, _way_of(landscape).rows(landscape).count
    normals = 0 if _without_normals(landscape, gibbs) else landscape.codim
    current = 0 if landscape.retract is not None else landscape.codim
    return workspace(
        landscape, scratch, normals, current=(current, dim), displaced=dim, ahead=dim, back=dim,
        pivots=landscape.codim, there=(), again=(), chord=(), cause=(), outside=(),
    )  # fmt: skip


def _build(landscape: Landscape, gibbs: bool) -> Kernel:
    keep_part = jitable((_own_tangent if _without_normals(landscape, gibbs) else _by_normals)(landscape))
    views, walls = views_of(_rows(landscape, gibbs)), walls_or_none(landscape)
    project = jitable(_way_of(landscape).build(landscape))
    weigh, forced = jitable(rise_of(landscape) or no_rise), landscape.field is not None

    def step(x, noise, previous, work, memory, status, dt, temperature, parameters):
        dim, lanes = x.shape
        (
            normals, matrix, weights, scratch, current, displaced, ahead, back, pivots, there, again, chord, cause,
            outside,
        ) = views(work)  # fmt: skip
        kick = root(2.0 * temperature * dt)
        note_stopped(status, cause)
        for i in range(dim):
            for lane in range(lanes):
                displaced[i, lane] = kick * noise[i, lane]
        keep_part(x, displaced, normals, matrix, weights, scratch, parameters)
        if gibbs:
            keep_pivots(matrix, pivots)
        square_sums(displaced, there)
        add_rows(displaced, x)
        copy_rows(ahead, x)
        project(ahead, displaced, normals, current, matrix, weights, scratch, cause, parameters)
        note_turns(ahead, x, matrix, cause)

        for i in range(dim):
            for lane in range(lanes):
                displaced[i, lane] = x[i, lane] - ahead[i, lane]
        square_sums(displaced, chord)
        keep_part(ahead, displaced, normals, matrix, weights, scratch, parameters)
        if gibbs:
            divide_pivots(matrix, pivots)
        square_sums(displaced, again)
        walls(ahead, outside, parameters)
        note_walls(chord, there, again, outside, cause)
        if forced:
            weigh(x, ahead, again, chord, outside, dt, parameters)
        add_rows(displaced, ahead)
        copy_rows(back, ahead)
        project(back, displaced, normals, current, matrix, weights, scratch, cause, parameters)
        note_no_return(back, x, kick, cause)
        decide(x, ahead, noise[dim:], there, again, pivots[0], kick, gibbs, cause, memory)

    return step


@register_jitable
def note_stopped(status, cause):
    """Set the cause of running walkers to 0, and mark the stopped walkers."""
    for lane in range(cause.size):
        cause[lane] = 0.0 if status[lane] == 0 else STOPPED


@register_jitable
def note_turns(ahead, x, matrix, cause):
    """Set the cause of steps without a point y, and of normals that turned over; if there is no y, continue with x."""
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
    """Clear the cause of normals that turned over if the step is along both tangent spaces; set that of y beyond walls.

    `chord`, `there` and `again` are |y - x|^2, |v|^2 and |v'|^2.
    """
    for lane in range(cause.size):
        if cause[lane] == WRONG_BRANCH and chord[lane] <= 2.0 * min(there[lane], again[lane]):
            cause[lane] = 0.0
        if cause[lane] == 0.0 and not outside[lane] <= 0.0:
            cause[lane] = BEYOND_WALLS


@register_jitable
def note_no_return(back, x, kick, cause):
    """Set the cause of a reversed step that does not converge, or does not end at x."""
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
    """Accept y with the Metropolis probability, and count rejected steps by their causes in `memory`.

    `noise` (2, lanes) gives the uniform random number; `ratio` is det J J^T at y over det J J^T at x.
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


def _has_tangent(landscape: Landscape) -> bool:
    """Whether kernels of the landscape give the tangent part and the retraction, so that no normals are needed."""
    return landscape.retract is not None and landscape.tangent is not None


def _by_normals(landscape: Landscape) -> Kernel:
    """The kernel keep(x, move, normals, matrix, weights, scratch, parameters): `move` becomes its tangent part at x.

    It subtracts J^T (J J^T)^(-1) J move. `normals` becomes J(x), and the pivots of J J^T stay on the diagonal of
    `matrix`; `scratch` has the rows of the landscape's retraction.
    """
    _, jacobian = constraint_of(landscape)

    def keep(x, move, normals, matrix, weights, scratch, parameters):
        jacobian(x, normals, parameters)
        keep_tangent(move, normals, matrix, weights)

    return keep


def _own_tangent(landscape: Landscape) -> Kernel:
    """As `_by_normals`, from the landscape's kernel of tangent parts, which does not use `normals` or `matrix`."""
    assert landscape.tangent
    tangent = jitable(landscape.tangent)

    def keep(x, move, normals, matrix, weights, scratch, parameters):
        tangent(x, move, scratch, parameters)

    return keep
