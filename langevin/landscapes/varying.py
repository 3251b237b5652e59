"""Losses in which something varies: a force in time, or the diffusion of walkers from place to place."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

from langevin.errors import UsageError
from langevin.landscapes.composed import check_plain, of_first, of_second, targets_of_first
from langevin.landscapes.curvature import RISE, curvature_met
from langevin.landscapes.evaluate import evaluate
from langevin.landscapes.starts import reaches, usual_point
from langevin.types import Facts, FloatArray, Landscape

#: Radius within which places are checked and the points that walkers reach are searched, over the size of the start.
FARTHEST = 1e9
#: Most pairs of opposite rays, one on a line, and points on each ray.
PAIRS, POINTS = 4, 1024
#: Number of times at which a force is checked, the latest of them, and the shift for a difference.
TIMES, LATEST, SHIFT = 101, 10.0, 1e-6
#: Number of rays along which places are checked.
RAYS = 4


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
        factor: D, a loss of the same dimension whose value is positive at all places that walkers reach.

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
    alone = replace(own, stiffness=partial(_stiffness_of_noise, made))
    return replace(made, diffusion=alone, stiffness=partial(_stiffness, made), facts=_facts(potential, made))


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
            "give a diffusion that is positive at all places that walkers reach",
        )


def _stiffness(landscape: Landscape, temperature: float) -> float:
    """The largest rate that a walker with a varying mobility meets, on rays up to a change of the loss by 10 theta.

    Its drift is -(D grad f - theta grad D).
    """
    assert landscape.diffusion is not None
    points = _scanned(landscape, temperature)
    rises, factors = (evaluate(landscape.diffusion, kernel, points) for kernel in ("gradient", "value"))
    slopes = evaluate(landscape, "gradient", points)
    drift = factors[:, None] * slopes - temperature * rises
    return _largest_rate(landscape, temperature, points, RISE * temperature, drift)


def _stiffness_of_noise(landscape: Landscape, temperature: float) -> float:
    """The largest rate that a walker meets where the noise alone varies, whose drift is -grad f.

    It comes to places behind a rise of int grad f . dx / D by 10 theta with a probability of about exp(-10): what f and
    D are there does not matter.
    """
    place, points = usual_point(landscape), _within_work(landscape, temperature)
    losses = evaluate(landscape, "value", np.vstack([place, points]))
    change = float(np.nanmax(np.abs(losses - losses[0])))
    return _largest_rate(landscape, temperature, points, change, evaluate(landscape, "gradient", points))


def _largest_rate(
    landscape: Landscape, temperature: float, points: FloatArray, change: float, drift: FloatArray
) -> float:
    """The largest curvature of f, slope of the drift, and rate theta |grad D|^2 / (2 D) at which the noise spreads.

    Args:
        landscape: with a diffusion.
        temperature: theta.
        points: (rays x POINTS, dim), on rays from the start.
        change: of the loss, up to which its curvature is computed.
        drift: at the points, (rays x POINTS, dim).
    """
    assert landscape.value is not None and landscape.gradient is not None and landscape.diffusion is not None
    place = usual_point(landscape)
    found = curvature_met(landscape.value, landscape.gradient, place, landscape.parameters, change / RISE)
    rises, factors = (evaluate(landscape.diffusion, kernel, points) for kernel in ("gradient", "value"))
    slopes = evaluate(landscape, "gradient", points)
    with np.errstate(all="ignore"):
        spreading = temperature * (rises**2).sum(axis=1) / (2.0 * factors)
        rates = [spreading, *(_bends(points, one) for one in (slopes, drift))]
    known = [one[np.isfinite(one) & (one > 0.0)] for one in rates]
    return max([found, *(float(one.max()) for one in known if one.size)])


def _within_work(landscape: Landscape, temperature: float) -> FloatArray:
    """Points (rays x POINTS, dim) as `_scanned`, up to a rise of int grad f . dx / D by 10 theta on each ray."""
    assert landscape.diffusion is not None
    start, points = usual_point(landscape), _scanned(landscape, temperature)
    rays = points.reshape(-1, POINTS, landscape.dim)
    slopes, factors = (
        evaluate(one, kernel, points)
        for one, kernel in ((landscape, "gradient"), (landscape.diffusion, "value"))
    )
    with np.errstate(all="ignore"):
        forces = (slopes / factors[:, None]).reshape(rays.shape)
        steps = 0.5 * (forces[:, 1:] + forces[:, :-1]) * np.diff(rays, axis=1)
    work = np.cumsum(np.nan_to_num(steps.sum(axis=2)), axis=1)
    beyond = work > RISE * temperature
    last = np.where(beyond.any(axis=1), beyond.argmax(axis=1) + 1, POINTS - 1)
    ends = rays[np.arange(len(rays)), last] - start
    parts = np.linspace(0.0, 1.0, POINTS)
    return np.asarray((start + parts[None, :, None] * ends[:, None]).reshape(-1, landscape.dim))


def _bends(points: FloatArray, forces: FloatArray) -> FloatArray:
    """Changes of a force (rays x POINTS, dim) between neighbours on rays, over their distances."""
    rays, along = (one.reshape(-1, POINTS, points.shape[1]) for one in (points, forces))
    apart = np.linalg.norm(np.diff(rays, axis=1), axis=2)
    return np.asarray(np.linalg.norm(np.diff(along, axis=1), axis=2) / apart)


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
    """Smallest D, at most 1, on rays from the start up to a change of the loss by 10 theta.

    Args:
        landscape: a loss with a diffusion.
        temperature: theta.
    """
    assert landscape.diffusion is not None
    found = evaluate(landscape.diffusion, "value", _scanned(landscape, temperature))
    return float(min(1.0, found[found > 0.0].min(initial=1.0)))


def with_drive(potential: Landscape, drive: Landscape) -> Landscape:
    """The loss f with the force -grad U(x, t): dX = -grad f dt - grad U(x, t) dt + sqrt(2 theta) dW.

    U is a loss of one coordinate more than f. Its last coordinate is the time t, which is 0 at the first step:

        f = langevin.potentials.quadratic()
        U = langevin.potentials.from_expression("-0.5 * x * cos(2 * y)")  # y is the time

    No distribution is stationary, so no theory of a stationary distribution is compared. The loss of a walker is f
    alone. Kernels of the result take the parameters (those of f, those of U). Start and target are those of f.

    Args:
        potential: f, a loss without equations and walls.
        drive: U, a loss of one coordinate more with a value and a gradient; the last one is the time.

    Raises:
        UsageError: one of them is not a loss of this kind, or the force is not finite at the start.
    """
    check_plain(potential, drive)
    if drive.dim != potential.dim + 1:
        raise UsageError(
            f"the drive {drive.name} has {drive.dim} coordinates, and {potential.name} has {potential.dim}",
            "one more for the drive: its last coordinate is the time",
            "write it as a loss of the coordinates and the time",
        )
    parameters = (potential.parameters, drive.parameters)
    start = np.append(usual_point(potential), 0.0)
    if not np.isfinite(evaluate(drive, "gradient", start)).all():
        raise UsageError(
            f"the force of {drive.name} at the start of {potential.name} and time 0 is not finite",
            "a finite force at all times from 0 on",
            "correct the gradient of the drive",
        )
    own = replace(
        drive,
        parameters=parameters,
        value=of_second(drive.value),
        gradient=of_second(drive.gradient),
        target=None,
    )
    return replace(
        potential,
        name=f"{potential.name} driven by {drive.name}",
        parameters=parameters,
        value=of_first(potential.value),
        gradient=of_first(potential.gradient),
        target=targets_of_first(potential),
        dials={**potential.dials, **{f"drive {name}": dial for name, dial in drive.dials.items()}},
        stiffness=lambda temperature: (
            potential.stiffness(temperature) + _fastest(potential, drive, temperature)
        ),
        facts=Facts(
            moments=tuple(replace(moment, soft=None) for moment in potential.facts.moments),
            barrier=potential.facts.barrier,
            slowest_rate=potential.facts.slowest_rate,
        ),
        drive=own,
    )


def _fastest(potential: Landscape, drive: Landscape, temperature: float) -> float:
    """The largest rate of a drive: its curvature in space, or the change of its force in time over the largest force.

    It is checked where walkers start and where the loss has changed by 10 theta.
    """
    start = usual_point(potential)
    rays = np.random.default_rng(0).standard_normal((RAYS, potential.dim)) / np.sqrt(potential.dim)
    size = float(np.linalg.norm(start)) or 1.0
    lengths = reaches(potential, start, rays, RISE * temperature, FARTHEST * size)
    places = np.concatenate([start[None], start + lengths[:, None] * rays])
    times = np.linspace(0.0, LATEST, TIMES)
    points = np.concatenate([np.repeat(places, TIMES, axis=0), np.tile(times, len(places))[:, None]], axis=1)

    def force(shift: FloatArray) -> FloatArray:
        return evaluate(drive, "gradient", points + shift)[:, :-1]

    now, in_time = force(np.zeros(drive.dim)), np.append(np.zeros(potential.dim), SHIFT)
    largest = float(np.abs(now).max())
    changing = float(np.abs(force(in_time) - now).max()) / (SHIFT * largest) if largest > 0.0 else 0.0
    aside = [np.append(SHIFT * size * ray, 0.0) for ray in rays]
    bending = max(
        float(np.linalg.norm(force(shift) - now, axis=1).max()) / float(np.linalg.norm(shift))
        for shift in aside
    )
    found = max(bending, changing)
    return found if np.isfinite(found) else 0.0
