"""The backward equation on large meshes in three dimensions, by conjugate gradients with a bound on the error.

The matrix A = -G^T of the cells outside a target is in detailed balance: scaled by the root of the Gibbs masses it is
symmetric, and positive. Conjugate gradients weigh a cell by that root, so cells high up in the loss come out last;
steps of iterative refinement, each for what the one before has left, bring them in. A^-1 has no negative entry, and so
what is left of A u = b decides the error in every cell: if |b - A u| <= c d everywhere with d > 0, the error is at most
c A^-1 d (Varga, Matrix Iterative Analysis, section 3.5).
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from langevin.errors import NumericalError, UsageError
from langevin.one_thread import one_thread
from langevin.theory.fokker_planck import MOST_DIRECT
from langevin.types import FloatArray

#: Relative error of a solution, in every cell: what is asked for, and what is let pass.
ACCURACY, WORST = 1e-8, 1e-5
#: What a round leaves of the residual, rounds at most, and iterations of a round at most.
ROUND, ROUNDS, ITERATIONS = 1e-6, 12, 5_000
#: Largest difference of the loss over theta between cells: the roots of their Gibbs masses are floats.
HIGHEST = 1400.0


class Solve(Protocol):
    """The map b -> A^-1 b for b (live,) >= 0; `size`, positive, is where the error is measured against, b if absent."""

    def __call__(self, load: FloatArray, size: float | None = None) -> FloatArray:
        """The solution (live,)."""


def refined_solver(matrix: Any, heights: FloatArray) -> Solve:
    """Solver of A u = b, to an error of at most `ACCURACY` times A^-1 size in every cell, or `WORST` by round-off.

    Iterations go as the number of cells along an axis, so the time as cells^(4/3): 216 000 cells, with a loss that
    spans 20 temperatures, take from ten seconds to a minute. From some tens of temperatures on the error may stay above
    `WORST`, and that is said.

    Args:
        matrix: A, sparse (live, live).
        heights: loss over theta, (live,).

    Raises:
        UsageError: a loss too high for the roots of the Gibbs masses.
        NumericalError (of the solver): no convergence, or an error that may exceed `WORST`.
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
    """The symmetric matrix with A's diagonal and -sqrt(A_ij A_ji) off it: A scaled by the roots of Gibbs masses."""
    from scipy.sparse import diags_array

    diagonal = matrix.diagonal()
    off = matrix - diags_array(diagonal)
    return diags_array(diagonal) - off.multiply(off.T).sqrt()


def _conjugate_gradients(symmetric: Any, load: FloatArray) -> FloatArray:
    from scipy.sparse.linalg import cg

    # A load of the square root of the smallest float has no norm.
    unit = float(np.abs(load).max()) or 1.0
    with one_thread():
        solution, failed = cg(symmetric, load / unit, rtol=ROUND, maxiter=ITERATIONS)
    if failed:
        raise NumericalError(
            f"the equation on this mesh did not converge in {ITERATIONS} iterations",
            remedy="raise the temperature, or take fewer cells",
        )
    return np.asarray(unit * solution)
