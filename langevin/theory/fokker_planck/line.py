"""The Fokker-Planck equation by exponentially fitted finite volumes, on a line; Crank-Nicolson in time.

Scharfetter and Gummel, IEEE Trans. Electron Devices 16 (1969) 64: the flux through a face is
(theta / h) (B(delta / theta) p_left - B(-delta / theta) p_right), with p the density, delta the rise of the
potential from the left centre to the right one, and B(u) = u / (e^u - 1). So exp(-f / theta) at the centres
is exactly stationary on any mesh. Two and three dimensions: `fokker_planck_mesh`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from langevin.errors import UsageError, unfit
from langevin.theory.fokker_planck.cells import IntArray
from langevin.types import FloatArray

#: Largest number of cells in three dimensions for a direct solution: a few seconds and a gigabyte.
MOST_DIRECT = 40_000
#: In one and two dimensions a row of the matrix has at most this number of entries.
FLAT = 5


def bernoulli(u: FloatArray) -> FloatArray:
    """B(u) = u / (e^u - 1), with B(0) = 1, without overflow for any u."""
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        return np.where(u == 0, 1.0, u / np.expm1(u))


def generator(rises: FloatArray, spacing: float, temperature: float, periodic: bool = False) -> Any:
    """Matrix G of dp/dt = G p for the masses p of equal cells, sparse CSC; its columns add up to zero.

    Args:
        rises: rise of the potential from each centre to the next. With reflecting walls their number is one less than
            the number of cells. If `periodic`, there is one for each cell, the last one back to the first cell; a sum
            other than zero is a tilt.
        spacing: cell width h.
        temperature: theta.
        periodic: whether the last cell borders the first.

    Raises:
        UsageError: temperature or spacing not positive.
    """
    if not (temperature > 0 and spacing > 0):
        raise unfit("temperature and spacing", "must be positive", f"{temperature} and {spacing}")
    cells = len(rises) + (0 if periodic else 1)
    left = np.arange(len(rises))
    right = (left + 1) % cells
    rate = temperature / spacing**2
    forward, backward = rate * bernoulli(rises / temperature), rate * bernoulli(-rises / temperature)
    return assemble(left, right, forward, backward, cells)


def assemble(low: IntArray, high: IntArray, forward: FloatArray, backward: FloatArray, cells: int) -> Any:
    """Generator, sparse CSC (cells, cells), of hops low -> high and back at the given rates, all arrays (faces,)."""
    from scipy.sparse import coo_array

    entries = np.concatenate([forward, -forward, backward, -backward])
    rows, columns = np.concatenate([high, low, low, high]), np.concatenate([low, low, high, high])
    return coo_array((entries, (rows, columns)), shape=(cells, cells)).tocsc()


def solver(matrix: Any) -> Any:
    """The map b -> matrix^-1 b by sparse LU, for a matrix with a symmetric pattern and a dominant diagonal.

    Raises:
        UsageError: there are so many cells in three dimensions that the solution would fill the memory.
    """
    from scipy.sparse.linalg import splu

    if matrix.shape[0] > MOST_DIRECT and matrix.nnz > FLAT * matrix.shape[0]:
        raise UsageError(
            f"{matrix.shape[0]} cells in three dimensions are too many for a direct solution, which evolve and "
            f"relaxation_rates need",
            f"at most {MOST_DIRECT} cells",
            "take fewer",
        )

    # Pivoting is not needed; without it the fill is half as large.
    options = {"SymmetricMode": True}
    return splu(matrix.tocsc(), permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options=options).solve


def evolve(matrix: Any, initial: FloatArray, time: float, steps: int) -> FloatArray:
    """Solution at `time` of du/dt = matrix u from `initial` (cells,), for a generator or its transpose.

    Crank-Nicolson, of second order in time / steps, with its first two steps replaced by four implicit Euler half
    steps, which damp the roughness of a point mass (Rannacher, Numer. Math. 43 (1984) 309). If the columns of the
    matrix add up to zero, the sum of u is constant to round-off. The transpose of a generator evolves expectations.

    Args:
        matrix: sparse matrix (cells, cells), a generator or its transpose.
        initial: u at time 0, (cells,).
        time: length of the evolution.
        steps: number of time steps, at least 2.

    Raises:
        UsageError: fewer than 2 steps, or a negative time.
    """
    from scipy.sparse import eye_array

    if steps < 2 or time < 0:
        raise unfit("evolve", "needs steps >= 2 and time >= 0", f"{steps} and {time}")
    half_step = (time / steps / 2) * matrix
    identity = eye_array(matrix.shape[0], format="csc")
    solve = solver(identity - half_step)
    explicit = (identity + half_step).tocsr()
    state = np.array(initial, float)
    for _ in range(4):
        state = solve(state)
    for _ in range(steps - 2):
        state = solve(explicit @ state)
    return state
