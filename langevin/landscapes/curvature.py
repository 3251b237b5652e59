"""The largest curvature of a loss that a walker meets near a point: there, and where the loss has changed by 10 theta.

Farther away the Gibbs weight is below exp(-10) of its value at the point. The built-in landscapes compute their
stiffness in the same way. Kernels run as plain Python here.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from langevin.errors import UsageError
from langevin.kernels.curvature import RELATIVE_STEP, largest_curvature
from langevin.types import FloatArray, Kernel

#: Change of the loss that a walker reaches, divided by theta.
RISE = 10.0
#: Pairs of opposite rays in random directions.
PAIRS = 2
#: Ratio of the lengths of two differences, and the smallest ratio of their results that shows a kink.
TEN, KINKED = 10.0, 5.0
MOST_DOUBLINGS, MOST_HALVINGS, REFINEMENTS = 10, 60, 4


def curvature_met(
    value: Kernel,
    gradient: Kernel,
    place: FloatArray,
    parameters: tuple[Any, ...],
    temperature: float,
    directions: FloatArray | None = None,
) -> float:
    """Largest |eigenvalue| of the Hessian at `place` (dim,) and at the ends of rays from it; by fixed random numbers.

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
    """Fill `out` by a kernel that runs as plain Python; by nan if it is not defined, such as a logarithm below 0."""
    try:
        with np.errstate(all="ignore"):
            kernel(x, out, parameters)
    except (ValueError, ArithmeticError, LookupError):
        out[...] = np.nan


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
            "the loss has a kink near the start, where gradient flow (temperature 0) has no stable step",
            "a loss with a largest curvature",
            "give its stiffness where it is made, or a temperature above 0",
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
