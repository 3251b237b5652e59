"""Whether a kick along a surface is short compared with its radius of curvature."""

from __future__ import annotations

import warnings

import numpy as np

from langevin.ensemble.checks import StepSizeWarning
from langevin.landscapes.evaluate import evaluate
from langevin.types import FloatArray, Landscape

#: Share by which a step may shift the clock of the walk, the share of a step that is proposed instead, and the numbers
#: of starts and of kicks at each with which it is estimated.
MOST_BIAS, GOAL, FEW, KICKS = 0.015, 0.005, 4, 8


def kick_bias(landscape: Landscape, states: FloatArray, kick: float) -> float:
    """Share by which projected steps shift the clock, |v|^2 / (2 R^2) for a kick v and the radius of mean curvature R.

    After a kick along the tangent a walker is |v|^2 / (2 R) off the surface. The mean of that vector over kicks is
    taken from the equations to first order, at a few states. On spheres, frames and rotations all directions agree.

    Args:
        landscape: surface.
        states: (walkers, dim), on it.
        kick: standard deviation of a kick in each direction, sqrt(2 theta dt).
    """
    rng, biases = np.random.default_rng(0), []
    for point in np.unique(states[:FEW], axis=0):
        slopes = np.atleast_2d(evaluate(landscape, "jacobian", point))
        across = np.linalg.pinv(slopes)
        moves = kick * rng.standard_normal((KICKS, point.size))
        moves -= moves @ slopes.T @ across.T
        away = evaluate(landscape, "residual", point + moves) @ across.T
        length = float((moves**2).sum(axis=1).mean())
        curved = float((away.mean(axis=0) ** 2).sum()) / length**2 if length > 0.0 else 0.0
        biases.append(2.0 * curved * kick**2 * (landscape.dim - landscape.codim))
    return float(np.mean(biases))


def check_kick(landscape: Landscape, states: FloatArray, temperature: float, dt: float) -> None:
    """Warn of a kick that is long compared with the radius of curvature of a surface.

    Steps whose stationary law is exact at any length are not for this: they are taken long for the sake of mixing.
    """
    bias = kick_bias(landscape, states, float(np.sqrt(2.0 * temperature * dt)))
    if bias > MOST_BIAS:
        warnings.warn(
            f"dt = {dt:g} is coarse: a kick is so long compared with the radius of curvature of {landscape.name} that "
            f"time runs about {bias:.0%} off; with dt <= {GOAL / bias * dt:.2g} the step bias is below 1 %",
            StepSizeWarning,
            stacklevel=3,
        )
