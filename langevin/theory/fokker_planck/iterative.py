"""The backward equation on large meshes in three dimensions, by conjugate gradients with a bound on the error.

The matrix A = -G^T of the cells outside a target satisfies detailed balance: scaled by the root of the Gibbs masses it
is symmetric and positive. Conjugate gradients give each cell the weight of this root, so cells high up in the loss
converge last. Steps of iterative refinement, each for the residual of the step before, make them converge. A^-1 has no
negative entry, so the residual b - A u bounds the error in every cell: if |b - A u| <= c d everywhere with d > 0, the
error is at most c A^-1 d (Varga, Matrix Iterative Analysis, section 3.5).
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from langevin.errors import NumericalError, UsageError
from langevin.one_thread import one_thread
from langevin.theory.fokker_planck.generators import MOST_DIRECT
from langevin.types import FloatArray

#: Relative error of a solution in every cell: the goal, and the largest allowed error.
ACCURACY, WORST = 1e-8, 1e-5
#: Fraction of the residual after a round, largest number of rounds, and largest number of iterations in a round.
ROUND, ROUNDS, ITERATIONS = 1e-6, 12, 5_000
#: Largest difference of the loss over theta between cells, so that floats can represent the roots of their Gibbs
#: masses.
HIGHEST = 1400.0


class Solve(Protocol):
    """The map b -> A^-1 b for b (live,) >= 0; the error is relative to A^-1 size, with `size` > 0 or b by default."""

    def __call__(self, load: FloatArray, size: float | None = None) -> FloatArray:
        """The solution (live,)."""


def refined_solver(matrix: Any, heights: FloatArray) -> Solve:
    """Solver of A u = b with an error of at most `ACCURACY` times A^-1 size in every cell, or `WORST` with round-off.

    The number of iterations grows as the number of cells along an axis, so the time grows as cells^(4/3): 216 000
    cells, with a loss range of 20 temperatures, take from ten seconds to a minute. For a range of some tens of
    temperatures the error may stay above `WORST`; the solver then raises an error.

    Args:
        matrix: A, sparse (live, live).
        heights: loss over theta, (live,).

    Raises:
        UsageError: the loss is too high for the roots of the Gibbs masses.
        NumericalError: (from the solver) no convergence, or an error that may exceed `WORST`.
    """
    from scipy.sparse import diags_array

    span = float(np.ptp(heights))
    if span > HIGHEST:
        raise UsageError(
            f"the loss on this mesh spans {span:.3g} temperatures, above {HIGHEST:g}",
            f"a span of at most {HIGHEST:g} temperatures",
            f"leave out its highest cells by body, or take at most {MOST_DIRECT} cells",
        )
    rows = matrix.tocsr()
    scale = 1 / np.sqrt(rows.diagonal())
    scaling = diags_array(scale)
    symmetric = (scaling @ symmetrised(rows) @ scaling).tocsr()
    roots = np.exp((heights.min() - heights) / 2)

    def solve(load: FloatArray, size: float | None = None) -> FloatArray:
        unit = load if size is None else size
        answer: FloatArray = np.zeros(len(load))
        left, error = load, np.inf
        for _ in range(ROUNDS):
            change = _conjugate_gradients(symmetric, roots * scale * left) * scale / roots
            refined = answer + change
            remaining = load - rows @ refined
            after = float(np.abs(remaining / unit).max())
            if not after < error:
                break
            answer, left, error = refined, remaining, after
            if error <= ACCURACY:
                return answer
        if error <= WORST:
            return answer
        raise NumericalError(
            f"the solution on this mesh is not sure beyond {error:.1g} of its value, for the loss spans {span:.3g} "
            f"temperatures",
            remedy=f"leave out its highest cells by body, or take at most {MOST_DIRECT} cells",
        )

    return solve


def symmetrised(matrix: Any) -> Any:
    """The symmetric matrix with the diagonal of A and -sqrt(A_ij A_ji) elsewhere: A scaled by roots of Gibbs masses."""
    from scipy.sparse import diags_array

    diagonal = matrix.diagonal()
    off = matrix - diags_array(diagonal)
    return diags_array(diagonal) - off.multiply(off.T).sqrt()


def _conjugate_gradients(symmetric: Any, load: FloatArray) -> FloatArray:
    from scipy.sparse.linalg import cg

    # The norm of a load near the square root of the smallest float underflows.
    unit = float(np.abs(load).max()) or 1.0
    with one_thread():
        solution, failed = cg(symmetric, load / unit, rtol=ROUND, maxiter=ITERATIONS)
    if failed:
        raise NumericalError(
            f"the equation on this mesh did not converge in {ITERATIONS} iterations",
            remedy="raise the temperature, or take fewer cells",
        )
    return np.asarray(unit * solution)
