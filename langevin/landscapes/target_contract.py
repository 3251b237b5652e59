"""The contract of a target: a signed distance to its border, finite everywhere and of slope 1 near the border.

The distance must be a length, because the step near a target, the overshoot and the theories use it as a length. Only
the outside of the target is tested, because walkers are there, and only away from corners, which have no slope. On a
surface, the slope along the surface may be 1 instead of the slope in space.
"""

from __future__ import annotations

import time
from typing import NamedTuple

import numpy as np

from langevin.errors import NumericalError
from langevin.landscapes.projection import project_to
from langevin.landscapes.starts import place_text
from langevin.landscapes.target_slope import along
from langevin.landscapes.trial import values
from langevin.types import FloatArray, Kernel, Landscape

#: A slope must be 1 up to this factor, at least at this fraction of the points.
FACTOR, MOST = 1.25, 0.5
#: Points from which a border is searched, moves to a border, number of borders that is enough, test points near each.
POINTS, MOVES, ENOUGH, BESIDE = 32, 30, 8, 3
#: Limit of the time of the search in seconds; one path to the border is completed in any case.
SECONDS = 0.5
#: Number of points on a surface: each must be brought onto it separately.
PROJECTED = 16
#: Distance of test points from the border over the length of the path there; half a difference over that distance.
ASIDE, DIFFERENCE = 1e-4, 1e-2
#: A border is reached at this distance over the extent of the points; a slope below LEVEL counts as zero.
MET, LEVEL = 1e-6, 1e-9
#: The longest move, over the value of the target there, or over the extent of the points.
LONGEST = 4.0
#: Rays from the start on which the inside is searched, their lengths over the extent of the points, and bisections.
RAYS, LENGTHS, BISECTIONS = 8, 2.0 ** np.arange(-6, 12), 60
#: A gradient by differences takes about dim^2 numbers: with more coordinates than this, only values are tested.
MOST_COORDINATES = 200

GIVE = "give the signed distance to the target's border"


class Seen(NamedTuple):
    """The test of a target: whether it is a distance, what was seen, and how to correct it."""

    passed: bool
    detail: str
    remedy: str


class Undefined(Exception):
    """A point (dim,) at which a target has no finite value."""


def is_distance(landscape: Landscape, target: Kernel, points: FloatArray, deadline: float) -> Seen:
    """Whether a target is a signed distance, as far as points (dim, lanes) can show; the first point is a start.

    After the deadline, on the clock `time.thread_time`, no new path to the border is begun.

    Args:
        landscape: with a target.
        target: kernel of the signed distance.
        points: (dim, lanes).
        deadline: in seconds.
    """
    deadline = min(deadline, time.thread_time() + SECONDS)
    places = _places(landscape, points)
    try:
        distances = _defined(landscape, target, places)
        if landscape.dim > MOST_COORDINATES:
            return Seen(True, "is finite", "")
        scale = float(np.linalg.norm(places - places[:, :1], axis=0).max(initial=0.0)) or 1.0
        slopes = _at_borders(landscape, target, places, distances, scale, deadline)
    except Undefined as undefined:
        x = undefined.args[0]
        shown = float(values(target, x[:, None], (), landscape.parameters)[0])
        return Seen(
            False, f"it is {shown:g} at x = {place_text(x)}, and a distance is finite everywhere", GIVE
        )
    wrong = [slope for slope in slopes if not 1.0 / FACTOR <= slope <= FACTOR]
    if not slopes:
        return Seen(True, "is finite; no point of its border was met, so its slope was not checked", "")
    if len(wrong) < MOST * len(slopes):
        return Seen(True, "is a distance", "")
    found = float(np.median(wrong))
    detail = f"its slope near the border is {found:.3g}, and that of a distance is 1"
    return Seen(False, detail, f"divide it by its slope, or {GIVE}" if found > LEVEL else GIVE)


def _places(landscape: Landscape, points: FloatArray) -> FloatArray:
    """The points at which walkers can be; on a surface, nearby points of it."""
    if landscape.is_surface:
        points = np.concatenate(
            [_onto(landscape, points[:, i, None]) for i in range(min(points.shape[1], PROJECTED))], axis=1
        )
    return points[:, _inside(landscape, points)]


def _onto(landscape: Landscape, points: FloatArray) -> FloatArray:
    """Points (dim, lanes) moved to the set on which walkers move; a point is left out if this fails."""
    if landscape.fold is not None:
        points = points.copy()
        landscape.fold(points, landscape.parameters)
    if not landscape.is_surface:
        return points
    try:
        return np.ascontiguousarray(project_to(landscape, points.T).T)
    except NumericalError:
        return points[:, :0]


