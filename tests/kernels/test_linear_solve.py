"""Small linear algebra over lanes against NumPy; the kernels run as plain Python."""

import numpy as np
import pytest

from langevin.kernels.lane_matrices import apply_rows, gram, solve_lanes, subtract_rows

LANES, DIM = 3, 6


def rows_of(size, seed=0):
    return np.random.default_rng(seed).standard_normal((size, DIM, LANES))


@pytest.mark.parametrize("size", [1, 2, 5])
def test_solve_as_numpy_does(size):
    """Equations J J^T y = b; the error of both solvers is round-off times the condition number, below 1e3 here."""
    rows = rows_of(size)
    matrix = np.einsum("ail,bil->abl", rows, rows)
    right = np.random.default_rng(1).standard_normal((size, LANES))
    exact = [np.linalg.solve(matrix[:, :, lane], right[:, lane]) for lane in range(LANES)]
    solve_lanes(matrix, right)
    np.testing.assert_allclose(right.T, exact, rtol=1e-11)


@pytest.mark.filterwarnings("ignore:divide by zero", "ignore:invalid value")
def test_equations_that_depend_on_one_another_leave_no_finite_answer():
    matrix = np.ones((2, 2, LANES))
    right = np.array([[1.0] * LANES, [2.0] * LANES])
    solve_lanes(matrix, right)
    assert not np.isfinite(right).any()


def test_products_as_numpy_does():
    left, right, x = rows_of(2), rows_of(2, seed=1), np.random.default_rng(2).standard_normal((DIM, LANES))
    products = np.empty((2, 2, LANES))
    gram(left, right, products)
    np.testing.assert_allclose(products, np.einsum("ail,bil->abl", left, right), rtol=1e-13)
    weights = np.empty((2, LANES))
    apply_rows(left, x, weights)
    np.testing.assert_allclose(weights, np.einsum("ail,il->al", left, x), rtol=1e-12)
    rest = x.copy()
    subtract_rows(rest, left, weights)
    np.testing.assert_allclose(rest, x - np.einsum("ail,al->il", left, weights), rtol=1e-12)
