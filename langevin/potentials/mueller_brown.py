"""The surface of Mueller and Brown (1979): three minima in the plane, joined by a bent path over two saddles."""

from __future__ import annotations

import math

import numpy as np

from langevin.errors import unfit
from langevin.types import Box, Facts, Landscape

#: Height, x and y of the centre, and the coefficients of dx^2, dx dy and dy^2 in the exponent of each term.
TERMS = np.array(
    [
        [-200.0, 1.0, 0.0, -1.0, 0.0, -10.0],
        [-100.0, 0.0, 0.5, -1.0, 0.0, -10.0],
        [-170.0, -0.5, 1.5, -6.5, 11.0, -6.5],
        [15.0, -1.0, 1.0, 0.7, 0.6, 0.7],
    ]
)
#: The deep minimum, the two others, and the two saddles between them, in this order; losses at scale 1.
MINIMA = np.array([[-0.55822363, 1.44172584], [-0.05001082, 0.4666941], [0.6234994, 0.02803776]])
SADDLES = np.array([[-0.82200156, 0.6243128], [0.21248658, 0.29298833]])
DEEP, HIGH_SADDLE = -146.69951721, -40.66484351


def mueller_brown(scale: float = 1.0, target_radius: float = 0.1) -> Landscape:
    """Sum of four exponentials of quadratic forms; walkers start in the deep minimum (-0.558, 1.442).

    The target is a disc around the far minimum (0.623, 0.028). The barrier, from the deep minimum to the higher saddle,
    is 106.03 at scale 1 (K. Mueller and L. D. Brown, Theor. Chim. Acta 53, 75, 1979).

    Args:
        scale: factor of the energy.
        target_radius: radius of the disc.
    """
    if not (0.0 < scale < math.inf and 0.0 < target_radius < math.inf):
        raise unfit(
            "mueller_brown",
            "needs scale > 0 and target_radius > 0",
            f"scale={scale}, target_radius={target_radius}",
        )
    return Landscape(
        name="mueller_brown",
        dim=2,
        parameters=(TERMS * [[scale, 1.0, 1.0, 1.0, 1.0, 1.0]], MINIMA[2], float(target_radius)),
        value=value,
        gradient=gradient,
        start=lambda uniforms, temperature: uniforms * 0.0 + MINIMA[0],
        stiffness=lambda temperature: scale * _curvature_met(temperature / scale),
        target=distance_to_disc,
        dials={"scale": scale, "target_radius": target_radius},
        facts=Facts(
            box=Box((-1.8, -0.6), (1.4, 2.2)),
            barrier=scale * (HIGH_SADDLE - DEEP),
            target_width=2.0 * target_radius,
        ),
    )


def _curvature_met(temperature: float) -> float:
    """Largest eigenvalue of the Hessian where f - f_min <= 10 theta, on a grid, at scale 1."""
    x, y = np.meshgrid(np.linspace(-2.0, 1.5, 141), np.linspace(-1.0, 2.5, 141))
    total, hessian = np.zeros_like(x), np.zeros((3, *x.shape))
    for height, x0, y0, a, b, c in TERMS:
        dx, dy = x - x0, y - y0
        term = height * np.exp(a * dx**2 + b * dx * dy + c * dy**2)
        u, v = 2.0 * a * dx + b * dy, b * dx + 2.0 * c * dy
        total += term
        hessian += term * np.stack([u * u + 2.0 * a, u * v + b, v * v + 2.0 * c])
    half, difference = 0.5 * (hessian[0] + hessian[2]), 0.5 * (hessian[0] - hessian[2])
    largest = half + np.hypot(difference, hessian[1])
    return float(largest[total <= DEEP + max(10.0 * temperature, 1.0)].max())


def value(x, out, parameters):
    """f = sum A exp(a dx^2 + b dx dy + c dy^2)."""
    terms, minimum, radius = parameters
    for lane in range(x.shape[1]):
        out[lane] = 0.0
    for k in range(terms.shape[0]):
        for lane in range(x.shape[1]):
            dx, dy = x[0, lane] - terms[k, 1], x[1, lane] - terms[k, 2]
            exponent = terms[k, 3] * dx * dx + terms[k, 4] * dx * dy + terms[k, 5] * dy * dy
            out[lane] += terms[k, 0] * np.exp(exponent)


def gradient(x, out, parameters):
    """Sum A exp(...) (2 a dx + b dy, b dx + 2 c dy)."""
    terms, minimum, radius = parameters
    for lane in range(x.shape[1]):
        out[0, lane] = 0.0
        out[1, lane] = 0.0
    for k in range(terms.shape[0]):
        for lane in range(x.shape[1]):
            dx, dy = x[0, lane] - terms[k, 1], x[1, lane] - terms[k, 2]
            exponent = terms[k, 3] * dx * dx + terms[k, 4] * dx * dy + terms[k, 5] * dy * dy
            term = terms[k, 0] * np.exp(exponent)
            out[0, lane] += term * (2.0 * terms[k, 3] * dx + terms[k, 4] * dy)
            out[1, lane] += term * (terms[k, 4] * dx + 2.0 * terms[k, 5] * dy)


def distance_to_disc(x, out, parameters):
    """Distance from the far minimum minus the radius of the disc."""
    terms, minimum, radius = parameters
    for lane in range(x.shape[1]):
        dx, dy = x[0, lane] - minimum[0], x[1, lane] - minimum[1]
        out[lane] = np.sqrt(dx * dx + dy * dy) - radius
