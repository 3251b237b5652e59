"""A one-dimensional surface as a curve: traced from a point, parametrised by its length, closed or between walls."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from langevin.errors import NumericalError, UsageError
from langevin.landscapes.evaluate import evaluate
from langevin.theory.surfaces.drift import DEPENDENT, normal_curvatures, tangents
from langevin.types import FloatArray, Landscape

#: Largest turn of the tangent in a step, and largest change of log det J J^T for each equation.
TURN, CHANGE = 0.04, 0.1
#: A curve that has not closed after this number of steps, or at this distance over |x| at its start, is open.
MOST_STEPS, FARTHEST = 4000, 1e9
#: The first step over |x|, and the number of points on a curve (more for sharp bends).
FIRST = 1e-3
POINTS, MOST_POINTS = 2000, 50_000
HALVINGS = 50


@dataclass(frozen=True)
class SurfaceCurve:
    """Points of equal distance along a one-dimensional surface; on a closed curve the last is one gap before the first.

    arcs        (points,)           distance along the curve from the first point
    points      (points, dim)       on the surface, to about 1e-6 of the radius of curvature
    tangents    (points, dim)       unit vectors
    curvatures  (points, codim)     eigenvalues of J J^T, ascending
    bends       (points,)           curvature of the curve, 1 / length
    """

    name: str
    arcs: FloatArray
    points: FloatArray
    tangents: FloatArray
    curvatures: FloatArray
    bends: FloatArray
    length: float
    closed: bool


def trace_curve(manifold: Landscape, start: ArrayLike | None = None) -> SurfaceCurve:
    """Follow the surface from a point until it closes, or in both directions to its walls.

    Each step is an Euler step along the tangent, followed by a retraction by Gauss-Newton. The length of a step is the
    length of the arc with the same chord and turn, correct to third order.

    Args:
        manifold: a surface with dim - codim = 1.
        start: a point on or close to the surface (dim,); the usual start of the landscape if absent.

    Raises:
        UsageError: the surface has another dimension, or the curve is open.
        NumericalError: the equations depend on one another at a point of the curve (a crossing, or J = 0).
    """
    if manifold.residual is None or manifold.dim - manifold.codim != 1:
        raise UsageError(
            f"{manifold.name} is no curve", allowed="dim - codim must be 1 for a surface to have a length"
        )
    if start is None:
        start = manifold.start(np.full((1, manifold.dim), 0.5), 0.0)[0]
    first = _settled(manifold, start)
    along = tangents(manifold, first[None])[0, 0]
    points, closed = _followed(manifold, first, along)
    if not closed:
        backwards, _ = _followed(manifold, first, -along)
        points = [*backwards[:0:-1], *points]
    return _even(manifold, np.array(points), closed)


def arc_positions(curve: SurfaceCurve, states: FloatArray) -> FloatArray:
    """Distance along the curve, 0 to its length, of the point of the curve that is nearest to each state.

    Args:
        curve: a traced curve.
        states: (points, dim).
    """
    gap, nearest = curve.arcs[1], nearest_points(curve, states)
    along_tangent = np.einsum("pi,pi->p", states - curve.points[nearest], curve.tangents[nearest])
    arcs = curve.arcs[nearest] + np.clip(along_tangent, -gap, gap)
    found: FloatArray = arcs % curve.length if curve.closed else np.clip(arcs, 0.0, curve.length)
    return found


def nearest_points(curve: SurfaceCurve, states: FloatArray) -> NDArray[np.int64]:
    """Index of the point of the curve that is nearest to each state (points, dim).

    Args:
        curve: the traced curve.
        states: positions, (points, dim).
    """
    from scipy.spatial import cKDTree

    return np.asarray(cKDTree(curve.points).query(states)[1])


def _settled(manifold: Landscape, x: ArrayLike) -> FloatArray:
    """The point of the surface next to x. The import is local because it loads Numba, which theory does not need."""
    from langevin.landscapes.projection import project_to

    return project_to(manifold, x)


def _followed(manifold: Landscape, first: FloatArray, along: FloatArray) -> tuple[list[FloatArray], bool]:
    """Points from the first one on, and whether the curve closed; otherwise it ends at a wall."""
    x, tangent = first, along
    size = float(np.linalg.norm(first)) or 1.0
    step, level = FIRST * size, _level(manifold, first)
    lowest = level + 2 * manifold.codim * np.log(DEPENDENT)
    points = [first]
    while len(points) < MOST_STEPS and np.linalg.norm(x - first) <= FARTHEST * size:
        y, t, there = _next(manifold, x, tangent, step)
        if there < lowest:
            raise NumericalError(
                f"the equations of {manifold.name} depend on one another at a point of the curve",
                remedy="no law holds across a crossing or a point where J vanishes",
            )
        turn = float(np.arccos(np.clip(t @ tangent, -1.0, 1.0)))
        rough = max(turn / TURN, abs(there - level) / (CHANGE * manifold.codim))
        if rough > 1:
            step *= 0.5
            continue
        if _outside(manifold, y):
            return [*points, _at_wall(manifold, x, tangent, step)], False
        if len(points) > 2 and _passes(first, along, x, tangent, step):
            return points, True
        points.append(y)
        x, tangent, level = y, t, there
        step *= 1.5 if rough < 0.5 else 1.0
    raise UsageError(
        f"the curve {manifold.name} does not close and has no walls, or is too long to be followed",
        "a curve that closes, or ends at walls",
        "take another manifold",
    )


def _next(
    manifold: Landscape, x: FloatArray, tangent: FloatArray, step: float
) -> tuple[FloatArray, FloatArray, float]:
    """The point after a step, its tangent and log det; an infinite turn if the retraction fails."""
    try:
        y = _settled(manifold, x + step * tangent)
        t = tangents(manifold, y[None])[0, 0]
        level = _level(manifold, y)
    except NumericalError:
        if step < 1e-9 * (np.linalg.norm(x) + step):
            raise
        return x, -tangent, np.inf
    return y, t if t @ tangent > 0 else -t, level


def _level(manifold: Landscape, x: FloatArray) -> float:
    return float(np.log(normal_curvatures(manifold, x[None])).sum())


def _passes(first: FloatArray, along: FloatArray, x: FloatArray, tangent: FloatArray, step: float) -> bool:
    """Whether the step from x passes the first point in its direction."""
    ahead = first - x
    return bool(
        0 < ahead @ tangent <= 1.01 * step and np.linalg.norm(ahead) <= 1.01 * step and along @ tangent > 0.5
    )


def _outside(manifold: Landscape, x: FloatArray) -> bool:
    return manifold.walls is not None and not evaluate(manifold, "walls", x) <= 0.0


def _at_wall(manifold: Landscape, x: FloatArray, tangent: FloatArray, step: float) -> FloatArray:
    """The last point before the wall, by bisection."""
    inside, outside = 0.0, step
    for _ in range(HALVINGS):
        middle = 0.5 * (inside + outside)
        if _outside(manifold, _settled(manifold, x + middle * tangent)):
            outside = middle
        else:
            inside = middle
    return _settled(manifold, x + inside * tangent)


def _even(manifold: Landscape, points: FloatArray, closed: bool) -> SurfaceCurve:
    """Points of equal distance, by cubic Hermite interpolation over the length."""
    from scipy.interpolate import CubicHermiteSpline

    knots = np.concatenate([points, points[:1]]) if closed else points
    along = tangents(manifold, knots)[:, 0]
    chords = np.diff(knots, axis=0)
    along[0] *= np.sign(along[0] @ chords[0])
    for k in range(1, len(along)):
        along[k] *= np.sign(along[k] @ along[k - 1])
    half = 0.5 * np.arccos(np.clip(np.einsum("ki,ki->k", along[1:], along[:-1]), -1.0, 1.0))
    sizes = np.linalg.norm(chords, axis=1) / np.sinc(half / np.pi)
    arcs = np.concatenate([[0.0], np.cumsum(sizes)])
    length = float(arcs[-1])
    sharpest = float((half / sizes)[sizes > 1e-3 * sizes.mean()].max())
    count = min(max(POINTS, 4 * int(length * sharpest / TURN)), MOST_POINTS)
    spline = CubicHermiteSpline(arcs, knots, along)
    even = np.linspace(0.0, length, count + 1)[: count if closed else None]
    places = spline(even)
    directions = spline(even, 1)
    directions /= np.linalg.norm(directions, axis=1)[:, None]
    values = normal_curvatures(manifold, places)
    bends = np.linalg.norm(np.gradient(directions, even, axis=0), axis=1)
    return SurfaceCurve(manifold.name, even, places, directions, values, bends, length, closed)
