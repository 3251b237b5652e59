"""A loss in which the diffusion of walkers varies from place to place."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

from langevin.errors import UsageError
from langevin.landscapes.cloud import reaches
from langevin.landscapes.combined import check_plain, of_first, of_second, targets_of_first
from langevin.landscapes.curvature import RISE, curvature_met
from langevin.landscapes.evaluate import evaluate
from langevin.landscapes.starts import usual_point
from langevin.types import Facts, FloatArray, Landscape

#: Radius of the search for the points that walkers reach, over the size of the start.
FARTHEST = 1e9
#: Most pairs of opposite rays, one on a line, and points on each ray.
PAIRS, POINTS = 4, 1024


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
    made = replace(
        potential,
        name=f"{potential.name} with the diffusion {factor.name}",
        parameters=parameters,
        value=value,
        gradient=gradient,
        target=targets_of_first(potential),
        dials={**potential.dials, **{f"diffusion {name}": dial for name, dial in factor.dials.items()}},
        diffusion=own,
    )
    return replace(made, stiffness=partial(_stiffness, made), facts=_facts(potential, made))


def _check(potential: Landscape, factor: Landscape) -> None:
    check_plain(potential, factor)
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
    """The largest rate that a walker meets, on rays from the start up to a change of the loss by 10 theta.

    That is the largest curvature of f, slope of the drift D grad f - theta grad D, and theta |grad D|^2 / (2 D), the
    rate at which the noise alone spreads.
    """
    diffusion = landscape.diffusion
    assert landscape.value is not None and landscape.gradient is not None and diffusion is not None
    place = usual_point(landscape)
    found = curvature_met(landscape.value, landscape.gradient, place, landscape.parameters, temperature)
    points = _scanned(landscape, temperature)
    rises, factors = evaluate(diffusion, "gradient", points), evaluate(diffusion, "value", points)
    slopes = evaluate(landscape, "gradient", points)
    drift = factors[:, None] * slopes - temperature * rises
    with np.errstate(all="ignore"):
        spreading = temperature * (rises**2).sum(axis=1) / (2.0 * factors)
        apart = np.linalg.norm(np.diff(points.reshape(-1, POINTS, landscape.dim), axis=1), axis=2)
        bends = [
            np.linalg.norm(np.diff(one.reshape(-1, POINTS, landscape.dim), axis=1), axis=2) / apart
            for one in (slopes, drift)
        ]
    known = [one[np.isfinite(one) & (one > 0.0)] for one in (spreading, *bends)]
    return max([found, *(float(one.max()) for one in known if one.size)])


def _scanned(landscape: Landscape, temperature: float) -> FloatArray:
    """Points (rays x POINTS, dim) at equal distances on rays from the start in random directions."""
    start = usual_point(landscape)
    rays = np.random.default_rng(0).standard_normal((min(PAIRS, landscape.dim), landscape.dim))
    rays /= np.linalg.norm(rays, axis=1)[:, None]
    rays = np.concatenate([rays, -rays])
    farthest = FARTHEST * (float(np.linalg.norm(start)) or 1.0)
    lengths = reaches(landscape, start, rays, RISE * temperature, farthest)
    parts = np.linspace(0.0, 1.0, POINTS)
    return np.asarray(
        (start + parts[None, :, None] * (lengths[:, None] * rays)[:, None]).reshape(-1, landscape.dim)
    )


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
    """Smallest D, at most 1, on rays from the start up to a change of the loss by 10 theta."""
    assert landscape.diffusion is not None
    found = evaluate(landscape.diffusion, "value", _scanned(landscape, temperature))
    return float(min(1.0, found[found > 0.0].min(initial=1.0)))
