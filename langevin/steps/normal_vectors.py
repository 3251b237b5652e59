"""Pieces of projected steps over lanes: their scratch, tangent parts, and how the normals of two points differ."""

from __future__ import annotations

from numba.extending import register_jitable

from langevin.kernels.lane_matrices import add_dot, apply_rows, solve_lanes, subtract_rows
from langevin.types import Landscape, Rows


def workspace(
    landscape: Landscape, scratch: int = 0, normals: int | None = None, **own: int | tuple[int, ...]
) -> Rows:
    """Rows normals (codim, dim), matrix (codim, codim), weights (codim), scratch, then those of the step's own.

    Args:
        landscape: a surface.
        scratch: rows of it.
        normals: how many there is room for, if not for all.
        own: rows of the step.
    """
    codim, dim = landscape.codim, landscape.dim
    return Rows(
        normals=(codim if normals is None else normals, dim),
        matrix=(codim, codim),
        weights=codim,
        scratch=scratch,
        **own,
    )


@register_jitable
def keep_tangent(vectors, normals, matrix, weights):
    """vectors (dim, lanes) -= J^T (J J^T)^(-1) J vectors; the pivots of J J^T stay on the diagonal of `matrix`."""
    apply_rows(normals, vectors, weights)
    products(normals, matrix)
    solve_lanes(matrix, weights)
    subtract_rows(vectors, normals, weights)


@register_jitable
def products(normals, matrix):
    """matrix (m, m, lanes) = J J^T, one half of it from the other."""
    size, dim, lanes = normals.shape
    for a in range(size):
        for b in range(a + 1):
            for lane in range(lanes):
                matrix[a, b, lane] = 0.0
            add_dot(matrix[a, b], normals, a * dim, 1, normals, b * dim, 1, dim)
            for lane in range(lanes):
                matrix[b, a, lane] = matrix[a, b, lane]


@register_jitable
def turned_over(matrix, lane):
    """Whether one of a lane's pivots, on the diagonal of `matrix`, is not above 0.

    Newton's last system along the normals of x leaves the pivots of J(y) J(x)^T there. On the branch of the surface
    where x lies all are above 0; with one equation: the normals of x and y make an angle below a right
    one. The reversed step has the transposed matrix, hence the same answer.
    """
    turned = False
    for k in range(matrix.shape[0]):
        turned |= not matrix[k, k, lane] > 0.0
    return turned


@register_jitable
def keep_pivots(matrix, pivots):
    """Keep the pivots of J J^T at x, (m, lanes)."""
    for k in range(pivots.shape[0]):
        for lane in range(pivots.shape[1]):
            pivots[k, lane] = matrix[k, k, lane]


@register_jitable
def divide_pivots(matrix, pivots):
    """The first row of pivots becomes det J J^T at y over that at x; factor by factor, so nothing overflows."""
    for lane in range(pivots.shape[1]):
        ratio = 1.0
        for k in range(pivots.shape[0]):
            ratio *= matrix[k, k, lane] / pivots[k, lane]
        pivots[0, lane] = ratio


@register_jitable
def square_sums(vectors, out):
    """out = |vectors|^2 for each lane."""
    for lane in range(out.size):
        out[lane] = 0.0
    for i in range(vectors.shape[0]):
        for lane in range(out.size):
            out[lane] += vectors[i, lane] ** 2


@register_jitable
def add_rows(out, source):
    """out += source, row by row."""
    for row in range(out.shape[0]):
        for lane in range(out.shape[1]):
            out[row, lane] += source[row, lane]
