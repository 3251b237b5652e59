"""Parts of projected steps over lanes: scratch rows, tangent parts of vectors, and the comparison of two normals."""

from __future__ import annotations

from numba.extending import register_jitable

from langevin.kernels.lane_matrices import add_dot, apply_rows, solve_lanes, subtract_rows
from langevin.types import Landscape, Rows


def workspace(
    landscape: Landscape, scratch: int = 0, normals: int | None = None, **own: int | tuple[int, ...]
) -> Rows:
    """Rows normals (codim, dim), matrix (codim, codim), weights (codim), scratch, then further rows of the step.

    Args:
        landscape: a surface.
        scratch: number of rows of scratch.
        normals: for how many normals there are rows; by default for all.
        own: further rows of the step, by name.
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
    """matrix (m, m, lanes) = J J^T, of which one half is copied from the other."""
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

    Newton's last linear system along the normals of x leaves the pivots of J(y) J(x)^T there. On the branch of the
    surface with x all are above 0. With one equation this means that the angle of the normals at x and y is below 90
    degrees. The reversed step has the transposed matrix, and so the same result.
    """
    turned = False
    for k in range(matrix.shape[0]):
        turned |= not matrix[k, k, lane] > 0.0
    return turned


@register_jitable
def keep_pivots(matrix, pivots):
    """pivots (m, lanes) = the pivots of J J^T at x, from the diagonal of `matrix`."""
    for k in range(pivots.shape[0]):
        for lane in range(pivots.shape[1]):
            pivots[k, lane] = matrix[k, k, lane]


@register_jitable
def divide_pivots(matrix, pivots):
    """Set the first row of pivots to det J J^T at y over det J J^T at x, factor by factor, so nothing overflows."""
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
