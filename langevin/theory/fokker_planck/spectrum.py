"""Relaxation rates of the Fokker-Planck equation, on a mesh and on a line: lowest eigenvalues of the generator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from langevin.errors import NumericalError, unfit
from langevin.one_thread import one_thread
from langevin.theory.fokker_planck.cells import IntArray, Mesh, box_mesh
from langevin.theory.fokker_planck.generators import hops, solver, steady_state
from langevin.theory.quadrature import cut_off
from langevin.types import FloatArray

#: Shift of the inverse iteration, in units of theta / (longest side)^2: below all rates that are not exponentially
#: small.
SHIFT = 1e-2
#: Cells of the mesh on a line.
CELLS = 600


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
    inverse = LinearOperator(shifted.shape, matvec=solver(shifted), dtype=float)
    try:
        with one_thread():
            _, modes = eigsh(
                symmetric, k=count, sigma=-shift, which="LM", OPinv=inverse, v0=_rough(mesh.size)
            )
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


def _rough(cells: int) -> FloatArray:
    """A start vector that contains every mode, the same at every call."""
    return np.random.default_rng(0).standard_normal(cells)
