"""Whether a kick along a surface is short beside its radius of curvature."""

from __future__ import annotations

import warnings

import numpy as np

from langevin.ensemble.checks import StepSizeWarning
from langevin.landscapes.evaluate import evaluate
from langevin.types import FloatArray, Landscape

#: Share by which a step may shift the clock of the walk, and starts at which it is estimated.
MOST_BIAS, FEW = 0.01, 4


def kick_bias(landscape: Landscape, states: FloatArray, kick: float) -> float:
    """Share by which projected steps shift the clock, |v|^2 / (2 R^2) for a kick v and the radius of curvature R.

    After a kick along the tangent a walker is |v|^2 / (2 R) off the surface. That distance is taken from the equations,
    to first order, for one random kick at each of a few states; the mean is exact on a sphere.

    Args:
        landscape: surface.
        states: (walkers, dim), on it.
        kick: standard deviation of a kick in each direction, sqrt(2 theta dt).
    """
    points = states[:FEW]
    rng, biases = np.random.default_rng(0), []
    for point in points:
        slopes = np.atleast_2d(evaluate(landscape, "jacobian", point))
        across = np.linalg.pinv(slopes)
        move = kick * rng.standard_normal(point.size)
        move = move - across @ (slopes @ move)
        away = across @ np.atleast_1d(evaluate(landscape, "residual", point + move))
        length = float(move @ move)
        biases.append(2.0 * float(away @ away) / length if length > 0.0 else 0.0)
    return float(np.mean(biases))


def check_kick(landscape: Landscape, states: FloatArray, temperature: float, dt: float) -> None:
    """Warn of a kick that is long beside the radius of curvature of a surface."""
    bias = kick_bias(landscape, states, float(np.sqrt(2.0 * temperature * dt)))
    if bias > MOST_BIAS:
        warnings.warn(
            f"dt = {dt:g} is coarse: a kick is so long beside the radius of curvature of {landscape.name} that time "
            f"runs about {bias:.0%} off; with dt <= {0.5 * MOST_BIAS / bias * dt:.2g} the step bias is below "
            f"{MOST_BIAS:.0%}",
            StepSizeWarning,
            stacklevel=3,
        )