def _inside(landscape: Landscape, points: FloatArray) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Which points are between the walls."""
    if landscape.walls is None:
        return np.ones(points.shape[1], np.bool_)
    inside: np.ndarray[tuple[int, ...], np.dtype[np.bool_]] = (
        values(landscape.walls, points, (), landscape.parameters) <= 0.0
    )
    return inside


def _defined(landscape: Landscape, target: Kernel, places: FloatArray) -> FloatArray:
    """The values of a target at points (dim, lanes).

    Raises:
        Undefined: a value at a point between the walls is not finite.
    """
    distances = values(target, places, (), landscape.parameters)
    if not np.isfinite(distances).all():
        undefined = places[:, ~np.isfinite(distances) & _inside(landscape, places)]
        if undefined.size:
            raise Undefined(undefined[:, 0])
    return distances


def _at_borders(
    landscape: Landscape,
    target: Kernel,
    places: FloatArray,
    distances: FloatArray,
    scale: float,
    deadline: float,
) -> list[float]:
    """Slopes at borders that are found by descent of the distance, or between a start outside and points inside."""
    slopes: list[float] = []
    outside = places[:, distances > 0.0].T[:POINTS]
    for start in outside:
        border = down(landscape, target, start, scale)
        slopes += _slopes(landscape, target, border, start, scale)
        if len(slopes) >= ENOUGH * BESIDE or time.thread_time() > deadline:
            break
    if slopes or not len(outside):
        return slopes
    for end in _within(landscape, target, places, outside[0], scale):
        border = _between(landscape, target, outside[0], end)
        slopes += _slopes(landscape, target, border, outside[0], scale)
    return slopes


def down(landscape: Landscape, target: Kernel, start: FloatArray, scale: float) -> FloatArray | None:
    """The point of a target's border that is reached by descent of the distance from a point (dim,), or None.

    Args:
        landscape: the landscape of the target.
        target: kernel of the distance.
        start: where the search begins.
        scale: a length; moves and differences are proportional to it.

    Raises:
        Undefined: the target is not finite at a point of the path.
    """
    x = start
    for _ in range(MOVES):
        distance = float(_defined(landscape, target, x[:, None])[0])
        if abs(distance) <= MET * scale:
            return x
        gradient = _gradients(landscape, target, x[:, None], DIFFERENCE * ASIDE * scale)[:, 0]
        gradient = along(landscape, x, gradient)
        slope = float(np.linalg.norm(gradient))
        if not (slope > LEVEL and np.isfinite(slope + distance)):
            return None
        longest = LONGEST * (abs(distance) + scale)
        move = float(np.clip(distance / slope, -longest, longest))
        ahead = _onto(landscape, (x - move * gradient / slope)[:, None])
        if not ahead.size:
            return None
        x = ahead[:, 0]
    return None


def _within(
    landscape: Landscape, target: Kernel, places: FloatArray, start: FloatArray, scale: float
) -> list[FloatArray]:
    """Some points inside the target: among the given points or, if there is no surface, on rays from the start."""
    if not landscape.is_surface:
        dim, generator = landscape.dim, np.random.default_rng(0)
        rays = np.concatenate(
            [np.eye(dim)[:RAYS], -np.eye(dim)[:RAYS], generator.standard_normal((RAYS, dim))]
        )
        rays /= np.linalg.norm(rays, axis=1)[:, None]
        ends = start + scale * (LENGTHS[:, None, None] * rays).reshape(-1, dim)
        ends = _onto(landscape, np.ascontiguousarray(ends.T))
        places = np.concatenate([places, ends[:, _inside(landscape, ends)]], axis=1)
    reached = values(target, places, (), landscape.parameters) <= 0.0
    return list(places[:, reached].T[:ENOUGH])


def _between(
    landscape: Landscape, target: Kernel, outside: FloatArray, inside: FloatArray
) -> FloatArray | None:
    """The last point outside on the path from `outside` to `inside`, by bisection; None if there is no path."""
    for _ in range(BISECTIONS):
        middle = _onto(landscape, 0.5 * (outside + inside)[:, None])
        if not middle.size:
            return None
        if _defined(landscape, target, middle)[0] > 0.0:
            outside = middle[:, 0]
        else:
            inside = middle[:, 0]
    return outside


def _slopes(
    landscape: Landscape, target: Kernel, border: FloatArray | None, start: FloatArray, scale: float
) -> list[float]:
    """Slopes at points outside, at some distance from a border point, to avoid corners; none without a border."""
    if border is None:
        return []
    generator = np.random.default_rng(0)
    aside = ASIDE * (float(np.linalg.norm(border - start)) or scale)
    moves = generator.standard_normal((border.size, 2 * BESIDE))
    moves *= aside / np.linalg.norm(moves, axis=0)
    places = border[:, None] + np.concatenate([moves, -moves], axis=1)
    outside = values(target, places, (), landscape.parameters) > 0.0
    places = places[:, outside & _inside(landscape, places)][:, :BESIDE]
    if not places.size:
        return []
    gradients = _gradients(landscape, target, places, DIFFERENCE * aside)
    kept = np.isfinite(gradients).all(axis=0)
    return [_nearest_to_one(landscape, x, g) for x, g in zip(places.T[kept], gradients.T[kept], strict=True)]


def _nearest_to_one(landscape: Landscape, x: FloatArray, gradient: FloatArray) -> float:
    """The slope in space or the slope along the surface: the one that is nearer to 1."""
    both = [float(np.linalg.norm(part)) for part in (gradient, along(landscape, x, gradient))]
    return min(both, key=lambda slope: abs(slope - 1.0))


def _gradients(landscape: Landscape, target: Kernel, places: FloatArray, h: float) -> FloatArray:
    """Gradients (dim, lanes) of a target at points (dim, lanes), by central differences."""
    dim, lanes = places.shape
    moves = h * np.eye(dim)[:, :, None]
    both = np.concatenate([places[:, None] + moves, places[:, None] - moves], axis=1).reshape(dim, -1)
    ahead, behind = values(target, both, (), landscape.parameters).reshape(2, dim, lanes)
    with np.errstate(all="ignore"):
        gradients: FloatArray = (ahead - behind) / (2.0 * h)
    return gradients
