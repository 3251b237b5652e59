"""How steeply the distance to a target falls along a surface, which is less than in space."""

from __future__ import annotations

import numpy as np

from langevin.errors import NumericalError
from langevin.kernels.targets import targets_of
from langevin.landscapes.evaluate import evaluate
from langevin.landscapes.projection import project_to
from langevin.landscapes.starts import usual_point
from langevin.landscapes.trial import values
from langevin.types import FloatArray, Kernel, Landscape

#: Points of the border that are sought of each target, moves to one of them, and the longest over the point's size.
POINTS, MOVES, LONGEST = 8, 100, 0.2
#: Half a difference over the point's size; a border is met at this distance over the size.
DIFFERENCE, MET = 1e-6, 1e-5
#: A slope below this is a place where the distance does not change along the surface.
LEVEL = 1e-6


def slope_along(manifold: Landscape) -> float:
    """Mean of |P grad d| at the borders of the targets, P the projection onto the tangent space, d the signed distance.

    A kick of standard deviation s in each tangent direction changes the distance by s times this: 1 where the surface
    meets the target's border at a right angle, sin(a) for the plane that cuts a cap of half-angle a out of a sphere.
    1 where no border is found from the usual start.
    """
    generator = np.random.default_rng(0)
    found = [
        slope
        for target in targets_of(manifold)
        for point in range(POINTS)
        if (slope := _at_border(manifold, target, generator, point > 0)) is not None
    ]
    return float(np.mean(found)) if found else 1.0


def _at_border(
    manifold: Landscape, target: Kernel, generator: np.random.Generator, moved: bool
) -> float | None:
    """The slope at a point of the border, sought down the distance from near the usual start; None if none is met."""
    x = usual_point(manifold)
    size = max(float(np.linalg.norm(x)), LEVEL)
    try:
        if moved:
            x = _aside(manifold, x, size, generator)
        for _ in range(MOVES):
            distance, slopes = _falls(manifold, target, x, DIFFERENCE * size)
            slope = float(np.linalg.norm(slopes))
            if not np.isfinite(slope):
                return None
            if slope < LEVEL:
                x = _aside(manifold, x, LONGEST * size, generator)
            elif abs(distance) <= MET * size:
                return slope
            else:
                move = np.clip(distance / slope, -LONGEST * size, LONGEST * size)
                x = project_to(manifold, x - move * slopes / slope)
    except NumericalError:
        return None
    return None


def _falls(manifold: Landscape, target: Kernel, x: FloatArray, h: float) -> tuple[float, FloatArray]:
    """The distance at x and its gradient along the surface (dim,), by differences."""
    points = np.concatenate([x[None], x + h * np.eye(x.size), x - h * np.eye(x.size)])
    distances = values(target, np.ascontiguousarray(points.T), (), manifold.parameters)
    gradient = (distances[1 : 1 + x.size] - distances[1 + x.size :]) / (2 * h)
    return float(distances[0]), along(manifold, x, gradient)


def along(manifold: Landscape, x: FloatArray, direction: FloatArray) -> FloatArray:
    """The part of a direction (dim,) in the tangent space at x; all of it where there is no surface."""
    if not manifold.is_surface:
        return direction
    J = evaluate(manifold, "jacobian", x[None])[0]
    part: FloatArray = direction - J.T @ np.linalg.lstsq(J.T, direction, rcond=None)[0]
    return part


def _aside(manifold: Landscape, x: FloatArray, length: float, generator: np.random.Generator) -> FloatArray:
    """A point of the surface about so far from x, in a random direction along it."""
    direction = along(manifold, x, generator.standard_normal(x.size))
    return project_to(manifold, x + length * direction / np.linalg.norm(direction))
