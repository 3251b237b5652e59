"""The largest curvature of a loss that a walker meets near a point: there, and where the loss has changed by 10 theta.

Farther away the Gibbs weight is below exp(-10) of its value at the point. The built-in landscapes compute their
stiffness in the same way. On a surface the point is sought where its loss |r|^2 / 2 has the largest curvature. Kernels
run as plain Python here, for a few points. From the curvature default steps and durations are computed, also for a loss
without curvature.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from langevin.errors import UsageError
from langevin.landscapes.composed import gradient_of, value_of
from langevin.landscapes.projection import equations_at
from langevin.landscapes.starts import reaches, usual_point
from langevin.types import Diffusion, FloatArray, Kernel, Landscape

#: Change of the loss that a walker reaches, divided by theta.
RISE = 10.0
#: Pairs of opposite rays in random directions.
PAIRS = 2
#: Ratio of the lengths of two differences, and the smallest ratio of their results that shows a kink.
TEN, KINKED = 10.0, 5.0
MOST_DOUBLINGS, MOST_HALVINGS, REFINEMENTS = 10, 60, 4
#: Points in a round, rounds, Newton steps for each point, and the distance over |x| at which a point is on the surface.
POINTS, ROUNDS, STEPS, ARRIVED = 12, 5, 8, 1e-6
#: Radius of the search around the start, over the size of the start.
FARTHEST = 1e9
#: Power iteration: most steps, relative change at its end, and step of its differences over 1 + |x|.
ITERATIONS, TOLERANCE, RELATIVE_STEP = 30, 1e-3, 1e-5


def curvature_met(
    value: Kernel,
    gradient: Kernel,
    place: FloatArray,
    parameters: tuple[Any, ...],
    temperature: float,
    directions: FloatArray | None = None,
) -> float:
    """Largest |eigenvalue| of the Hessian at `place` (dim,) and at the ends of rays from it, with fixed random numbers.

    Args:
        value: loss kernel.
        gradient: its gradient kernel.
        place: the point at which the rays start.
        parameters: of the kernels.
        temperature: theta.
        directions: of the rays, (rays, dim); each is used forwards and backwards. Random ones if absent.
    """
    if directions is None:
        directions = np.random.default_rng(0).standard_normal((PAIRS, place.size))
    rays = np.concatenate([directions, -directions]) / np.linalg.norm(directions, axis=1).max()
    size = float(np.linalg.norm(place)) or 1.0
    lengths = _reach(value, place, rays, parameters, RISE * temperature, size)
    reached = lengths[lengths > 0.0]
    unit = min(size, float(reached.min())) if reached.size else size
    places = [place, *(place + lengths[:, None] * rays)]
    found = [_curvature(gradient, end, parameters, unit, temperature) for end in places]
    return max((curvature for curvature in found if np.isfinite(curvature)), default=np.nan)


def call_or_nan(kernel: Kernel, x: FloatArray, out: FloatArray, parameters: Any) -> None:
    """Fill `out` by a kernel that runs as plain Python; by nan if it is not defined, such as a logarithm below 0.

    Args:
        kernel: of the landscape.
        x: (dim, lanes).
        out: the array that the kernel fills, (..., lanes).
        parameters: arguments of the kernel.
    """
    try:
        with np.errstate(all="ignore"):
            kernel(x, out, parameters)
    except (ValueError, ArithmeticError, LookupError):
        out[...] = np.nan


def stiffness_about(manifold: Landscape, place: FloatArray, temperature: float) -> float:
    """Largest curvature of the loss on a surface near its point `place` (dim,), to three digits.

    From the sharpest point that was found, the search follows the loss across the surface up to 10 theta
    (`curvature_met`).

    Args:
        manifold: a surface, with a residual and a Jacobian.
        place: a point of the surface, (dim,).
        temperature: theta.
    """
    assert manifold.residual and manifold.jacobian
    value = value_of(manifold.residual, manifold.codim)
    gradient = gradient_of(manifold.residual, manifold.jacobian, manifold.codim)
    sharpest = sharpest_about(manifold, place)
    across = np.linalg.svd(equations_at(manifold, sharpest[None])[1][0])[2][:1]
    met = curvature_met(value, gradient, sharpest, manifold.parameters, temperature, across)
    return float(f"{met:.3g}")  # so that a default step does not depend on the round-off of a library


def sharpest_about(manifold: Landscape, place: FloatArray) -> FloatArray:
    """The point (dim,) with the largest singular value of J, in a search up to the distance 2 |place|.

    On the surface the Hessian is J^T J. The search makes tangent moves of length |place|, |place| / 2 and so on, from
    the sharpest point so far and from other points. Newton steps return the ends to the surface. An end that does not
    return, or that returns to a distant point, is left out. The random numbers are fixed.

    Args:
        manifold: a surface, with a residual and a Jacobian.
        place: a point of the surface, (dim,).
    """
    size, generator = float(np.linalg.norm(place)) or 1.0, np.random.default_rng(0)
    found = place[None]
    slopes = equations_at(manifold, found)[1]
    for _ in range(ROUNDS):
        chosen = generator.integers(len(found), size=POINTS)
        chosen[::2] = np.linalg.norm(slopes, 2, axis=(1, 2)).argmax()
        lengths = size * 0.5 ** generator.integers(3, size=POINTS)
        kicks = generator.standard_normal((POINTS, place.size))
        moves = np.stack([_tangent(J, kick) for J, kick in zip(slopes[chosen], kicks)])
        sizes = np.linalg.norm(moves, axis=1)
        trials = found[chosen] + moves * (lengths / np.where(sizes > 0.0, sizes, 1.0))[:, None]
        ends = np.stack([_settled(manifold, trial, ARRIVED * size) for trial in trials])
        near = np.linalg.norm(ends - trials, axis=1) <= lengths  # nan is not near
        near &= np.linalg.norm(ends - place, axis=1) <= 2.0 * size
        found = np.concatenate([found, ends[near]])
        slopes = np.concatenate([slopes, equations_at(manifold, ends[near])[1]])
    sharpest: FloatArray = found[np.linalg.norm(slopes, 2, axis=(1, 2)).argmax()]
    return sharpest


def stiffness_under(landscape: Landscape, temperature: float, acts: Diffusion) -> float:
    """The stiffness of a landscape, which depends on how its diffusion acts: it is another one for noise alone.

    Args:
        landscape: a loss, with a diffusion or without.
        temperature: theta.
        acts: whether the mobility varies with the diffusion, or the noise alone.
    """
    own = landscape.diffusion if acts is Diffusion.NOISE else None
    return (landscape if own is None else own).stiffness(temperature)


def usual_curvature(landscape: Landscape, temperature: float, acts: Diffusion = Diffusion.CONSTANT) -> float:
    """The stiffness of a landscape. If it is 0 (a straight slope): theta / l^2, with l the length of a rise of theta.

    Args:
        landscape: any.
        temperature: theta.
        acts: how its diffusion acts on walkers.

    Raises:
        UsageError: the loss is constant, or its curvature is not finite.
    """
    stiffness = stiffness_under(landscape, temperature, acts)
    if 0.0 < stiffness < math.inf:
        return stiffness
    if stiffness == 0.0 and landscape.value is not None:
        start = usual_point(landscape)
        farthest = FARTHEST * (float(np.linalg.norm(start)) or 1.0)
        rays = np.concatenate([np.eye(landscape.dim), -np.eye(landscape.dim)])
        length = float(reaches(landscape, start, rays, temperature, farthest).min())
        if length < 0.5 * farthest:
            return temperature / length**2
    raise UsageError(
        f"{landscape.name} has the curvature {stiffness:g} about its start, of which no default step can be made",
        "a curvature above 0 that a float holds",
        "give --dt, and its time by `langevin simulate --horizon`, or its `stiffness` in its definition",
    )


def _curvature(
    gradient: Kernel, place: FloatArray, parameters: Any, unit: float, temperature: float
) -> float:
    """The largest curvature at a point, by differences in this unit of length.

    At a kink, differences grow as one over their length and have no limit. There the curvature is s^2 / theta, with s
    the mean slope on the two sides: the loss changes by theta over the length theta / s.
    """

    def in_units(x: FloatArray, out: FloatArray, parameters: Any) -> None:
        call_or_nan(gradient, unit * x, out, parameters)

    with np.errstate(all="ignore"):
        found, longer = (
            largest_curvature(in_units, place / unit, parameters, step)
            for step in (RELATIVE_STEP, TEN * RELATIVE_STEP)
        )
        if not found > KINKED * longer:
            return found / unit
        slope = found * RELATIVE_STEP * (1.0 + float(np.abs(place / unit).max()))
    if temperature == 0.0:
        raise UsageError(
            "the loss has a kink near the start, so gradient flow (temperature 0) has no stable step",
            "a loss with a largest curvature",
            "give its `stiffness` in its definition, or a temperature above 0",
        )
    return slope**2 / temperature


def _reach(
    value: Kernel, place: FloatArray, rays: FloatArray, parameters: Any, rise: float, size: float
) -> FloatArray:
    """Lengths (rays,) up to which the loss changes by at most `rise`: by halving or doubling, then bisection.

    If the loss changes less, the ray ends after some doublings. If it changes at once, the length is 0.
    """

    def loss(point: FloatArray) -> float:
        out = np.full(1, np.nan)
        call_or_nan(value, point[:, None].copy(), out, parameters)
        return float(out[0])

    def within(lengths: FloatArray) -> Any:
        losses = np.array([loss(place + length * ray) for length, ray in zip(lengths, rays)])
        with np.errstate(invalid="ignore"):  # infinite less infinite is not within
            return np.abs(losses - here) <= rise

    here = loss(place)
    low = np.full(len(rays), size)
    for _ in range(MOST_HALVINGS):
        inside = within(low)
        if inside.all():
            break
        low = np.where(inside, low, 0.5 * low)
    low = np.where(within(low), low, 0.0)
    for _ in range(MOST_DOUBLINGS):
        inside = within(2.0 * low)
        if not inside.any():
            break
        low = np.where(inside, 2.0 * low, low)
    step = 0.5 * low
    for _ in range(REFINEMENTS):
        low = np.where(within(low + step), low + step, low)
        step = 0.5 * step
    return low


def _tangent(J: FloatArray, kick: FloatArray) -> FloatArray:
    tangent: FloatArray = kick - np.linalg.pinv(J) @ (J @ kick)
    return tangent


def _settled(manifold: Landscape, point: FloatArray, arrived: float) -> FloatArray:
    """The point of the surface to which Gauss-Newton steps converge, or nan."""
    r, J = np.empty((manifold.codim, 1)), np.empty((manifold.codim, manifold.dim, 1))
    assert manifold.residual and manifold.jacobian
    for _ in range(STEPS):
        call_or_nan(manifold.residual, point[:, None].copy(), r, manifold.parameters)
        call_or_nan(manifold.jacobian, point[:, None].copy(), J, manifold.parameters)
        if not (np.isfinite(r).all() and np.isfinite(J).all()):
            break
        step = np.linalg.lstsq(J[:, :, 0], r[:, 0], rcond=None)[0]
        point = point - step
        if np.linalg.norm(step) <= arrived:
            return point
    return np.full(manifold.dim, np.nan)


def largest_curvature(
    gradient: Callable[..., None],
    place: NDArray[np.float64],
    parameters: tuple[Any, ...],
    relative_step: float = RELATIVE_STEP,
) -> float:
    """Largest |eigenvalue| of the Hessian at `place` (dim,), by power iteration on central differences.

    The gradient kernel runs as plain Python. The start vector is fixed, so the result is reproducible. The length of
    the differences is `relative_step` (1 + |x|).

    Args:
        gradient: kernel of the gradient.
        place: the point, (dim,).
        parameters: arguments of the kernel.
        relative_step: length of the differences over 1 + |x|.
    """
    direction = np.cos(1.0 + np.arange(place.size, dtype=np.float64))
    direction /= np.linalg.norm(direction)
    step = relative_step * (1.0 + float(np.abs(place).max()))
    slopes = np.empty((place.size, 2))
    found = 0.0
    for _ in range(ITERATIONS):
        gradient(np.stack([place + step * direction, place - step * direction], axis=1), slopes, parameters)
        image = (slopes[:, 0] - slopes[:, 1]) / (2.0 * step)
        size = float(np.linalg.norm(image))
        if size == 0.0 or abs(size - found) <= TOLERANCE * size:
            return size
        direction, found = image / size, size
    return found
