"""The torus as the zero set of a quartic: another loss, so another Gibbs distribution on the same set."""

from __future__ import annotations

import math

from langevin.landscapes.composed import gradient_of, value_of
from langevin.landscapes.starts import all_at
from langevin.manifolds.torus import RETRACT_ROWS, check, facts, retract
from langevin.types import Landscape


def quartic_torus(stiffness: float = 100.0, major: float = 2.0, minor: float = 1.0) -> Landscape:
    """Zero set of sqrt(k) G / (8 r R^2), G = (|x|^2 + R^2 - r^2)^2 - 4 R^2 rho^2, with rho^2 = x^2 + y^2.

    |grad G| = 8 r R rho on the set, so the normal curvature is k (rho / R)^2, and the inner side is the flat one. The
    Gibbs distribution is uniform in the angle phi about the core circle: E cos phi = 0 and E rho^2 = R^2 + r^2 / 2. The
    surface distribution is the same as on `torus`. Walkers start at (R + r, 0, 0).

    Args:
        stiffness: k, the normal curvature of the loss at the top and the bottom, rho = R.
        major: R, radius of the core circle.
        minor: r, radius of the tube, below R.
    """
    check("quartic_torus", stiffness, major, minor)
    scale = math.sqrt(stiffness) / (8.0 * minor * major**2)
    return Landscape(
        name="quartic_torus",
        dim=3,
        codim=1,
        parameters=(scale, float(major), float(minor)),
        start=all_at([major + minor, 0.0, 0.0]),
        stiffness=lambda temperature: _curvature_met(scale, major, minor, temperature),
        residual=residual,
        jacobian=jacobian,
        value=value_of(residual, 1),
        gradient=gradient_of(residual, jacobian, 1),
        retract=retract,
        retract_rows=RETRACT_ROWS,
        samples=1,
        dials={"stiffness": stiffness, "major": major, "minor": minor},
        facts=facts(major, minor, 0.0, major**2 + 0.5 * minor**2),
    )


def _curvature_met(scale: float, major: float, minor: float, temperature: float) -> float:
    """f'' along rho on the outer equator where f = 10 theta: f = g^2 / 2 with g = c (rho^4 - 2 A rho^2 + B)."""
    excess = math.sqrt(20.0 * temperature) / scale  # G at that point
    mean = major**2 + minor**2
    square = mean + math.sqrt(mean**2 - (major**2 - minor**2) ** 2 + excess)
    slope = 4.0 * math.sqrt(square) * (square - mean)
    return scale**2 * (slope**2 + excess * (12.0 * square - 4.0 * mean))


def residual(x, out, parameters):
    """r = c ((|x|^2 + R^2 - r^2)^2 - 4 R^2 rho^2)."""
    scale, major, minor = parameters
    for lane in range(x.shape[1]):
        flat = x[0, lane] * x[0, lane] + x[1, lane] * x[1, lane]
        inner = flat + x[2, lane] * x[2, lane] + major * major - minor * minor
        out[0, lane] = scale * (inner * inner - 4.0 * major * major * flat)


def jacobian(x, out, parameters):
    """4 c (|x|^2 + R^2 - r^2) x - 8 c R^2 (x, y, 0)."""
    scale, major, minor = parameters
    for lane in range(x.shape[1]):
        square = x[0, lane] * x[0, lane] + x[1, lane] * x[1, lane] + x[2, lane] * x[2, lane]
        high = 4.0 * scale * (square + major * major - minor * minor)
        flat = high - 8.0 * scale * major * major
        out[0, 0, lane] = flat * x[0, lane]
        out[0, 1, lane] = flat * x[1, lane]
        out[0, 2, lane] = high * x[2, lane]
