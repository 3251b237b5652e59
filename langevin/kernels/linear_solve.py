"""Small linear systems, one a lane, by Gaussian elimination."""

from numba.extending import register_jitable

from langevin.kernels.lane_dot import add_dot, subtract_dot


@register_jitable
def solve_lanes(matrix, right):
    """Overwrite `right` (m, lanes) with the solution of matrix @ y = right; matrix (m, m, lanes) is destroyed.

    No pivoting: the matrices are J J^T or a small step away from it, so positive definite where the
    equations are independent; their pivots are left on the diagonal. A singular one leaves infinities, which the
    caller counts as a failure.
    """
    size, lanes = right.shape
    for i in range(size):
        for j in range(size):
            subtract_dot(matrix[i, j], matrix, i * size, 1, matrix, j, size, j if j < i else i)
            if j < i:
                for lane in range(lanes):
                    matrix[i, j, lane] = matrix[i, j, lane] / matrix[j, j, lane]
        subtract_dot(right[i], matrix, i * size, 1, right, 0, 1, i)
    for back in range(size):
        k = size - 1 - back
        subtract_dot(right[k], matrix, k * size + k + 1, 1, right, k + 1, 1, back)
        for lane in range(lanes):
            right[k, lane] = right[k, lane] / matrix[k, k, lane]


@register_jitable
def gram(left, right, out):
    """out[a, b] = sum_i left[a, i] right[b, i] for each lane; left, right (m, dim, lanes)."""
    size, dim, lanes = left.shape
    for a in range(size):
        for b in range(size):
            for lane in range(lanes):
                out[a, b, lane] = 0.0
            add_dot(out[a, b], left, a * dim, 1, right, b * dim, 1, dim)


@register_jitable
def apply_rows(rows, x, out):
    """out[a] = sum_i rows[a, i] x[i] for each lane; rows (m, dim, lanes), x (dim, lanes)."""
    size, dim, lanes = rows.shape
    for a in range(size):
        for lane in range(lanes):
            out[a, lane] = 0.0
        add_dot(out[a], rows, a * dim, 1, x, 0, 1, dim)


@register_jitable
def subtract_rows(x, rows, weights):
    """x -= rows^T weights for each lane; rows (m, dim, lanes), weights (m, lanes)."""
    size, dim = rows.shape[:2]
    for i in range(dim):
        subtract_dot(x[i], rows, i, dim, weights, 0, 1, size)
