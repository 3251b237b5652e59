"""Check that a kick along a surface is short compared with the radius of curvature of the surface."""

from __future__ import annotations

import warnings

import numpy as np

from langevin.ensemble.checks import StepSizeWarning
from langevin.landscapes.evaluate import evaluate
from langevin.types import FloatArray, Landscape

#: Largest relative error of the walk's time that a step may cause, the relative error of the step that is proposed
#: instead, and the numbers of starts and of kicks at each start with which this error is estimated.
MOST_BIAS, GOAL, FEW, KICKS = 0.015, 0.005, 4, 8


def kick_bias(landscape: Landscape, states: FloatArray, kick: float) -> float:
    """Relative error of time in projected steps: |v|^2 / (2 R^2) for a kick v and the radius of mean curvature R.

    After a kick along the tangent a walker is |v|^2 / (2 R) off the surface. The mean of that vector over kicks is
    taken from the equations to first order, at a few states. On spheres, orthonormal frames and rotations it is the
    same in all directions.

    Args:
        landscape: a surface.
        states: points (walkers, dim) on the surface.
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

    This check is not for steps whose stationary law is exact at any length: there, long steps are used to mix faster.
    """
    bias = kick_bias(landscape, states, float(np.sqrt(2.0 * temperature * dt)))
    if bias > MOST_BIAS:
        warnings.warn(
            f"dt = {dt:g} is coarse: a kick is so long compared with the radius of curvature of {landscape.name} that "
            f"time runs about {bias:.0%} off; with dt <= {GOAL / bias * dt:.2g} the step bias is below 1 %",
            StepSizeWarning,
            stacklevel=3,
        )
