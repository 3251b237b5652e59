"""The mean time to a cap of a sphere, by its closed form.

Whether a surface is a sphere, and its target a cap of it, is found from the kernels, also for user-defined surfaces.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from langevin import theory
from langevin.errors import NumericalError
from langevin.landscapes.evaluate import evaluate
from langevin.landscapes.projection import project_to
from langevin.landscapes.starts import usual_point
from langevin.theory.surfaces.fine_steps import coarse_along
from langevin.types import Case, Curve, FloatArray, Landscape, Prediction, Setting, Theory

#: The last tested surface and the result: theories test the same surface several times.
_last: list[tuple[Landscape, Cap | None]] = []
#: Number of points that are tested, of great circles through the cap, and of points along one circle.
POINTS, CIRCLES, ALONG = 400, 24, 100
#: Allowed deviation of the surface from a sphere, and of the border from a plane, over the radius.
ROUND = 1e-6
#: Number of moves that search the inside of a target, if no point is inside it.
MOVES = 300


def _cap_of(landscape: Landscape) -> Cap | None:
    if not _last or _last[0][0] is not landscape:
        _last[:] = [(landscape, _found(landscape))]
    return _last[0][1]


def _found(landscape: Landscape) -> Cap | None:
    try:
        return spherical_cap(landscape)
    except NumericalError:
        return None


def _applies(case: Case) -> bool:
    """Motion on a sphere by heat along it with the surface distribution; with this law J J^T need not be constant."""
    law = case.law
    if law is None or law.across or law.uneven_power or not (case.landscape.is_surface and case.watched):
        return False
    cap = _cap_of(case.landscape)
    return cap is not None and (cap.even or case.measure == "surface")


def _curves(setting: Setting) -> Sequence[Curve]:
    case = setting.case
    cap = _cap_of(case.landscape)
    start = (
        setting.start if setting.start is not None else usual_point(case.landscape) if case.usual else None
    )
    if cap is None or start is None:
        return []

    def time(temperature: float) -> Prediction:
        return theory.passage.cap_passage_time(
            case.landscape.dim, cap.radius, cap.angle, cap.angle_of(start), temperature
        )

    return [
        Curve(
            "law of the cap",
            time,
            "steps small compared with cap and radius",
            "theta Laplace-Beltrami T = -1",
        )
    ]


@dataclass(frozen=True)
class Cap:
    """The sphere |x - centre| = radius, and its points within `angle` of the direction `axis` (dim,).

    `even` is whether J J^T is the same at all points.
    """

    centre: FloatArray
    radius: float
    even: bool
    axis: FloatArray
    angle: float

    def angle_of(self, place: FloatArray) -> float:
        """The angle of a point from the axis."""
        along = float((place - self.centre) @ self.axis) / self.radius
        return math.acos(min(1.0, max(-1.0, along)))


def spherical_cap(manifold: Landscape) -> Cap | None:
    """The cap that is the only target of a sphere; None if the surface is not a sphere, or the target not one cap."""
    if manifold.codim != 1 or manifold.walls is not None or not callable(manifold.target):
        return None
    generator = np.random.default_rng(0)
    sphere = _sphere(manifold, generator)
    if sphere is None:
        return None
    centre, radius, even = sphere
    units = _units(generator, POINTS, manifold.dim)
    inside = _deepest(manifold, centre, radius, units, generator)
    if inside is None:
        return None
    border = _border(manifold, centre, radius, inside, generator)
    if border is None:
        return None
    level, axis = _plane(border)
    if np.abs(border @ axis - level).max() > ROUND:
        return None
    if float(inside @ axis) < level:
        level, axis = -level, -axis
    same = (units @ axis > level) == (_target(manifold, centre + radius * units) <= 0)
    far = np.abs(units @ axis - level) > ROUND
    return Cap(centre, radius, even, axis, math.acos(level)) if same[far].all() else None


def _sphere(manifold: Landscape, generator: np.random.Generator) -> tuple[FloatArray, float, bool] | None:
    """Centre, radius, and whether J J^T is constant, from points near the start and all over the surface."""
    start = usual_point(manifold)
    size = max(float(np.linalg.norm(start)), 1.0)
    moves = start + 0.5 * size * _units(generator, 4 * manifold.dim, manifold.dim)
    points = np.array([project_to(manifold, place) for place in moves])
    rows = np.column_stack([2.0 * points, np.ones(len(points))])
    found = np.linalg.lstsq(rows, (points**2).sum(axis=1), rcond=None)[0]
    centre, square = found[:-1], float(found[-1] + found[:-1] @ found[:-1])
    if not square > 0:
        return None
    radius = math.sqrt(square)
    around = centre + radius * _units(generator, POINTS, manifold.dim)
    residuals, slopes = evaluate(manifold, "residual", around), evaluate(manifold, "jacobian", around)
    steepness = np.linalg.norm(slopes[:, 0], axis=1)
    if not (np.abs(residuals[:, 0]) <= ROUND * radius * steepness).all():
        return None
    return centre, radius, bool(np.ptp(steepness) <= ROUND * steepness.max())


def _deepest(
    manifold: Landscape, centre: FloatArray, radius: float, units: FloatArray, generator: np.random.Generator
) -> FloatArray | None:
    """A unit vector to a point inside the target: the deepest test point, or a point that is reached from there."""
    depths = _target(manifold, centre + radius * units)
    best: FloatArray = units[depths.argmin()]
    depth, reach = float(depths.min()), 0.3
    for _ in range(MOVES):
        if depth <= 0:
            return best
        moved = best + reach * _units(generator, 16, manifold.dim)
        moved /= np.linalg.norm(moved, axis=1, keepdims=True)
        depths = _target(manifold, centre + radius * moved)
        if depths.min() < depth:
            best, depth = moved[depths.argmin()], float(depths.min())
        else:
            reach *= 0.7
    return None


def _border(
    manifold: Landscape, centre: FloatArray, radius: float, inside: FloatArray, generator: np.random.Generator
) -> FloatArray | None:
    """Where great circles through `inside` leave the target, unit vectors (circles, dim); None if one does so twice."""
    ways = _units(generator, max(CIRCLES, 4 * manifold.dim), manifold.dim)
    ways -= (ways @ inside)[:, None] * inside
    ways /= np.linalg.norm(ways, axis=1, keepdims=True)
    found = []
    for way in ways:

        def point(angles: FloatArray, way: FloatArray = way) -> FloatArray:
            return np.cos(angles)[:, None] * inside + np.sin(angles)[:, None] * way

        low, high = 0.0, math.pi
        for _ in range(4):  # each pass divides one interval of the last pass into 100
            angles = np.linspace(low, high, ALONG + 1)
            within = _target(manifold, centre + radius * point(angles)) <= 0
            changes = np.flatnonzero(within[1:] != within[:-1])
            if len(changes) != 1:
                return None
            low, high = float(angles[changes[0]]), float(angles[changes[0] + 1])
        found.append(point(np.array([0.5 * (low + high)]))[0])
    return np.array(found)


def _plane(border: FloatArray) -> tuple[float, FloatArray]:
    """Level and unit normal of the plane through points: the normal is their smallest principal axis."""
    middle = border.mean(axis=0)
    axis: FloatArray = np.linalg.svd(border - middle, full_matrices=True)[2][-1]
    return float(middle @ axis), axis


def _units(generator: np.random.Generator, count: int, dim: int) -> FloatArray:
    vectors = generator.standard_normal((count, dim))
    units: FloatArray = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return units


def _target(manifold: Landscape, points: FloatArray) -> FloatArray:
    """Signed distance to the only target, (points,)."""
    distances: FloatArray = np.full(len(points), np.nan)
    assert callable(manifold.target)
    with np.errstate(all="ignore"):
        manifold.target(np.array(points.T, order="C"), distances, manifold.parameters)
    return distances


cap_time = Theory(
    question="first passage",
    summary="Mean time to a cap of a sphere, also on a user-defined surface.",
    applies=_applies,
    curves=_curves,
    coarse=coarse_along,
)
