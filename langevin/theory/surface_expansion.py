"""The first orders in time of the mean of a function, along any surface by a law of motion: L g, L L g, and a third."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from langevin.errors import NumericalError, unfit
from langevin.theory.surface_generator import Change, Observable, checked, differences, mean_rate
from langevin.theory.surface_geometry import SurfaceShape, surface_shape
from langevin.theory.surface_laws import SurfaceLaw
from langevin.types import FloatArray, Landscape

#: Differences over the length on which the surface changes: of L inside L L, and of the outer L.
INNER, OUTER = 2e-3, 0.1


@dataclass(frozen=True)
class Motion:
    """A motion from one start, and its function."""

    manifold: Landscape
    start: FloatArray
    law: SurfaceLaw
    temperature: float
    function: Observable
    settles: bool
    shape: SurfaceShape


@dataclass(frozen=True)
class Expansion:
    """L g and L L g at the start with the errors of both, and the sizes of their parts, which may cancel.

    `noise` is the round-off of the first size.
    """

    first: float
    second: float
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
    """The motion from a start (dim,); raises as `mean_rate`."""
    place = np.asarray(start, np.float64)
    if place.ndim != 1:
        raise unfit("the start", f"is one point of shape ({manifold.dim},)", f"{place.shape}")
    checked(manifold, place[None], temperature)
    shape = surface_shape(manifold, place)
    return Motion(manifold, place, law, temperature, function, settles, shape)


def _change(motion: Motion, function: Observable, states: FloatArray, *steps: float) -> Change:
    """L of a function by plain differences, steps over the length on which the surface changes."""
    table = np.tile(motion.shape.length * np.array(steps), (len(states), 1))
    return differences(motion.manifold, states, motion.law, motion.temperature, function, table)


def _second(motion: Motion, *steps: float) -> Change:
    """L L g at the start."""
    return _change(
        motion,
        lambda states: _change(motion, motion.function, states, INNER).total[:, 0],
        motion.start[None],
        *steps,
    )


def third_order(motion: Motion, found: Expansion, time: float) -> float:
    """Third order in time, from the mean of L g at points as far away as heat has carried the walker.

    Points +-sigma sqrt(T + 2) t_i in T directions have, on average over rotations, the fourth moments of heat of
    variance sigma^2 each way, and that of two thirds of the time makes t^2 / 2 times the mean of L L g the integral.
    """
    tangential = len(motion.shape.tangents)
    variance = 4 / 3 * motion.temperature * motion.law.heat * time
    reach = float(np.sqrt((tangential + 2) * variance)) / motion.shape.length
    if reach <= OUTER:
        return 0.0
    return time**2 / 2 * (float(_second(motion, reach).total[0, 0]) - found.second)


def expansion_of(motion: Motion) -> Expansion:
    """The first two orders; raises as `mean_rate`."""
    length, start = motion.shape.length, motion.start[None]
    first, error = mean_rate(motion.manifold, start, motion.law, motion.temperature, motion.function)
    inner = _change(motion, motion.function, start, INNER)
    size = float(np.abs(inner.drift[0, 0]) + np.abs(inner.heat[0, 0]))
    noise = float(inner.noise[0, 0])
    if not motion.law.heat:
        return Expansion(float(first[0]), 0.0, float(error[0]), 0.0, size, 0.0, noise, inner.gradient[0, 0])
    outer = _second(motion, OUTER, OUTER / 2)
    coarse, fine = outer.total[0]
    amplified = float(noise / (OUTER / 2 * length) ** 2) * motion.temperature * motion.law.heat
    doubt = abs(fine - coarse) + amplified * len(motion.shape.tangents)
    if not np.isfinite(doubt):
        raise NumericalError(
            f"the second order of a mean on {motion.manifold.name} was not found",
            allowed="equations, law and function must have values beside the start",
        )
    second_size = float(np.abs(outer.drift[0, 1]) + np.abs(outer.heat[0, 1]))
    second = float(4 * fine - coarse) / 3
    return Expansion(
        float(first[0]), second, float(error[0]), float(doubt), size, second_size, noise, inner.gradient[0, 0]
    )
