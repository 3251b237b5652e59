"""Sphere with the polynomial residual of its equation, f = k (|x|^2 - R^2)^2 / (8 R^2)."""

from __future__ import annotations

import math

import numpy as np
from numba.extending import register_jitable

from langevin.errors import unfit
from langevin.kernels.lane_matrices import add_squares_and_dot
from langevin.kernels.rounding import fused, inverse_root
from langevin.landscapes.closed_forms import log_area, power_of
from langevin.landscapes.starts import all_at
from langevin.types import Facts, Landscape, Moment, Status

#: A smaller number counts as 0.
TINY = 1e-300
FAILED = int(Status.PROJECTION_FAILED)


def sphere(dim: int = 3, stiffness: float = 100.0, radius: float = 1.0) -> Landscape:
    """Zero set |x| = R of the residual sqrt(k) (|x|^2 - R^2) / (2 R); every walker starts at (R, 0, ..., 0).

    The set is the same as in `ring`, but the loss is a polynomial, so it is smooth also at the origin. J J^T = k on the
    set, so the distributions `surface` and `gibbs` are both uniform. With n = dim, E x_1^2 = R^2 / n and E x_1^4 = 3
    R^4 / (n (n + 2)); E x(t) decays with the rate (n - 1) / R^2 at temperature 1 (Hsu 2002).

    Args:
        dim: dimension n of the ambient space, at least 2.
        stiffness: k, the normal curvature of the loss on the sphere.
        radius: R.
    """
    if dim < 2 or not 0.0 < stiffness < math.inf or not 0.0 < radius < math.inf:
        raise unfit(
            "sphere",
            "needs dim >= 2, stiffness > 0, radius > 0",
            f"dim={dim}, stiffness={stiffness}, radius={radius}",
        )
    log_volume = log_area(dim) + (dim - 1) * math.log(radius)
    square, fourth = radius**2 / dim, 3.0 * radius**4 / (dim * (dim + 2))
    return Landscape(
        name="sphere",
        dim=dim,
        codim=1,
        parameters=(float(stiffness), float(radius)),
        start=all_at(radius * np.eye(dim)[0]),
        stiffness=lambda temperature: (
            stiffness + 3.0 / radius * math.sqrt(20.0 * temperature * stiffness)
        ),  # at f = 10 theta, outside the sphere
        residual=residual,
        jacobian=jacobian,
        value=value,
        gradient=gradient,
        retract=retract,
        retract_rows=3,
        samples=1,
        dials={"dim": dim, "stiffness": stiffness, "radius": radius},
        facts=Facts(
            moments=(
                Moment("x_1^2", power_of(0, 2), surface=square, gibbs=square),
                Moment("x_1^4", power_of(0, 4), surface=fourth, gibbs=fourth),
            ),
            log_volume=log_volume,
            decay=(dim - 1) / radius**2,
            radius=float(radius),
        ),
    )


@register_jitable
def squares(x, out):
    """|x|^2 of each walker; four coordinates at a time, because each pass reads and writes `out`."""
    single = x.shape[0] % 4
    for lane in range(x.shape[1]):
        out[lane] = 0.0
    for i in range(single):
        for lane in range(x.shape[1]):
            out[lane] += x[i, lane] * x[i, lane]
    for i in range(single, x.shape[0], 4):
        for lane in range(x.shape[1]):
            first = x[i, lane] * x[i, lane] + x[i + 1, lane] * x[i + 1, lane]
            second = x[i + 2, lane] * x[i + 2, lane] + x[i + 3, lane] * x[i + 3, lane]
            out[lane] += first + second


def residual(x, out, parameters):
    """r = sqrt(k) (|x|^2 - R^2) / (2 R)."""
    stiffness, radius = parameters
    factor = 0.5 * np.sqrt(stiffness) / radius
    squares(x, out[0])
    for lane in range(x.shape[1]):
        out[0, lane] = factor * (out[0, lane] - radius * radius)


def jacobian(x, out, parameters):
    """dr/dx = sqrt(k) x / R."""
    stiffness, radius = parameters
    factor = np.sqrt(stiffness) / radius
    for i in range(x.shape[0]):
        for lane in range(x.shape[1]):
            out[0, i, lane] = factor * x[i, lane]


def value(x, out, parameters):
    """f = k (|x|^2 - R^2)^2 / (8 R^2)."""
    stiffness, radius = parameters
    squares(x, out)
    for lane in range(x.shape[1]):
        out[lane] = stiffness * ((out[lane] - radius * radius) / radius) ** 2 / 8.0


def gradient(x, out, parameters):
    """k (|x|^2 - R^2) x / (2 R^2)."""
    stiffness, radius = parameters
    last = x.shape[0] - 1  # the row that is written last first holds |x|^2, then the common factor
    squares(x, out[last])
    for lane in range(x.shape[1]):
        out[last, lane] = 0.5 * stiffness * (out[last, lane] / (radius * radius) - 1.0)
    for i in range(last):
        for lane in range(x.shape[1]):
            out[i, lane] = out[last, lane] * x[i, lane]
    for lane in range(x.shape[1]):
        out[last, lane] *= x[last, lane]


def retract(x, move, scratch, status, parameters):
    """x <- b x + v for a move v, with b^2 |x|^2 + 2 b x.v + |v|^2 = R^2: the root on the side of x; 3 rows of scratch.

    1 / |x|^2 is expanded to second order in the distance of x from the sphere, which is as small as round-off.
    """
    _, radius = parameters
    own, mixed, other = scratch[0], scratch[1], scratch[2]
    inverse = 1.0 / (radius * radius)
    missed = 0
    for lane in range(own.size):
        own[lane] = mixed[lane] = other[lane] = 0.0
    add_squares_and_dot(own, mixed, other, x, move)
    for lane in range(own.size):
        square = fused(mixed[lane], mixed[lane], own[lane] * (radius * radius - other[lane]))
        found = square > TINY
        missed += not found
        root = square * inverse_root(max(square, TINY))
        own[lane] = (
            (root - mixed[lane]) * fused(-own[lane] * inverse, inverse, 2.0 * inverse) if found else np.nan
        )
    if missed > 0:
        stay(x, move, own, status)
    for i in range(x.shape[0]):
        for lane in range(x.shape[1]):
            x[i, lane] = fused(own[lane], x[i, lane], move[i, lane])


@register_jitable
def stay(x, move, factor, status):
    """A walker whose factor is nan stays where it is; if it was running, its status becomes PROJECTION_FAILED."""
    for lane in range(factor.size):
        if np.isnan(factor[lane]):
            factor[lane] = 1.0
            status[lane] = FAILED if status[lane] == 0 else status[lane]
            for i in range(x.shape[0]):
                move[i, lane] = 0.0
