"""The border of a target along a surface: the slope of the distance, smaller than in space, and the curvature."""

from __future__ import annotations

import math

import numpy as np

from langevin.errors import NumericalError
from langevin.kernels.targets import targets_of
from langevin.landscapes.evaluate import evaluate
from langevin.landscapes.projection import project_to
from langevin.landscapes.starts import usual_point
from langevin.landscapes.trial import values
from langevin.types import FloatArray, Kernel, Landscape

#: Border points to find for each target, moves to a border point, and the longest move over the size of the point.
POINTS, MOVES, LONGEST = 8, 100, 0.2
#: Border points of a target at which the curvature is computed, and the largest number of coordinates for it.
BENT_POINTS, BENT_COORDINATES = 3, 64
#: Half a difference over the size of the point, that of a second difference, and the distance at which a border is
#: reached.
DIFFERENCE, BEND, MET = 1e-6, 1e-4, 1e-5
#: If the slope is below this, the distance does not change along the surface.
LEVEL = 1e-6


def slope_along(manifold: Landscape) -> float:
    """Mean of |P grad d| at the borders of the targets, with P the projection on the tangent space and d the distance.

    d is the signed distance to the target. A kick of standard deviation s in each tangent direction changes d by s
    times this slope. The slope is 1 if the surface meets the border of the target at a right angle, and sin(a) for the
    plane that cuts a cap of half-angle a from a sphere. The result is 1 if no border is found from the usual start.
    """
    return mean_slope(slopes_along(manifold))


def mean_slope(slopes: list[list[float]]) -> float:
    """The mean of the slopes of all targets; 1 if there is none."""
    found = [slope for own in slopes for slope in own]
    return float(np.mean(found)) if found else 1.0


def slopes_along(manifold: Landscape) -> list[list[float]]:
    """|P grad d| at border points of each target; none of a target of which no border is found from the usual start."""
    return [[slope for _, slope in own] for own in _borders(manifold)]


def border_curvature(manifold: Landscape) -> float:
    """Sum of the curvatures, along the surface, of the border of the most curved target; 0 on a curve.

    At a border point with the unit normal n along the surface it is |div n| = |sum_i d_ii| / |P grad d|, over tangent
    directions i at right angles to n. The second differences d_ii are taken along curves that are geodesic to second
    order. Of a target the point of least curvature counts, because a corner is not curved. A point at which it
    cannot be computed does not count. With more than `BENT_COORDINATES` it is not computed, and the result is 0.
    """
    if manifold.dim > BENT_COORDINATES:
        return 0.0
    size = max(float(np.linalg.norm(usual_point(manifold))), LEVEL)
    bends = [
        [_bend(manifold, target, x, BEND * size) for x, _ in own[:BENT_POINTS]]
        for target, own in zip(targets_of(manifold), _borders(manifold), strict=True)
    ]
    least = [min((bend for bend in own if math.isfinite(bend)), default=0.0) for own in bends]
    return max(least, default=0.0)


def _bend(manifold: Landscape, target: Kernel, x: FloatArray, h: float) -> float:
    """The curvature at one border point, by differences of the length h; NaN if no surface point is found nearby."""
    _, falls = _falls(manifold, target, x, h)
    slope = float(np.linalg.norm(falls))
    J = evaluate(manifold, "jacobian", x[None])[0]
    across = np.linalg.svd(np.vstack([J, falls]))[2][manifold.codim + 1 :]
    try:
        points = [x, *(project_to(manifold, x + side * h * way) for way in across for side in (1.0, -1.0))]
    except NumericalError:
        return math.nan
    middle, *neighbours = values(target, np.ascontiguousarray(np.array(points).T), (), manifold.parameters)
    return abs(float(np.sum(neighbours)) - len(neighbours) * float(middle)) / (h**2 * slope)


def _borders(manifold: Landscape) -> list[list[tuple[FloatArray, float]]]:
    """Border points of each target, with the slope |P grad d| at each."""
    generator = np.random.default_rng(0)
    return [
        [
            found
            for point in range(POINTS)
            if (found := _at_border(manifold, target, generator, point > 0)) is not None
        ]
        for target in targets_of(manifold)
    ]


def _at_border(
    manifold: Landscape, target: Kernel, generator: np.random.Generator, moved: bool
) -> tuple[FloatArray, float] | None:
    """A border point that is found by descent of the distance from near the usual start, and the slope; or None."""
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
                return x, slope
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
    """The part of a direction (dim,) in the tangent space at x; all of the direction if there is no surface.

    Args:
        manifold: the landscape.
        x: a point, (dim,).
        direction: (dim,).
    """
    if not manifold.is_surface:
        return direction
    J = evaluate(manifold, "jacobian", x[None])[0]
    part: FloatArray = direction - J.T @ np.linalg.lstsq(J.T, direction, rcond=None)[0]
    return part


def _aside(manifold: Landscape, x: FloatArray, length: float, generator: np.random.Generator) -> FloatArray:
    """A point of the surface at about the distance `length` from x, in a random direction along the surface."""
    direction = along(manifold, x, generator.standard_normal(x.size))
    return project_to(manifold, x + length * direction / np.linalg.norm(direction))
