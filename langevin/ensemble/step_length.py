"""The length of a step, compared with the curvature of a surface, and its effect on the time to a target.

A kick along a surface must be short compared with the radius of curvature of the surface. Targets are widened by a
distance, because a walk is observed at the ends of steps only.
"""

from __future__ import annotations

import math
import warnings

import numpy as np

from langevin.ensemble.checks import StepSizeWarning
from langevin.errors import UsageError, unfit
from langevin.kernels.targets import scaled_target, watched_targets
from langevin.landscapes.evaluate import evaluate
from langevin.landscapes.target_slope import mean_slope, slope_along, slopes_along
from langevin.types import FloatArray, Integrator, Kernel, Landscape, Problem, Stop

#: Largest relative error of the walk's time that a step may cause, the relative error of the step that is proposed
#: instead, and the numbers of starts and of kicks at each start with which this error is estimated.
MOST_BIAS, GOAL, FEW, KICKS = 0.015, 0.005, 4, 8
#: Mean overshoot of a wall observed at discrete times, -zeta(1/2) / sqrt(2 pi), in standard deviations of a step.
OVERSHOOT = 0.5825971579390107


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


def target_margin(problem: Problem, integrator: Integrator, stop: Stop | None, dt: float) -> float:
    """Distance by which the target is widened, so that a walk observed at step ends has the correct mean time to it.

    Raises:
        UsageError: no target, an unknown correction or one that these steps cannot have, or a step too coarse for the
            width of the target.
    """
    if stop is None:
        return 0.0
    landscape = problem.landscape
    if landscape.target is None:
        raise UsageError(
            f"{landscape.name} has no target to stop at",
            "a stop needs a target",
            "run without stop",
        )
    if stop.correction == "none":
        return 0.0
    if stop.correction not in ("shift", "bridge"):
        raise unfit("correction", "must be shift, bridge or none", f"{stop.correction!r}")
    if not integrator.gaussian_steps:
        raise UsageError(
            f"the {stop.correction} correction needs Gaussian steps, which {integrator.name} does not take",
            "Gaussian steps, or no correction",
            "use none",
        )
    if stop.correction == "bridge":
        if integrator.variable_step or integrator.tallies:
            raise UsageError(
                f"the bridge correction needs free steps of one length, which {integrator.name} does not take",
                "free steps of one length, or another correction",
                "use shift",
            )
        return 0.0
    margin = OVERSHOOT * math.sqrt(2.0 * problem.temperature * dt)
    if stays_on_surface(landscape, integrator):
        margin *= slope_along(landscape)
    known = landscape.facts.target_width
    width = math.inf if known is None else known
    if margin >= 0.5 * width:
        raise UsageError(
            f"dt = {dt:g} is too coarse for the target: the overshoot {margin:.3g} must stay below half its width "
            f"{width:g}",
            "the step must be small compared with the target",
            f"use dt <= {(0.25 * width) ** 2 / (2.0 * problem.temperature):.2g}",
        )
    return margin


def shifted_targets(landscape: Landscape, integrator: Integrator) -> tuple[Kernel, ...]:
    """The distances to the targets, scaled so that `target_margin` is the shift of each of them.

    On a surface with several targets, each distance is scaled by the mean slope over the slope of this target.
    """
    targets = watched_targets(landscape)
    if len(targets) < 2 or not stays_on_surface(landscape, integrator):
        return targets
    slopes = slopes_along(landscape)
    mean = mean_slope(slopes)
    return tuple(
        scaled_target(target, mean / mean_slope([own])) if own else target
        for target, own in zip(targets, slopes, strict=True)
    )


def stays_on_surface(landscape: Landscape, integrator: Integrator) -> bool:
    """Whether the kicks are along a surface, where the slope of a distance differs from its slope in space."""
    return landscape.is_surface and integrator.law is not None and not integrator.law.across
