"""A compact two-dimensional surface in triangles, coarse and fine, with corners on the surface."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from langevin.errors import NumericalError, UsageError
from langevin.theory.surfaces.drift import normal_curvatures, tangents
from langevin.theory.surfaces.points import on_surface
from langevin.theory.surfaces.simplices import IntArray, zero_polygons
from langevin.types import FloatArray, Landscape

#: First side of a cube over |x|; number of tries; ratio of too coarse to too fine sides at which the search fails.
FIRST, TRIES, CLOSE = 0.25, 12, 1.5
#: Largest number of cubes, and smallest number of triangles of the coarsest mesh.
MOST_CUBES, LEAST_TRIANGLES = 20_000, 1_000
#: Rounds in which each corner moves to the mean of its neighbours and is retracted to the surface.
ROUNDS = 10
#: Smallest cosine between the tangent planes at the two ends of a side.
TURN = 0.7
#: Number of meshes, each with four times the triangles of the one before.
LEVELS = 3


@dataclass(frozen=True)
class Triangles:
    """One mesh of a surface.

    points      (points, dim)     corners, on the surface
    triangles   (triangles, 3)    indices of their corners
    curvatures  (points, codim)   eigenvalues of J J^T, ascending
    """

    points: FloatArray
    triangles: IntArray
    curvatures: FloatArray


@dataclass(frozen=True)
class Triangulation:
    """The connected piece of a surface that contains its start: `meshes` from coarse to fine, and its Euler number.

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
    """Triangles on the connected piece of a compact surface at a point, for any equations.

    Polygons of the surface in a lattice (`simplicial_surface`) are moved onto the surface and made even. If the lattice
    is too coarse for the bends of the surface, its spacing is halved. Then every triangle is divided into four, and the
    new corners are moved onto the surface.

    Args:
        manifold: a surface with dim - codim = 2 and no walls.
        start: a point on or close to the surface (dim,); the usual start of the landscape if absent.
        most_cubes: largest number of cubes of the lattice in one try; a surface that needs more gets no triangles.
        levels: number of meshes, at least 2.

    Raises:
        UsageError: the surface has another dimension or walls, or there are fewer than two levels.
        NumericalError: the surface is not bounded or bends too sharply, or the equations depend on one another.
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
    )  # spacings that were too fine for the number of cubes, and too coarse for the bends
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
        f"{most_cubes} cubes: it is not bounded, or bends too sharply for its size, or its equations depend on one "
        "another at a point"
    )


def _even(manifold: Landscape, points: FloatArray, triangles: IntArray) -> tuple[FloatArray, IntArray] | None:
    """The mesh on the surface with evenly spread corners; None if it is too coarse for the surface."""
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
    """Every triangle divided into four at the middles of its sides, which are moved onto the surface."""
    (left, right), owners = _sides(mesh.triangles)
    middles = on_surface(manifold, (mesh.points[left] + mesh.points[right]) / 2)
    points = np.concatenate([mesh.points, middles])
    a, b, c = mesh.triangles.T
    ab, bc, ca = len(mesh.points) + owners.reshape(3, -1)
    parts = [(a, ab, ca), (b, bc, ab), (c, ca, bc), (ab, bc, ca)]
    triangles = np.concatenate([np.column_stack(part) for part in parts])
    return Triangles(points, triangles, normal_curvatures(manifold, points))


def _sides(triangles: IntArray) -> tuple[tuple[IntArray, IntArray], NDArray[np.int64]]:
    """Both ends of each side, and the index of the side for (ab, bc, ca) of every triangle, (3 triangles,)."""
    a, b, c = triangles.T
    ends = np.sort(np.concatenate([np.column_stack(pair) for pair in ((a, b), (b, c), (c, a))]), axis=1)
    sides, owners = np.unique(ends, axis=0, return_inverse=True)
    return (sides[:, 0], sides[:, 1]), owners.ravel()


def _residuals(manifold: Landscape, places: FloatArray) -> FloatArray:
    """Residuals (points, codim). The import is local because it loads Numba, which theory does not need."""
    from langevin.landscapes.evaluate import evaluate

    return evaluate(manifold, "residual", places)
