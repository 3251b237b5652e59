"""The two-dimensional surface on which a residual map is zero, followed through the simplices of a lattice.

Every cube of a lattice in R^n is divided into n! simplices (H. W. Kuhn, IBM J. Res. Dev. 4 (1960) 518). On each simplex
the residuals of the corners define one affine map. Its zeros are a convex polygon. With m equations, the corners of the
polygon lie on the faces with m + 1 vertices, and its sides on the faces with m + 2. From a cube that contains polygons
they are followed to its neighbours until they close (E. L. Allgower and S. Gnutzmann, SIAM J. Numer. Anal. 24 (1987)
452). So the method works with any number of equations, and needs only cubes along the surface.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from langevin.types import FloatArray

IntArray = NDArray[np.int64]
#: Points (points, dim) to residuals (points, codim).
Residual = Callable[[FloatArray], FloatArray]


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
        beside = {tuple(cube) for cube in (front[met][:, None] + sides).reshape(-1, dim).tolist()} - seen
        seen |= beside
        front = np.array(sorted(beside), np.int64).reshape(-1, dim)
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
    """Weights (simplices, faces, codim + 1) at which the affine map of each face is zero; negative where it is not."""
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
