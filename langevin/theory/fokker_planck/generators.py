"""The Fokker-Planck equation on a line and on a mesh: its generator, evolution in time, and relaxation rates.

The generators are exponentially fitted finite volumes; time advances by Crank-Nicolson steps.

Scharfetter and Gummel, IEEE Trans. Electron Devices 16 (1969) 64: the flux through a face is
(theta / h) (B(delta / theta) p_left - B(-delta / theta) p_right), with p the density, delta the rise of the
potential from the left centre to the right one, and B(u) = u / (e^u - 1). It uses the *difference* of the potential at
two centres, so exp(-f / theta) at the centres is exactly stationary on any mesh, with detailed balance. The scheme of
J. S. Chang and G. Cooper, J. Comput. Phys. 6 (1970) 1, with the force sampled at faces, does not have this property.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from langevin.errors import NumericalError, UsageError, unfit
from langevin.one_thread import one_thread
from langevin.theory.fokker_planck.cells import IntArray, Mesh, box_mesh
from langevin.theory.quadrature import cut_off
from langevin.types import FloatArray

#: Largest number of cells in three dimensions for a direct solution: a few seconds and a gigabyte.
MOST_DIRECT = 40_000
#: In one and two dimensions a row of the matrix has at most this number of entries.
FLAT = 5
#: Shift of the inverse iteration, in units of theta / (longest side)^2, below all rates but exponentially small ones.
SHIFT = 1e-2
#: Cells of the mesh on a line.
CELLS = 600


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
    """Generator, sparse CSC (cells, cells), of hops low -> high and back at the given rates, all arrays (faces,).

    Args:
        low: index of the lower cell of each face, (faces,).
        high: index of the upper cell of each face, (faces,).
        forward: rates of hops low -> high, (faces,), 1 / time.
        backward: rates of hops high -> low, (faces,), 1 / time.
        cells: number of cells.
    """
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


def hops(
    mesh: Mesh, energies: FloatArray, temperature: float
) -> tuple[IntArray, IntArray, FloatArray, FloatArray]:
    """Cells low and high of every face, the rate of hops low -> high and the rate of hops back, each (faces,).

    The rate is theta / h^2 B(+-(f_high - f_low) / theta). `energies` (size,) are the potential at the centres.

    Args:
        mesh: of the box.
        energies: f, the potential at the centres of the cells, (size,).
        temperature: theta, energy.

    Raises:
        UsageError: temperature not positive, energies not finite, or not one energy for each cell.
    """
    check_energies(mesh, energies, temperature)
    lows, highs, forwards, backwards = [], [], [], []
    for axis, spacing in enumerate(mesh.spacing):
        low, high = mesh.faces(axis)
        rises = (energies[high] - energies[low]) / temperature
        lows.append(low)
        highs.append(high)
        forwards.append(temperature / spacing**2 * bernoulli(rises))
        backwards.append(temperature / spacing**2 * bernoulli(-rises))
    return np.concatenate(lows), np.concatenate(highs), np.concatenate(forwards), np.concatenate(backwards)


def mesh_generator(mesh: Mesh, energies: FloatArray, temperature: float) -> Any:
    """Matrix G (size, size) of dp/dt = G p for the masses p of the cells, sparse CSC, for `evolve`.

    The columns of G add up to zero, because all walls are mirrors. The transpose of G evolves expectations.

    Args:
        mesh: the cells.
        energies: potential at the centres of the cells, (size,).
        temperature: theta.

    Raises:
        UsageError: as `hops`.
    """
    return assemble(*hops(mesh, energies, temperature), mesh.size)


def steady_state(mesh: Mesh, energies: FloatArray, temperature: float) -> FloatArray:
    """Masses (size,) of the Gibbs distribution exp(-f / theta), which is stationary under the generator; sum 1.

    Args:
        mesh: the cells.
        energies: potential at the centres of the cells, (size,).
        temperature: theta.

    Raises:
        UsageError: as `hops`.
    """
    check_energies(mesh, energies, temperature)
    weights = np.exp((energies.min() - energies) / temperature)
    return np.asarray(weights / weights.sum())


def check_energies(mesh: Mesh, energies: FloatArray, temperature: float) -> None:
    """Refuse energies that are not a potential on this mesh.

    Args:
        mesh: of the box.
        energies: the potential at the centres of the cells, (size,).
        temperature: theta, energy.

    Raises:
        UsageError: temperature not positive, energies not finite, or not one energy for each cell.
    """
    if not 0 < temperature < math.inf:
        raise unfit("temperature", "must be positive and finite", f"{temperature}", "take for instance 1")
    if energies.shape != (mesh.size,) or not np.isfinite(energies).all():
        raise unfit(
            "energies",
            f"must be {mesh.size} finite numbers, one for each cell",
            f"{energies.shape}",
            "use energies_on",
        )


def relaxation_rates(mesh: Mesh, energies: FloatArray, temperature: float, count: int) -> FloatArray:
    """The `count` lowest eigenvalues of -G, ascending; the first is exactly 0, the steady state.

    Scaling by the root of the Gibbs masses makes G symmetric, with sqrt(forward x backward) off its diagonal (Risken,
    The Fokker-Planck Equation, section 6.3). Shifted inverse iteration finds the space of slow modes. The rates are the
    eigenvalues of the Dirichlet form sum_faces C (u_high - u_low)^2 on this space. The form is a sum of squares, so
    even very small rates keep their relative accuracy.

    Args:
        mesh: the cells.
        energies: potential at the centres of the cells, (size,).
        temperature: theta.
        count: number of rates.

    Raises:
        UsageError: count is not from 1 to size - 2, or as `hops`.
        NumericalError: the iteration did not converge.
    """
    from scipy.sparse import eye_array
    from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigsh

    if not 1 <= count <= mesh.size - 2:
        raise unfit("count", f"must be from 1 to {mesh.size - 2} (cells less 2)", f"{count}")
    low, high, forward, backward = hops(mesh, energies, temperature)
    symmetric = _symmetric(low, high, forward, backward, mesh.size)
    shift = SHIFT * temperature / float(np.max(np.subtract(mesh.upper, mesh.lower))) ** 2
    shifted = symmetric + shift * eye_array(mesh.size, format="csc")
    start = np.random.default_rng(0).standard_normal(mesh.size)  # contains every mode, the same at every call
    inverse = LinearOperator(shifted.shape, matvec=solver(shifted), dtype=float)
    try:
        with one_thread():
            _, modes = eigsh(symmetric, k=count, sigma=-shift, which="LM", OPinv=inverse, v0=start)
    except ArpackNoConvergence:
        raise NumericalError(f"{count} relaxation rates did not converge", remedy="ask for fewer") from None
    # The steady state is known. It is projected out, so that round-off cannot mix it into a very slow mode.
    steady = np.sqrt(steady_state(mesh, energies, temperature))
    others = np.linalg.svd(modes - np.outer(steady, steady @ modes), full_matrices=False)[0][:, : count - 1]
    # sqrt(C) u = sqrt(C / mass) mode, and C / mass is the rate of the hop.
    slopes = np.sqrt(backward)[:, None] * others[high] - np.sqrt(forward)[:, None] * others[low]
    return np.concatenate([[0.0], np.linalg.svd(slopes, compute_uv=False)[::-1] ** 2])


def spectral_gap(mesh: Mesh, energies: FloatArray, temperature: float) -> float:
    """Rate of the slowest relaxation to the Gibbs distribution; between two wells A and B it is k_AB + k_BA.

    Args:
        mesh: the cells.
        energies: potential at the centres of the cells, (size,).
        temperature: theta.

    Raises:
        UsageError, NumericalError: as `relaxation_rates`.
    """
    return float(relaxation_rates(mesh, energies, temperature, 2)[1])


def slowest_rate_on_line(value: Callable[[float], float], temperature: float) -> float:
    """Slowest rate of the relaxation to the Gibbs distribution, on a mesh where this distribution is not negligible.

    Args:
        value: f as a function of the position; it must confine.
        temperature: theta.

    Raises:
        UsageError: the loss does not confine walkers.
        NumericalError: the barriers are so high that the rate is smaller than the round-off error.
    """
    lower, upper = (cut_off(value, 0.0, side, temperature) for side in (-1, 1))
    mesh = box_mesh([lower], [upper], [CELLS])
    energies = np.array([value(float(place)) for place in mesh.centres[0]])
    return spectral_gap(mesh, energies, temperature)


def _symmetric(low: IntArray, high: IntArray, forward: FloatArray, backward: FloatArray, cells: int) -> Any:
    from scipy.sparse import coo_array

    mean = -np.sqrt(forward * backward)
    entries = np.concatenate([mean, mean, forward, backward])
    rows, columns = np.concatenate([low, high, low, high]), np.concatenate([high, low, low, high])
    return coo_array((entries, (rows, columns)), shape=(cells, cells)).tocsc()
