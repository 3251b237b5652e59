"""A loss in which the diffusion of walkers varies from place to place."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

from langevin.errors import UsageError
from langevin.landscapes.cloud import reaches
from langevin.landscapes.combined import of_first, of_second
from langevin.landscapes.curvature import RISE, curvature_met
from langevin.landscapes.evaluate import evaluate
from langevin.landscapes.starts import usual_point
from langevin.types import Facts, FloatArray, Landscape

#: Radius of the search for the points that walkers reach, over the size of the start.
FARTHEST = 1e9


def with_diffusion(potential: Landscape, factor: Landscape) -> Landscape:
    """The loss f with the diffusion coefficient theta D(x), where D is the value of another loss.

    Two laws of motion use it (Ito form):

        mobility    dX = (-D grad f + theta grad D) dt + sqrt(2 theta D) dW     the mobility varies with the diffusion
        ito-noise   dX = -grad f dt + sqrt(2 theta D) dW                        the noise alone varies, as that of SGD

    The first has the Gibbs distribution exp(-f / theta) for every D (H. C. Ottinger, Stochastic Processes in Polymeric
    Fluids, 1996, section 3.3). The second has not: on a line its density is (1 / D) exp(-int f' / (theta D) dx).

    Kernels of the result take the parameters (those of the potential, those of the factor). Start and target are those
    of the potential. Of its facts remain the barrier and the moments without their values.

    Args:
        potential: f, a loss without equations and walls.
        factor: D, a loss of the same dimension whose value is positive wherever walkers go.

    Raises:
        UsageError: either of them is none of these, or D is not positive at the start.
    """
    _check(potential, factor)
    parameters = (potential.parameters, factor.parameters)
    value, gradient = of_first(potential.value), of_first(potential.gradient)
    own = replace(
        factor,
        parameters=parameters,
        value=of_second(factor.value),
        gradient=of_second(factor.gradient),
        target=None,
        start=potential.start,
    )
    targets = potential.target if isinstance(potential.target, tuple) else (potential.target,)
    aims = tuple(of_first(target) for target in targets)
    made = replace(
        potential,
        name=f"{potential.name} with the diffusion {factor.name}",
        parameters=parameters,
        value=value,
        gradient=gradient,
        target=aims if isinstance(potential.target, tuple) else aims[0],
        dials={**potential.dials, **{f"diffusion {name}": dial for name, dial in factor.dials.items()}},
        diffusion=own,
    )
    return replace(made, stiffness=partial(_stiffness, made), facts=_facts(potential, made))


def _check(potential: Landscape, factor: Landscape) -> None:
    for name, loss in (("the potential", potential), ("the diffusion", factor)):
        if loss.is_surface or loss.is_body or loss.value is None or loss.gradient is None or loss.parts:
            raise UsageError(
                f"{name} {loss.name} is no plain loss",
                "a loss with a value and a gradient, and no residual, walls, field, diffusion or drive",
                "make one by langevin.potentials.potential or from_expression",
            )
    if potential.dim != factor.dim:
        raise UsageError(
            f"the diffusion {factor.name} has {factor.dim} coordinates, and {potential.name} has {potential.dim}",
            "the same number for both",
            "take a diffusion of that dimension",
        )
    found = float(evaluate(factor, "value", usual_point(potential)))
    if not 0.0 < found < np.inf:
        raise UsageError(
            f"the diffusion {factor.name} is {found:g} at the start of {potential.name}",
            "above 0 and finite",
            "give a diffusion that is positive wherever walkers go",
        )


def _stiffness(landscape: Landscape, temperature: float) -> float:
    """Largest slope of the drift D grad f - theta grad D, and of grad f, that a walker meets.

    The slope theta |grad D|^2 / (2 D) of the noise is smaller than the largest curvature of theta D.
    """
    diffusion = landscape.diffusion
    assert landscape.value is not None and landscape.gradient is not None and diffusion is not None
    place = usual_point(landscape)
    drift = partial(_drift, landscape, temperature)
    slopes = (
        curvature_met(landscape.value, kernel, place, landscape.parameters, temperature)
        for kernel in (landscape.gradient, drift, partial(_spread, landscape, temperature))
    )
    return max(slopes)


def _drift(
    landscape: Landscape, temperature: float, x: FloatArray, out: FloatArray, parameters: object
) -> None:
    """D grad f - theta grad D, in plain Python."""
    diffusion = landscape.diffusion
    assert landscape.gradient is not None and diffusion is not None
    factor, slope = np.empty(x.shape[1]), np.empty(x.shape)
    diffusion.value(x, factor, parameters)  # type: ignore[misc]
    diffusion.gradient(x, slope, parameters)  # type: ignore[misc]
    landscape.gradient(x, out, parameters)
    out *= factor
    out -= temperature * slope


def _spread(
    landscape: Landscape, temperature: float, x: FloatArray, out: FloatArray, parameters: object
) -> None:
    """theta grad D, in plain Python."""
    assert landscape.diffusion is not None
    landscape.diffusion.gradient(x, out, parameters)  # type: ignore[misc]
    out *= temperature


def _facts(potential: Landscape, made: Landscape) -> Facts:
    """What remains known: functions without their means, the barrier, and the slowest rate times the smallest D."""
    known = potential.facts
    rate = known.slowest_rate
    slow = (
        None if rate is None else lambda temperature: rate(temperature) * least_diffusion(made, temperature)
    )
    moments = tuple(replace(moment, soft=None) for moment in known.moments)
    return Facts(moments=moments, barrier=known.barrier, slowest_rate=slow)


def least_diffusion(landscape: Landscape, temperature: float) -> float:
    """Smallest D, at most 1, at the start and where the loss has changed by 10 theta."""
    assert landscape.diffusion is not None
    start = usual_point(landscape)
    farthest = FARTHEST * (float(np.linalg.norm(start)) or 1.0)
    rays = np.concatenate([np.eye(landscape.dim), -np.eye(landscape.dim)])
    lengths = reaches(landscape, start, rays, RISE * temperature, farthest)
    places = np.concatenate([start[None], start + lengths[:, None] * rays])
    found = evaluate(landscape.diffusion, "value", places)
    return float(min(1.0, found[found > 0.0].min(initial=1.0)))
