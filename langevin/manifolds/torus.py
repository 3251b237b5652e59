"""Torus with the distance loss: the stiffness is constant, so Gibbs and surface distribution agree."""

from __future__ import annotations

import math

import numpy as np
from numba.extending import register_jitable

from langevin.errors import unfit
from langevin.kernels.rounding import fused, root
from langevin.landscapes.composed import value_of
from langevin.landscapes.starts import all_at
from langevin.types import Facts, FloatArray, Landscape, Moment, Status

#: Steps of Chebyshev along a normal: as many as nearly all moves need, and the number after which there is no point.
FEW, MANY = 3, 30
#: A step below this fraction of the move is the last, because the error of the next one is below round-off.
LAST_STEP, ROUND_OFF = 1e-5, 4.0 * np.finfo(np.float64).eps
#: Rows of scratch of `retract`.
RETRACT_ROWS = 4
FAILED = int(Status.PROJECTION_FAILED)


def torus(stiffness: float = 100.0, major: float = 2.0, minor: float = 1.0) -> Landscape:
    """Zero set of sqrt(k) (distance to the core circle - r); walkers start at the outermost point (R + r, 0, 0).

    With the angle phi about the core circle, the distance rho = R + r cos phi from the axis is also the area element.
    The area is 4 pi^2 R r; under both distributions E cos phi = r / (2 R) and E rho^2 = R^2 + 3 r^2 / 2 (Diaconis,
    Holmes and Shahshahani 2013).

    Args:
        stiffness: k, the normal curvature of the loss.
        major: R, radius of the core circle.
        minor: r, radius of the tube, below R.
    """
    check("torus", stiffness, major, minor)
    return Landscape(
        name="torus",
        dim=3,
        codim=1,
        parameters=(math.sqrt(stiffness), float(major), float(minor)),
        start=all_at([major + minor, 0.0, 0.0]),
        stiffness=lambda temperature: stiffness,
        residual=residual,
        jacobian=jacobian,
        value=value_of(residual, 1),
        gradient=gradient,
        retract=retract,
        retract_rows=RETRACT_ROWS,
        samples=1,
        dials={"stiffness": stiffness, "major": major, "minor": minor},
        facts=facts(major, minor, 0.5 * minor / major, major**2 + 1.5 * minor**2),
    )


def check(name: str, stiffness: float, major: float, minor: float) -> None:
    """Refuse dials that do not give a torus."""
    if not (0.0 < stiffness < math.inf and 0.0 < minor < major < math.inf):
        raise unfit(
            f"{name}",
            "needs stiffness > 0 and 0 < minor < major",
            f"stiffness={stiffness}, major={major}, minor={minor}",
        )


def facts(major: float, minor: float, gibbs_cosine: float, gibbs_square: float) -> Facts:
    """Area, E cos phi and E rho^2; the surface distribution has the density 1 + (r / R) cos phi in phi."""

    def cosine(states: FloatArray) -> FloatArray:
        axial = np.hypot(states[:, 0], states[:, 1])
        ratios: FloatArray = (axial - major) / np.hypot(axial - major, states[:, 2])
        return ratios

    def axial_square(states: FloatArray) -> FloatArray:
        squares: FloatArray = states[:, 0] ** 2 + states[:, 1] ** 2
        return squares

    return Facts(
        moments=(
            Moment("cos phi", cosine, surface=0.5 * minor / major, gibbs=gibbs_cosine),
            Moment("rho^2", axial_square, surface=major**2 + 1.5 * minor**2, gibbs=gibbs_square),
        ),
        log_volume=math.log(4.0 * math.pi**2 * major * minor),
    )


@register_jitable
def tube(x, lane, major):
    """Distances from the axis and from the core circle."""
    axial = root(x[0, lane] * x[0, lane] + x[1, lane] * x[1, lane])
    return axial, root((axial - major) * (axial - major) + x[2, lane] * x[2, lane])


def residual(x, out, parameters):
    """r = sqrt(k) (distance to the core circle - r)."""
    scale, major, minor = parameters
    for lane in range(x.shape[1]):
        out[0, lane] = scale * (tube(x, lane, major)[1] - minor)


def jacobian(x, out, parameters):
    """sqrt(k) times the unit vector away from the core circle."""
    scale, major, minor = parameters
    for lane in range(x.shape[1]):
        axial, distance = tube(x, lane, major)
        flat = scale * (1.0 - major / axial) / distance
        out[0, 0, lane] = flat * x[0, lane]
        out[0, 1, lane] = flat * x[1, lane]
        out[0, 2, lane] = scale * x[2, lane] / distance


