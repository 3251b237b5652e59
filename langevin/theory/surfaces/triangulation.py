"""A compact two-dimensional surface in triangles, coarse and fine, with corners on the surface.

The first triangles follow the surface through the simplices of a lattice. Every cube of a lattice in R^n is divided
into n! simplices (H. W. Kuhn, IBM J. Res. Dev. 4 (1960) 518). On each simplex the residuals of the corners define one
affine map. Its zeros are a convex polygon. With m equations, the corners of the polygon lie on the faces with m + 1
vertices, and its sides on the faces with m + 2. From a cube that contains polygons they are followed to its neighbours
until they close (E. L. Allgower and S. Gnutzmann, SIAM J. Numer. Anal. 24 (1987) 452). So the method works with any
number of equations, and needs only cubes along the surface.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from langevin.errors import NumericalError, UsageError
from langevin.theory.surfaces.drift import normal_curvatures, tangents
from langevin.theory.surfaces.geometry import on_surface
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
IntArray = NDArray[np.int64]
#: Points (points, dim) to residuals (points, codim).
Residual = Callable[[FloatArray], FloatArray]


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


def zero_polygons(
    residual: Residual, start: FloatArray, codim: int, spacing: float, most_cubes: int
) -> tuple[FloatArray, IntArray] | None:
    """Triangles of the connected piece of the surface at a point; None if more cubes would be needed.

    Args:
        residual: the equations, finite near the surface.
        start: a point (dim,) on the surface.
        codim: number of equations, dim - 2.
        spacing: side of a cube.
        most_cubes: largest number of cubes.

    Returns:
        Points (points, dim) near the surface, and triangles (triangles, 3) of their indices; empty if no polygon was
        found.
    """
    dim = len(start)
    corners, lattice = _simplices(dim), start - 0.37 * spacing * (1 + np.arange(dim) / dim)
    base = np.floor((start - lattice) / spacing).astype(np.int64)
    front = base + np.array(list(itertools.product((-1, 0, 1), repeat=dim)))
    seen, found = set(map(tuple, front.tolist())), []
    while front.size:
        if len(seen) > most_cubes:
            return None
        met, sides_met = _crossings(residual, front, corners, codim, lattice, spacing)
        if met.any():
            found.append(sides_met)
        sides = np.concatenate([np.eye(dim, dtype=np.int64), -np.eye(dim, dtype=np.int64)])
        neighbours = {tuple(cube) for cube in (front[met][:, None] + sides).reshape(-1, dim).tolist()} - seen
        seen |= neighbours
        front = np.array(sorted(neighbours), np.int64).reshape(-1, dim)
    return _joined(found, lattice, spacing) if found else (np.empty((0, dim)), np.empty((0, 3), np.int64))


def _simplices(dim: int) -> IntArray:
    """Corners (simplices, dim + 1, dim) of the simplices of the unit cube, each along a path from 0 to (1, ..., 1)."""
    steps = np.eye(dim, dtype=np.int64)[list(itertools.permutations(range(dim)))]
    origin = np.zeros((len(steps), 1, dim), np.int64)
    return np.concatenate([origin, np.cumsum(steps, axis=1)], axis=1)


def _crossings(
    residual: Residual, cubes: IntArray, corners: IntArray, codim: int, lattice: FloatArray, spacing: float
) -> tuple[NDArray[np.bool_], tuple[IntArray, FloatArray, IntArray]]:
    """The cubes that contain polygons, and the sides of the polygons.

    A side is (faces of its two ends (2, codim + 1, dim), positions of the ends (2, dim), index of its simplex).
    """
    dim = cubes.shape[1]
    vertices = (cubes[:, None, None] + corners).reshape(-1, dim + 1, dim)
    places, inverse = np.unique(vertices.reshape(-1, dim), axis=0, return_inverse=True)
    inverse = inverse.ravel()  # NumPy 2.0 gives it a second axis
    values = residual(lattice + spacing * places)[inverse].reshape(-1, dim + 1, codim)
    crossed = np.flatnonzero(((values.min(axis=1) <= 0) & (values.max(axis=1) >= 0)).all(axis=1))
    vertices, values = vertices[crossed], values[crossed]
    faces = np.array(list(itertools.combinations(range(dim + 1), codim + 1)))
    weights = _weights(values[:, faces])
    zero: NDArray[np.bool_] = np.asarray((weights >= 0).all(axis=2))
    simplex, ends = [], []
    for wall in itertools.combinations(range(dim + 1), codim + 2):
        own = np.flatnonzero([set(face) <= set(wall) for face in faces])
        whole = np.flatnonzero(zero[:, own].sum(axis=1) == 2)
        simplex.append(whole)
        ends.append(own[np.nonzero(zero[whole][:, own])[1]].reshape(-1, 2))
    which, end = np.concatenate(simplex), np.concatenate(ends)
    keys = vertices[which[:, None, None], faces[end]]
    points = np.einsum("sef,sefi->sei", weights[which[:, None], end], keys.astype(float))
    met = np.zeros(len(cubes), np.bool_)
    met[crossed[which] // len(corners)] = True
    return met, (keys, points, crossed[which])


def _weights(values: FloatArray) -> FloatArray:
    """Weights (simplices, faces, codim + 1) at which the affine map of each face is zero; negative if it is not."""
    equations = np.concatenate([values.swapaxes(2, 3), np.ones_like(values[:, :, None, :, 0])], axis=2)
    known = np.isfinite(equations).all(axis=(2, 3))
    known[known] = np.linalg.slogdet(equations[known])[0] != 0
    weights = np.full(equations.shape[:3], -1.0)
    unit = np.zeros((*equations[known].shape[:2], 1))
    unit[:, -1] = 1.0
    weights[known] = np.linalg.solve(equations[known], unit)[..., 0]
    return weights


def _joined(
    found: list[tuple[IntArray, FloatArray, IntArray]], lattice: FloatArray, spacing: float
) -> tuple[FloatArray, IntArray]:
    """One triangle for each polygon with three sides; for other polygons a fan around the middle."""
    dim = len(lattice)
    keys = np.concatenate([part[0].reshape(2 * len(part[0]), -1) for part in found])
    places = np.concatenate([part[1].reshape(-1, dim) for part in found])
    offsets = np.cumsum([0, *(int(part[2].max(initial=-1)) + 1 for part in found)])
    polygon = np.unique(
        np.concatenate([part[2] + k for part, k in zip(found, offsets)]), return_inverse=True
    )[1]
    _, first, inverse = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    sides = inverse.reshape(-1, 2)
    count = np.bincount(polygon)
    middles = np.zeros((len(count), dim))
    np.add.at(middles, np.repeat(polygon, 2), places)
    middles /= 2 * np.maximum(count, 1)[:, None]
    order = np.argsort(polygon, kind="stable")
    small = count[polygon[order]] == 3
    threes = sides[order[small]].reshape(-1, 6)
    single = np.sort(threes, axis=1)[:, ::2]
    large = count != 3
    number = len(first) + np.cumsum(large) - 1
    rest = order[~small]
    fans = np.column_stack([sides[rest], number[polygon[rest]]])
    points = np.concatenate([places[first], middles[large]])
    return lattice + spacing * points, np.concatenate([single, fans])
