"""Small linear systems, one a lane, by Gaussian elimination."""

from numba.extending import register_jitable


@register_jitable
def solve_lanes(matrix, right):
    """Overwrite `right` (m, lanes) with the solution of matrix @ y = right; matrix (m, m, lanes) is destroyed.

    No pivoting: the matrices are J J^T or a small step away from it, so positive definite where the
    equations are independent. A singular one leaves infinities, which the caller counts as a failure.
    """
    size, lanes = right.shape
    for k in range(size):
        for i in range(k + 1, size):
            for lane in range(lanes):
                factor = matrix[i, k, lane] / matrix[k, k, lane]
                matrix[i, k, lane] = factor
                right[i, lane] -= factor * right[k, lane]
            for j in range(k + 1, size):
                for lane in range(lanes):
                    matrix[i, j, lane] -= matrix[i, k, lane] * matrix[k, j, lane]
    for back in range(size):
        k = size - 1 - back
        for j in range(k + 1, size):
            for lane in range(lanes):
                right[k, lane] -= matrix[k, j, lane] * right[j, lane]
        for lane in range(lanes):
            right[k, lane] = right[k, lane] / matrix[k, k, lane]


@register_jitable
def gram(left, right, out):
    """out[a, b] = sum_i left[a, i] right[b, i] for each lane; left, right (m, dim, lanes)."""
    for a in range(out.shape[0]):
        for b in range(out.shape[1]):
            for lane in range(out.shape[2]):
                out[a, b, lane] = 0.0
            for i in range(left.shape[1]):
                for lane in range(out.shape[2]):
                    out[a, b, lane] += left[a, i, lane] * right[b, i, lane]


@register_jitable
def apply_rows(rows, x, out):
    """out[a] = sum_i rows[a, i] x[i] for each lane; rows (m, dim, lanes), x (dim, lanes)."""
    for a in range(rows.shape[0]):
        for lane in range(x.shape[1]):
            out[a, lane] = 0.0
        for i in range(x.shape[0]):
            for lane in range(x.shape[1]):
                out[a, lane] += rows[a, i, lane] * x[i, lane]


@register_jitable
def subtract_rows(x, rows, weights):
    """x -= rows^T weights for each lane; rows (m, dim, lanes), weights (m, lanes)."""
    for a in range(rows.shape[0]):
        for i in range(x.shape[0]):
            for lane in range(x.shape[1]):
                x[i, lane] -= rows[a, i, lane] * weights[a, lane]