def gradient(x, out, parameters):
    """k (distance - r) times the unit vector away from the core circle."""
    scale, major, minor = parameters
    for lane in range(x.shape[1]):
        axial, distance = tube(x, lane, major)
        pull = scale * scale * (1.0 - minor / distance)
        flat = pull * (1.0 - major / axial)
        out[0, lane] = flat * x[0, lane]
        out[1, lane] = flat * x[1, lane]
        out[2, lane] = pull * x[2, lane]


@register_jitable(forceinline=True)
def normal_step(x, move, lane, major, minor, steps):
    """The s for which x + move + s N lies on the torus, by `steps` of Chebyshev; whether it is found; factors of N.

    N = (lift x, lift y, axial z) is normal at x, with `axial` the distance from the axis and lift = axial - R. With the
    increments F of axial^2 and Z of z^2 the torus is axial Z + lift F + axial g + (g + F + Z)^2 / (4 R) = 0, where
    g = lift^2 + z^2 - r^2 is the round-off of x. This is a polynomial of degree 4 in s, so a step needs no square root.
    Its slope is above 0 where the normals of x and of the new point make an angle below a right one. Chebyshev's steps
    converge with order 3 (Traub, Iterative Methods for the Solution of Equations, 1964).

    Args:
        x: points (3, lanes) on the torus, up to round-off.
        move: their moves (3, lanes).
        lane: the column of both.
        major: R.
        minor: r.
        steps: number of steps from the tangent plane at x.
    """
    height, up, share = x[2, lane], move[2, lane], 0.25 / major
    square = fused(x[0, lane], x[0, lane], x[1, lane] * x[1, lane])
    axial = root(square)
    lift = axial - major
    off = fused(lift, lift, fused(height, height, -minor * minor))
    along = fused(x[0, lane], move[0, lane], x[1, lane] * move[1, lane])
    flat = fused(move[0, lane], move[0, lane], move[1, lane] * move[1, lane])
    f0, f1, f2 = 2.0 * along + flat, 2.0 * lift * (square + along), lift * lift * square
    z0, z1, z2 = up * (2.0 * height + up), 2.0 * axial * height * (height + up), square * height * height
    a0, a1, a2 = (
        fused(axial, z0, fused(lift, f0, axial * off)),
        fused(axial, z1, lift * f1),
        axial * z2 + lift * f2,
    )
    b0, b1, b2 = off + f0 + z0, f1 + z1, f2 + z2
    s, step, slope = (
        -(lift * along + axial * height * up) / b2,
        0.0,
        0.0,
    )  # removes the normal part of the move
    for _ in range(steps):
        b, turn = fused(fused(b2, s, b1), s, b0), fused(2.0 * b2, s, b1)
        slope = fused(2.0 * a2, s, a1) + 2.0 * share * b * turn
        bend = a2 + share * fused(turn, turn, 2.0 * b * b2)
        inverse = 1.0 / slope
        step = (fused(fused(a2, s, a1), s, a0) + share * b * b) * inverse
        step = fused(step * step, bend * inverse, step)
        s -= step
    last = fused(LAST_STEP * LAST_STEP, flat + up * up, ROUND_OFF * ROUND_OFF * (square + height * height))
    return s, step * step * b2 <= last and slope > 0.0, axial, lift


def retract(x, move, scratch, status, parameters):
    """x <- x + move + s N with N normal at x; `FEW` steps for s are enough for nearly all. 4 rows of scratch."""
    _, major, minor = parameters
    missed = 0
    for lane in range(x.shape[1]):
        s, found, axial, lift = normal_step(x, move, lane, major, minor, FEW)
        scratch[0, lane] = fused(s * lift, x[0, lane], x[0, lane] + move[0, lane])
        scratch[1, lane] = fused(s * lift, x[1, lane], x[1, lane] + move[1, lane])
        scratch[2, lane] = fused(s * axial, x[2, lane], x[2, lane] + move[2, lane])
        scratch[3, lane] = 0.0 if found else 1.0
        missed += not found
    if missed > 0:
        find_others(x, move, scratch, status, major, minor)
    for i in range(3):
        for lane in range(x.shape[1]):
            x[i, lane] = scratch[i, lane]


@register_jitable
def find_others(x, move, scratch, status, major, minor):
    """More steps for walkers with a 1 in scratch[3]; without a point a walker stays, and fails if it was running."""
    for lane in range(x.shape[1]):
        if scratch[3, lane] > 0.0:
            s, found, axial, lift = normal_step(x, move, lane, major, minor, MANY)
            status[lane] = FAILED if status[lane] == 0 and not found else status[lane]
            for i in range(3):
                turn = s * (axial if i == 2 else lift)
                scratch[i, lane] = (
                    fused(turn, x[i, lane], x[i, lane] + move[i, lane]) if found else x[i, lane]
                )
