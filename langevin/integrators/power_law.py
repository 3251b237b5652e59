"""Descent on a squared loss with noise across the surface that grows as a power of its stiffness.

x <- x - dt J^T r + sqrt(2 D dt) (J^T J)^(gamma/2) xi + sqrt(2 theta dt) P xi. The first noise is in the normal space,
where J^T J has the eigenvalues a of J J^T: it gives each normal direction the variance 2 D a^gamma per unit time. The
second is heat along the surface: P projects on the tangent space. D is the temperature of the problem, and the ratio
theta / D is the argument `tangential`.

In a valley of stiffness a(x) with m directions across, the normal variance is D a^(gamma-1), and the drift along the
floor is -(m D / 2) a' a^(gamma-1), stronger by 1 / (1 - dt a / 2) at a finite step: gamma = 0 is the log-det law and
gamma = 1 the trace law of label noise (Li, Wang and Arora 2022, arXiv 2110.06914, for both). With heat along the floor
the stationary law is exp(-(m D / 2 theta) a^gamma / gamma), or a^(-m D / 2 theta) at gamma = 0. With gamma = 0 and
tangential = 1 the step is that of Euler-Maruyama.

No eigenvectors are needed: with G = J J^T = L L^T, the noise J^T G^(gamma/2 - 1) J xi has the right covariance for even
gamma, J^T G^((gamma-1)/2) L^(-1) J xi for odd; both are independent of P xi.
"""

from __future__ import annotations

import numpy as np
from numba.extending import register_jitable

from langevin.errors import unfit
from langevin.integrators.euler_maruyama import EULER
from langevin.kernels.compile import jitable
from langevin.kernels.driver import copy_rows
from langevin.kernels.lane_matrices import apply_rows, gram, solve_lanes, subtract_rows
from langevin.kernels.rounding import root
from langevin.kernels.views import views_of
from langevin.steps.landscape_kernels import open_constraint_of
from langevin.steps.normal_vectors import workspace
from langevin.types import Integrator, Kernel, Landscape, Rows, StepLaw


def power_law(exponent: float = 1.0, tangential: float = 0.0) -> Integrator:
    """Return the step with power-law noise, for manifolds with a residual; each pair of numbers is compiled separately.

    Args:
        exponent: gamma, any number for a single equation, a whole number for several.
        tangential: theta / D, heat along the surface over the noise across it, at least 0.

    Raises:
        UsageError: a number is out of range; or, when a step is built, gamma is not whole for several equations.
    """
    if not (np.isfinite(exponent) and 0.0 <= tangential < np.inf):
        raise unfit(
            "power_law", "needs a finite exponent and tangential >= 0", f"{exponent!r} and {tangential!r}"
        )
    return Integrator(
        name=f"power_law (exponent {exponent:g}, tangential {tangential:g})",
        dynamics="power-law",
        weak_order=1.0,
        build=lambda landscape: _build(landscape, float(exponent), float(tangential)),
        rows=_rows,
        gaussian_steps=False,
        law=StepLaw(exponent=float(exponent), heat=float(tangential), widening=EULER),
        reference="Li, Wang and Arora 2022",
    )


def _rows(landscape: Landscape) -> Rows:
    m = landscape.codim
    return workspace(landscape, kicks=landscape.dim, pull=m, along=m, spare=m, copy=(m, m))


def _build(landscape: Landscape, exponent: float, tangential: float) -> Kernel:
    residual, jacobian = open_constraint_of(landscape)
    views, size = views_of(_rows(landscape)), landscape.codim
    shape = jitable(_shape(landscape, exponent))
    heat = np.sqrt(tangential)

    def step(x, noise, previous, work, memory, status, dt, temperature, parameters):
        dim, lanes = x.shape
        slopes, matrix, across, _, kicks, pull, along, spare, copy = views(work)
        kick = root(2.0 * temperature * dt)
        for i in range(dim):
            for lane in range(lanes):
                kicks[i, lane] = kick * noise[i, lane]
        residual(x, pull, parameters)
        jacobian(x, slopes, parameters)
        gram(slopes, slopes, matrix)
        apply_rows(slopes, kicks, across)
        if heat > 0.0:
            copy_rows(along, across)
            copy_matrix(copy, matrix)
            solve_lanes(copy, along)
        else:
            for a in range(size):
                for lane in range(lanes):
                    along[a, lane] = 0.0
        shape(across, matrix, copy, spare)
        for a in range(size):
            for lane in range(lanes):
                pull[a, lane] = dt * pull[a, lane] - across[a, lane] + heat * along[a, lane]
        subtract_rows(x, slopes, pull)
        for i in range(dim):
            for lane in range(lanes):
                x[i, lane] += heat * kicks[i, lane]

    return step


def _shape(landscape: Landscape, exponent: float) -> Kernel:
    """The kernel `shape(weights, matrix, copy, spare)`: it changes J xi to the weights of the normals in the noise."""
    if exponent.is_integer():
        return _whole_power(int(exponent))
    if landscape.codim != 1:
        raise unfit(
            "power_law",
            "takes any exponent for a single equation and a whole number for several",
            f"{landscape.name} has {landscape.codim}, got exponent {exponent:g}",
        )

    def shape(weights, matrix, copy, spare):
        for lane in range(weights.shape[1]):
            weights[0, lane] *= matrix[0, 0, lane] ** (0.5 * exponent - 1.0)

    return shape


def _whole_power(exponent: int) -> Kernel:
    whitens = exponent % 2 == 1
    power = (exponent - 1) // 2 if whitens else exponent // 2 - 1

    def shape(weights, matrix, copy, spare):
        if whitens:
            copy_matrix(copy, matrix)
            whiten(copy, weights)
        for _ in range(-power):
            copy_matrix(copy, matrix)
            solve_lanes(copy, weights)
        for _ in range(power):
            apply_rows(matrix, weights, spare)
            copy_rows(weights, spare)

    return shape


@register_jitable
def copy_matrix(out, source):
    """out[...] = source for matrices (m, m, lanes)."""
    for a in range(source.shape[0]):
        copy_rows(out[a], source[a])


@register_jitable
def whiten(matrix, right):
    """Overwrite `right` (m, lanes) with L^(-1) right, matrix = L L^T (m, m, lanes), which is destroyed."""
    size, lanes = right.shape
    for k in range(size):
        for lane in range(lanes):
            matrix[k, k, lane] = root(matrix[k, k, lane])
            right[k, lane] /= matrix[k, k, lane]
        for i in range(k + 1, size):
            for lane in range(lanes):
                matrix[i, k, lane] /= matrix[k, k, lane]
                right[i, lane] -= matrix[i, k, lane] * right[k, lane]
            for j in range(k + 1, i + 1):
                for lane in range(lanes):
                    matrix[i, j, lane] -= matrix[i, k, lane] * matrix[j, k, lane]
