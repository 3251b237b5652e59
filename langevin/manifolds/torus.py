"""Torus with the distance loss: the stiffness is constant, so Gibbs and surface distribution agree."""

from __future__ import annotations

import math

import numpy as np
from numba.extending import register_jitable

from langevin.errors import unfit
from langevin.landscapes.squared_loss import value_of
from langevin.landscapes.starts import all_at
from langevin.types import Facts, FloatArray, Landscape, Moment


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
    axial = np.sqrt(x[0, lane] * x[0, lane] + x[1, lane] * x[1, lane])
    return axial, np.sqrt((axial - major) * (axial - major) + x[2, lane] * x[2, lane])


def residual(x, out, parameters):
    """r = sqrt(k) (distance to the core circle - r)."""
    root, major, minor = parameters
    for lane in range(x.shape[1]):
        out[0, lane] = root * (tube(x, lane, major)[1] - minor)


def jacobian(x, out, parameters):
    """sqrt(k) times the unit vector away from the core circle."""
    root, major, minor = parameters
    for lane in range(x.shape[1]):
        axial, distance = tube(x, lane, major)
        flat = root * (1.0 - major / axial) / distance
        out[0, 0, lane] = flat * x[0, lane]
        out[0, 1, lane] = flat * x[1, lane]
        out[0, 2, lane] = root * x[2, lane] / distance


def gradient(x, out, parameters):
    """k (distance - r) times the unit vector away from the core circle."""
    root, major, minor = parameters
    for lane in range(x.shape[1]):
        axial, distance = tube(x, lane, major)
        pull = root * root * (1.0 - minor / distance)
        flat = pull * (1.0 - major / axial)
        out[0, lane] = flat * x[0, lane]
        out[1, lane] = flat * x[1, lane]
        out[2, lane] = pull * x[2, lane]
