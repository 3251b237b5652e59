"""Equal cells on a box in one to three dimensions, on which theories solve equations. Some cells may be missing.

A mesh covers a box of R^dim. Its sides are mirror walls, or two sides are joined into a ring. Missing cells make a body
with walls inside the box: chambers, channels. Arrays over cells have one entry for each existing cell, in the order of
`Mesh.rows`. Answers on two meshes give the limit of infinite refinement.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from langevin.errors import UsageError, unfit
from langevin.types import FloatArray, Prediction

BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]
#: Positions (dim, points) to a mask (points,).
Where = Callable[[FloatArray], BoolArray]
#: Largest number of cells by dimension. A direct solve takes up to a few seconds and a gigabyte. With more than 40 000
#: cells in three dimensions, iteration gives mean times and committors (`iterative`).
MOST_CELLS = {1: 1_000_000, 2: 250_000, 3: 250_000}
#: Relative round-off of a solution on a mesh of some hundred cells along an axis.
ROUND_OFF = 1e-10


@dataclass(frozen=True)
class Mesh:
    """Cells of a box.

    lower, upper  (dim,) corners of the box
    periodic      (dim,) whether the two sides across an axis are joined
    rows          cells along each axis; index of every cell in arrays over cells, -1 if it is missing
    """

    lower: tuple[float, ...]
    upper: tuple[float, ...]
    periodic: tuple[bool, ...]
    rows: IntArray

    @property
    def dim(self) -> int:
        """Number of coordinates."""
        return self.rows.ndim

    @property
    def size(self) -> int:
        """Number of existing cells."""
        return int(self.rows.max()) + 1

    @property
    def spacing(self) -> FloatArray:
        """Cell widths (dim,)."""
        return np.subtract(self.upper, self.lower) / self.rows.shape

    @property
    def volume(self) -> float:
        """Volume of one cell."""
        return float(np.prod(self.spacing))

    @property
    def centres(self) -> FloatArray:
        """Positions (dim, size) of the centres."""
        places = np.array(np.nonzero(self.rows >= 0))
        return np.array(self.lower)[:, None] + self.spacing[:, None] * (places + 0.5)

    def faces(self, axis: int) -> tuple[IntArray, IntArray]:
        """Cells on the lower and on the upper side of each face across an axis, each (faces,)."""
        low, high = self.rows, np.roll(self.rows, -1, axis)
        if not self.periodic[axis]:
            inner = (*[slice(None)] * axis, slice(0, -1))
            low, high = low[inner], high[inner]
        both = (low >= 0) & (high >= 0)
        return low[both], high[both]

    def wall(self, axis: int, side: str) -> IntArray:
        """Cells at the `lower` or `upper` side of the box across an axis, (cells,).

        Args:
            axis: number of the axis, from 0.
            side: `lower` or `upper`.

        Raises:
            UsageError: there is no such axis or side, or the axis is periodic and has no walls.
        """
        if side not in ("lower", "upper") or not 0 <= axis < self.dim or self.periodic[axis]:
            raise unfit(
                "a wall",
                f"is (axis, 'lower' or 'upper') of an axis from 0 to {self.dim - 1} that is not periodic",
                f"({axis}, {side!r})",
            )
        layer = np.take(self.rows, 0 if side == "lower" else -1, axis)
        return np.asarray(layer[layer >= 0])


def box_mesh(
    lower: Sequence[float],
    upper: Sequence[float],
    cells: Sequence[int],
    periodic: Sequence[bool] | None = None,
    body: Where | None = None,
) -> Mesh:
    """Divide the box from corner `lower` to corner `upper`, both (dim,), into `cells` (dim,) along each axis.

    Args:
        lower: lowest corner.
        upper: highest corner.
        cells: number of cells along each axis.
        periodic: axes joined into a ring; none if absent.
        body: function that maps the centres (dim, points) of existing cells to True, such as
            `mesh_landscape.inside_walls` of a zero-loss body. All cells exist if absent.

    Raises:
        UsageError: the dimension is not 1 to 3, lengths differ, the box is empty or infinite, there are too many cells,
            or the body is empty or disconnected on this mesh.
    """
    dim = len(cells)
    rings = tuple(bool(ring) for ring in (periodic if periodic is not None else [False] * dim))
    if dim not in MOST_CELLS or not len(lower) == len(upper) == len(rings) == dim:
        raise unfit("a mesh", "has 1 to 3 axes, and a lower and upper end and cells for each", f"{dim}")
    if not all(-math.inf < a < b < math.inf for a, b in zip(lower, upper)):
        raise unfit("a mesh", "needs finite lower < upper on every axis", f"{lower} and {upper}")
    if not all(float(n).is_integer() and n >= 1 for n in cells) or math.prod(cells) > MOST_CELLS[dim]:
        raise unfit(
            "cells",
            f"must be whole numbers >= 1, at most {MOST_CELLS[dim]} in all in {dim} dimensions",
            f"{cells}",
        )
    shape = tuple(int(n) for n in cells)
    full = Mesh(
        tuple(map(float, lower)), tuple(map(float, upper)), rings, np.arange(math.prod(shape)).reshape(shape)
    )
    if body is None:
        return full
    there = region(full, body)
    mesh = Mesh(full.lower, full.upper, rings, np.where(there, np.cumsum(there) - 1, -1).reshape(shape))
    pieces = _pieces(mesh)
    if pieces != 1:
        raise UsageError(
            f"the body has {pieces} separate pieces on this mesh and needs one",
            "one piece",
            "take more cells",
        )
    return mesh


def region(mesh: Mesh, where: Where) -> BoolArray:
    """Mask (size,) of the cells whose centres (dim, size) are mapped to True.

    Args:
        mesh: the cells.
        where: positions (dim, points) to a mask (points,).
    """
    return np.broadcast_to(np.asarray(where(mesh.centres), bool), (mesh.size,)).copy()


def interpolate(mesh: Mesh, values: FloatArray, point: Sequence[float]) -> float:
    """Values (size,) at a point (dim,): linear between centres, constant within half a cell of a wall.

    For an extrapolation from two meshes, the point should be a centre of both (refine by 3) or lie on faces of both
    (refine by 2): the error of the interpolation then has the same form on both.

    Args:
        mesh: the cells.
        values: one value for each cell, (size,).
        point: a position (dim,).

    Raises:
        UsageError: the point is outside the body.
    """
    place = (np.asarray(point, float) - mesh.lower) / mesh.spacing - 0.5
    base = np.floor(place).astype(int)
    total = weights = 0.0
    for corner in itertools.product((0, 1), repeat=mesh.dim):
        weight = float(np.prod(np.where(corner, place - base, 1 - (place - base))))
        index = [i % n if ring else i for i, n, ring in zip(base + corner, mesh.rows.shape, mesh.periodic)]
        inside = all(0 <= i < n for i, n in zip(index, mesh.rows.shape))
        row = mesh.rows[tuple(index)] if inside else -1
        if row >= 0:
            total, weights = total + weight * values[row], weights + weight
    if weights == 0:
        raise UsageError(
            f"the point {tuple(point)} lies outside the body", "a point of the body", "give one inside it"
        )
    return float(total / weights)


def richardson(answer: Callable[[int], float], cells: int, order: float = 2.0, ratio: int = 2) -> Prediction:
    """Extrapolate answer(cells) and answer(ratio x cells), whose error is proportional to cells^-order.

    The value is fine + (fine - coarse) / (ratio^order - 1) (Richardson, Phil. Trans. R. Soc. A 210 (1911) 307). If a
    mesh is too coarse for a strong drift, the error is of order 1. The remainder is the distance to the limit of order
    1 or the distance to the fine mesh, the larger of the two, and at least the round-off of a solution. It is a bound
    for every true order of at least 1.

    Args:
        answer: number of cells along an axis to the result, for example a spectral gap.
        cells: number of cells of the coarse mesh.
        order: 2 for smooth solutions and targets with flat faces, 4/3 at re-entrant edges.
        ratio: refinement; 3 keeps the centres of cells in place.

    Raises:
        UsageError: cells < 1, ratio < 2 or an order that is not positive.
    """
    if cells < 1 or ratio < 2 or not order > 0:
        raise unfit("richardson", "needs cells >= 1, ratio >= 2 and order > 0", f"{cells}, {ratio}, {order}")
    coarse, fine = float(answer(cells)), float(answer(ratio * cells))
    value = fine + (fine - coarse) / (float(ratio) ** order - 1)
    slowest = fine + (fine - coarse) / (ratio - 1)
    return Prediction(value, max(abs(value - fine), abs(value - slowest), ROUND_OFF * abs(value)))


def _pieces(mesh: Mesh) -> int:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    if mesh.size == 0:
        return 0
    low, high = map(np.concatenate, zip(*(mesh.faces(axis) for axis in range(mesh.dim))))
    graph = coo_array((np.ones(len(low)), (low, high)), shape=(mesh.size, mesh.size))
    return int(connected_components(graph, directed=False, return_labels=False))
