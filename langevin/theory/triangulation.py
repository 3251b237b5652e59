"""A compact surface of two dimensions in triangles, coarse and fine, whose corners lie on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from langevin.errors import NumericalError, UsageError
from langevin.theory.simplicial_surface import IntArray, zero_polygons
from langevin.theory.surface_drift import normal_curvatures, tangents
from langevin.theory.surface_return import on_surface
from langevin.types import FloatArray, Landscape

#: First side of a cube over |x|, how many are tried, and the ratio of too coarse to too fine that leaves none between.
FIRST, TRIES, CLOSE = 0.25, 12, 1.5
#: Cubes to be looked at, and triangles of the coarsest mesh, at least.
MOST_CUBES, LEAST_TRIANGLES = 20_000, 1_000
#: Rounds in which each corner moves to the mean of its neighbours, and back onto the surface.
ROUNDS = 10
#: Least cosine between the tangent planes at the two ends of a side.
TURN = 0.7
#: Meshes, each with four times the triangles of the one before.
LEVELS = 3


@dataclass(frozen=True)
class Triangles:
    """One mesh of a surface.

    points      (points, dim)     corners, on the surface
    triangles   (triangles, 3)    numbers of their corners
    curvatures  (points, codim)   eigenvalues of J J^T, ascending
    """

    points: FloatArray
    triangles: IntArray
    curvatures: FloatArray


@dataclass(frozen=True)
class Triangulation:
    """The piece of a surface that hangs together with its start: `meshes` from coarse to fine, and its Euler number.

    `euler` is points - sides + triangles: 2 for a sphere, 0 for a torus or a Klein bottle.
    """

    name: str
    meshes: tuple[Triangles, ...]
    euler: int


def triangulate(
    manifold: Landscape,
    start: ArrayLike | None = None,
    most_cubes: int = MOST_CUBES,
    levels: int = LEVELS,
) -> Triangulation:
    """Triangles on the piece of a compact surface about a point; its equations may be any.

    Polygons of the surface in a lattice (`simplicial_surface`) are brought onto it and made even; a lattice too coarse
    for its bends is halved. Then every triangle is cut into four, and the new corners brought onto the surface.

    Args:
        manifold: with dim - codim = 2 and no walls.
        start: a point on or close to the surface (dim,); where the landscape starts its walkers if absent.
        most_cubes: of the lattice that are looked at in one try; a surface that takes more has no triangles.
        levels: meshes, at least 2.

    Raises:
        UsageError: a surface of another dimension or with walls, or fewer than two levels.
        NumericalError: a surface that has no end or bends too sharply, or equations that depend on one another.
    """
    if not manifold.is_surface or manifold.dim - manifold.codim != 2 or manifold.walls is not None:
        raise UsageError(
            f"{manifold.name} has no triangles: they need a surface r(x) = 0 without walls, with dim - codim = 2"
        )
    if levels < 2:
        raise UsageError(f"levels must be at least 2, got {levels}")
    if start is None:
        start = manifold.start(np.full((1, manifold.dim), 0.5), 0.0)[0]
    first = on_surface(manifold, np.asarray(start, np.float64)[None])[0]
    points, triangles = _coarsest(manifold, first, most_cubes)
    meshes = [Triangles(points, triangles, normal_curvatures(manifold, points))]
    for _ in range(levels - 1):
        meshes.append(_finer(manifold, meshes[-1]))
    sides = len(_sides(triangles)[0][0])
    return Triangulation(manifold.name, tuple(meshes), len(points) - sides + len(triangles))


def _coarsest(manifold: Landscape, first: FloatArray, most_cubes: int) -> tuple[FloatArray, IntArray]:
    spacing = FIRST * (float(np.linalg.norm(first)) or 1.0)
    wide, narrow = (
        0.0,
        np.inf,
    )  # spacings that were too fine for the whole surface, and too coarse for its bends
    for _ in range(TRIES):
        mesh = zero_polygons(
            lambda places: _residuals(manifold, places), first, manifold.codim, spacing, most_cubes
        )
        if mesh is None:
            wide = spacing
            spacing = 2 * spacing if narrow == np.inf else np.sqrt(spacing * narrow)
        else:
            made = _even(manifold, *mesh)
            if made is not None and len(made[1]) >= LEAST_TRIANGLES:
                return made
            narrow = spacing
            spacing = spacing / 2 if wide == 0.0 else np.sqrt(spacing * wide)
        if narrow < CLOSE * wide:
            break
    raise NumericalError(
        f"the piece of {manifold.name} about {np.array2string(first, precision=3, threshold=8)} is not covered by "
        f"{most_cubes} cubes: it has no end, or bends too sharply beside its size, or its equations depend on one "
        "another at a point"
    )


def _even(manifold: Landscape, points: FloatArray, triangles: IntArray) -> tuple[FloatArray, IntArray] | None:
    """The mesh on the surface with corners evenly spread; None where it is too coarse for the surface."""
    if not len(triangles):
        return None
    (left, right), owners = _sides(triangles)
    if not (np.bincount(owners) == 2).all():
        return None
    count = np.bincount(np.concatenate([left, right]), minlength=len(points))[:, None]
    try:
        places = on_surface(manifold, points)
        for _ in range(ROUNDS):
            sums = np.zeros_like(places)
            np.add.at(sums, left, places[right])
            np.add.at(sums, right, places[left])
            places = on_surface(manifold, sums / count)
        planes = tangents(manifold, places)
    except NumericalError:
        return None
    turns = np.linalg.svd(planes[left] @ planes[right].swapaxes(1, 2), compute_uv=False)[:, -1]
    return (places, triangles) if turns.min() > TURN else None


def _finer(manifold: Landscape, mesh: Triangles) -> Triangles:
    """Every triangle cut into four at the middles of its sides, which are brought onto the surface."""
    (left, right), owners = _sides(mesh.triangles)
    middles = on_surface(manifold, (mesh.points[left] + mesh.points[right]) / 2)
    points = np.concatenate([mesh.points, middles])
    a, b, c = mesh.triangles.T
    ab, bc, ca = len(mesh.points) + owners.reshape(3, -1)
    parts = [(a, ab, ca), (b, bc, ab), (c, ca, bc), (ab, bc, ca)]
    triangles = np.concatenate([np.column_stack(part) for part in parts])
    return Triangles(points, triangles, normal_curvatures(manifold, points))


def _sides(triangles: IntArray) -> tuple[tuple[IntArray, IntArray], NDArray[np.int64]]:
    """Both ends of each side, and the number of the side of (ab, bc, ca) of every triangle, (3 triangles,)."""
    a, b, c = triangles.T
    ends = np.sort(np.concatenate([np.column_stack(pair) for pair in ((a, b), (b, c), (c, a))]), axis=1)
    sides, owners = np.unique(ends, axis=0, return_inverse=True)
    return (sides[:, 0], sides[:, 1]), owners.ravel()


def _residuals(manifold: Landscape, places: FloatArray) -> FloatArray:
    """Residuals (points, codim); kernels bring Numba along, which theory does without."""
    from langevin.landscapes.evaluate import evaluate

    return evaluate(manifold, "residual", places)
