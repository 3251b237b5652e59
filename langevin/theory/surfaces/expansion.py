"""The first orders in time of the mean of a function, for a law of motion along any surface: L g, L L g, L L L g."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from langevin.errors import NumericalError, unfit
from langevin.theory.surfaces.generator import Change, Observable, checked, differences, mean_rate
from langevin.theory.surfaces.geometry import SurfaceShape, moved_on_surface, surface_shape
from langevin.theory.surfaces.laws import SurfaceLaw
from langevin.types import FloatArray, Landscape

#: Differences over the length on which the surface changes: for the inner, the middle and the outer L.
INNER, MIDDLE, OUTER = 2e-3, 0.05, 0.1
#: The longest difference over the displacement of a walker.
FARTHER = 2.0
#: Largest dimension of a surface for L L L g: the number of points grows as its third power.
MOST_TANGENTS = 3
#: Number of directions that are tested on a surface with more dimensions.
WAYS = 2


@dataclass(frozen=True)
class Motion:
    """A motion from one start, and the function whose mean changes."""

    manifold: Landscape
    start: FloatArray
    law: SurfaceLaw
    temperature: float
    function: Observable
    settles: bool
    shape: SurfaceShape


@dataclass(frozen=True)
class Expansion:
    """L g, L L g and L L L g at the start, errors of the first two, and sizes of their parts, which may cancel.

    `third` is NaN if it was not computed. `noise` is the round-off of the first size.
    """

    first: float
    second: float
    third: float
    first_error: float
    second_error: float
    first_size: float
    second_size: float
    noise: float
    gradient: FloatArray


def motion_from(
    manifold: Landscape,
    start: ArrayLike,
    law: SurfaceLaw,
    temperature: float,
    function: Observable,
    settles: bool,
) -> Motion:
    """The motion from a start (dim,); raises as `mean_rate`.

    Args:
        manifold: a surface, with a residual and a Jacobian.
        start: a point of the surface, (dim,).
        law: of the step.
        temperature: theta.
        function: g, from states (points, dim) to values (points,).
        settles: whether the motion has a width across the surface, so that a walker that starts on the surface settles
            first.
    """
    place = np.asarray(start, np.float64)
    if place.ndim != 1:
        raise unfit("the start", f"is one point of shape ({manifold.dim},)", f"{place.shape}")
    checked(manifold, place[None], temperature)
    shape = surface_shape(manifold, place)
    return Motion(manifold, place, law, temperature, function, settles, shape)


def _change(motion: Motion, function: Observable, states: FloatArray, *steps: float) -> Change:
    """L of a function by plain differences; the steps are in units of the length on which the surface changes."""
    table = np.tile(motion.shape.length * np.array(steps), (len(states), 1))
    return differences(motion.manifold, states, motion.law, motion.temperature, function, table)


def _second(motion: Motion, *steps: float) -> Change:
    """L L g at the start."""
    return _change(motion, partial(_rate, motion, motion.function, INNER), motion.start[None], *steps)


def later_orders(motion: Motion, found: Expansion, time: float) -> float:
    """Error of the change: L L g at the points that walkers reach differs from its expansion. NaN without a value.

    In the time t, weighted as in the second order, heat in T directions moves walkers by sqrt(2 T theta t / 3). The
    test uses this distance and twice this distance, and the displacement by a drift. On surfaces of many dimensions it
    uses a few directions, and one distance.

    Args:
        motion: the motion from a start.
        found: its expansion in the time.
        time: t, time of the change.
    """
    shape = motion.shape
    many = math.isnan(found.third)
    ways = _few_ways(shape.tangents) if many else shape.tangents
    variance = 2 / 3 * motion.temperature * motion.law.heat * time
    drift = motion.temperature * float(np.linalg.norm(shape.gradient(motion.law))) * time / 3
    reach = float(np.sqrt(len(shape.tangents) * variance)) + drift
    sizes = []
    for part in (1.0,) if many else (1.0, FARTHER):
        moves = part * reach * np.concatenate([ways, -ways])[None]
        places = moved_on_surface(motion.manifold, motion.start[None], moves)[0]
        if not np.isfinite(places).all():
            return math.nan
        grown = float(_second_at(motion, places).mean() - found.second)
        sizes.append(abs(grown - (0.0 if many else part**2 * time / 3 * found.third)))
    return time**2 / 2 * max(sizes)


def _few_ways(tangents: FloatArray) -> FloatArray:
    """Orthonormal random directions (few, dim) along the surface, the same for the same surface."""
    parts = np.random.default_rng(0).standard_normal((len(tangents), WAYS))
    ways: FloatArray = np.linalg.qr(parts)[0].T @ tangents
    return ways


def _second_at(motion: Motion, places: FloatArray) -> FloatArray:
    """L L g (points,) by plain differences."""
    return _rate(motion, partial(_rate, motion, motion.function, INNER), MIDDLE, places)


def _third(motion: Motion) -> float:
    """L L L g at the start; NaN if the surface has so many dimensions that it takes too long."""
    if len(motion.shape.tangents) > MOST_TANGENTS:
        return math.nan
    return float(_rate(motion, partial(_second_at, motion), OUTER, motion.start[None])[0])


def _rate(motion: Motion, function: Observable, step: float, states: FloatArray) -> FloatArray:
    """L of a function (points,) by one difference."""
    rate: FloatArray = _change(motion, function, states, step).total[:, 0]
    return rate


def expansion_of(motion: Motion) -> Expansion:
    """The first two orders; raises as `mean_rate`."""
    length, start = motion.shape.length, motion.start[None]
    first, error = mean_rate(motion.manifold, start, motion.law, motion.temperature, motion.function)
    inner = _change(motion, motion.function, start, INNER)
    size = float(np.abs(inner.drift[0, 0]) + np.abs(inner.heat[0, 0]))
    noise = float(inner.noise[0, 0])
    if not motion.law.heat:
        still = (0.0, 0.0)
        return Expansion(
            float(first[0]), *still, float(error[0]), 0.0, size, 0.0, noise, inner.gradient[0, 0]
        )
    outer = _second(motion, OUTER, OUTER / 2)
    coarse, fine = outer.total[0]
    amplified = float(noise / (OUTER / 2 * length) ** 2) * motion.temperature * motion.law.heat
    doubt = abs(fine - coarse) + amplified * len(motion.shape.tangents)
    if not np.isfinite(doubt):
        raise NumericalError(
            f"the second order of a mean on {motion.manifold.name} was not found",
            allowed="equations, law and function must have values near the start",
        )
    second_size = float(np.abs(outer.drift[0, 1]) + np.abs(outer.heat[0, 1]))
    second = float(4 * fine - coarse) / 3
    errors = float(error[0]), float(doubt)
    return Expansion(
        float(first[0]), second, _third(motion), *errors, size, second_size, noise, inner.gradient[0, 0]
    )
