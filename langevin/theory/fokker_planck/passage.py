"""First passage on a mesh: mean and variance of the time to a target, survival, committor.

The backward equation -grad f . grad T + theta Laplacian T = -1 has T = 0 on the target. On the mesh the target is a set
of cells, or whole walls of the box. It begins at the *face* between a cell and the target, half a cell from the centre.
So the error is of order h^2 for a target with flat faces, and of order h^(4/3) at a re-entrant edge. Source: Gardiner,
Handbook of Stochastic Methods, sections 5.2.7 and 5.4; committor: W. E and Vanden-Eijnden, J. Stat. Phys. 123 (2006)
503.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from langevin.errors import NumericalError, UsageError, unfit
from langevin.theory.fokker_planck.cells import BoolArray, Mesh
from langevin.theory.fokker_planck.generators import MOST_DIRECT, assemble, bernoulli, hops, solver
from langevin.theory.fokker_planck.iterative import Solve, refined_solver
from langevin.types import FloatArray

#: A side of the box: (axis, "lower" or "upper").
Wall = tuple[int, str]
#: Largest allowed relative error by round-off, eps x fastest rate x longest mean time.
WORST_LOSS = 1e-3


def absorbing_generator(
    mesh: Mesh,
    energies: FloatArray,
    temperature: float,
    target: BoolArray | None = None,
    walls: Sequence[Wall] = (),
) -> tuple[Any, BoolArray]:
    """Generator for the walkers that have not arrived, for `evolve`, and the mask (size,) of their cells.

    Args:
        mesh: the cells.
        energies: potential at the centres, (size,).
        temperature: theta.
        target: mask (size,) of absorbing cells.
        walls: absorbing sides of the box.

    Returns:
        The matrix (live, live), sparse CSC, over the cells outside the target, and the mask of these cells. The sum of
        the evolved masses is the survival probability.

    Raises:
        UsageError: no cell or wall absorbs, all cells absorb, the mask has another shape, or as `hops`.
    """
    from scipy.sparse import diags_array

    absorbed = np.zeros(mesh.size, bool) if target is None else np.asarray(target, bool)
    low, high, forward, backward = hops(mesh, energies, temperature)
    arrival = arrival_rates(mesh, energies, temperature, absorbed, walls)
    live = ~absorbed
    if not (arrival.any() and live.any()):
        raise UsageError(
            "first passage needs a target that is there and does not fill the body",
            "a target with a cell, and a cell outside it",
            "change it",
        )
    number = np.cumsum(live) - 1
    between = live[low] & live[high]
    inner = assemble(
        number[low[between]], number[high[between]], forward[between], backward[between], int(live.sum())
    )
    return (inner - diags_array(arrival[live])).tocsc(), live


def arrival_rates(
    mesh: Mesh, energies: FloatArray, temperature: float, absorbed: BoolArray, walls: Sequence[Wall] = ()
) -> FloatArray:
    """Rate (size,) of hops from each cell outside a set into the set: over half a cell, with half the rise.

    Args:
        mesh: of the box.
        energies: the potential at the centres of the cells, (size,).
        temperature: theta, energy.
        absorbed: mask of the cells in the set, (size,).
        walls: sides of the box that absorb too, as (axis, `lower` or `upper`).

    Raises:
        UsageError: the mask has another shape, or a wall is unknown.
    """
    if absorbed.shape != (mesh.size,):
        raise UsageError(
            f"a target is a mask of {mesh.size} cells, got {absorbed.shape}",
            "one boolean a cell",
            "use region or target_on",
        )
    rates = np.zeros(mesh.size)
    for axis, spacing in enumerate(mesh.spacing):
        low, high = mesh.faces(axis)
        for here, there in ((low, high), (high, low)):
            into = absorbed[there] & ~absorbed[here]
            _add(rates, here[into], (energies[there] - energies[here])[into], spacing, temperature)
    for axis, side in walls:
        at_wall = mesh.wall(axis, side)
        low, high = mesh.faces(axis) if side == "upper" else mesh.faces(axis)[::-1]
        # The potential at the wall continues the slope between the last two centres.
        rises = np.zeros(mesh.size)
        rises[high] = energies[high] - energies[low]
        _add(rates, at_wall, rises[at_wall], mesh.spacing[axis], temperature)
    rates[absorbed] = 0
    return rates


def mean_passage_time(
    mesh: Mesh,
    energies: FloatArray,
    temperature: float,
    target: BoolArray | None = None,
    walls: Sequence[Wall] = (),
) -> FloatArray:
    """Mean time (size,) from each centre to the target (mask of cells, walls of the box, or both); 0 on it.

    Args:
        mesh: the cells.
        energies: potential at the centres of the cells, (size,).
        temperature: theta.
        target: mask (size,) of absorbing cells.
        walls: absorbing sides of the box.

    Raises:
        UsageError: as `absorbing_generator`.
        NumericalError: the times are so long that round-off would decide them.
    """
    return passage_moments(mesh, energies, temperature, target, walls)[0]


def passage_moments(
    mesh: Mesh,
    energies: FloatArray,
    temperature: float,
    target: BoolArray | None = None,
    walls: Sequence[Wall] = (),
) -> tuple[FloatArray, FloatArray]:
    """Mean and variance of the first-passage time from each centre, both (size,).

    The second moment M solves the equation of the mean with 2 T in place of 1 (Gardiner, equation 5.2.154).

    Args:
        mesh: the cells.
        energies: potential at the centres of the cells, (size,).
        temperature: theta.
        target: mask (size,) of absorbing cells.
        walls: absorbing sides of the box.

    Raises:
        UsageError: as `absorbing_generator`.
        NumericalError: the times are so long that round-off would decide them.
    """
    matrix, live = absorbing_generator(mesh, energies, temperature, target, walls)
    solve, times = _backward(mesh, matrix, energies[live] / temperature)
    mean, variance = np.zeros(mesh.size), np.zeros(mesh.size)
    mean[live], variance[live] = times, solve(2 * times) - times**2
    return mean, variance


def committor(
    mesh: Mesh, energies: FloatArray, temperature: float, origin: BoolArray, target: BoolArray
) -> FloatArray:
    """Probability (size,) to reach the cells `target` before the cells `origin`; 0 on origin, 1 on target.

    Args:
        mesh: the cells.
        energies: potential at the centres of the cells, (size,).
        temperature: theta.
        origin: mask (size,) of the cells A.
        target: mask (size,) of the cells B.

    Raises:
        UsageError: the sets overlap or are empty, or as `absorbing_generator`.
        NumericalError: as `mean_passage_time`.
    """
    origin, target = np.asarray(origin, bool), np.asarray(target, bool)
    if origin.shape != target.shape or (origin & target).any() or not (origin.any() and target.any()):
        raise unfit("a committor", "needs two sets of cells that are not empty and share no cell", "")
    matrix, live = absorbing_generator(mesh, energies, temperature, origin | target)
    solve, times = _backward(mesh, matrix, energies[live] / temperature)
    answer = target.astype(float)
    answer[live] = solve(arrival_rates(mesh, energies, temperature, target)[live], size=1 / times.max())
    return answer


def _backward(mesh: Mesh, matrix: Any, heights: FloatArray) -> tuple[Solve, FloatArray]:
    """Solver of the backward equation, and the mean times (live,).

    The solver is direct, except on large meshes in three dimensions. `heights` is the loss over theta, (live,). The
    size of the mean times decides the accuracy.
    """
    if mesh.dim == 3 and matrix.shape[0] > MOST_DIRECT:
        solve = refined_solver(-matrix.T, heights)
    else:
        solve = _direct(-matrix.T)
    times = np.asarray(solve(np.ones(matrix.shape[0])))
    # The round-off of the diagonal acts as a false rate of arrival, eps x rate.
    loss = float(np.finfo(float).eps * abs(matrix.diagonal()).max() * abs(times).max())
    if not loss <= WORST_LOSS:
        raise NumericalError(
            f"times of {abs(times).max():.2g} on this mesh are not sure beyond {loss:.1g} of their value",
            remedy="raise the temperature, take fewer cells, or use spectral_gap, which has no such limit",
        )
    return solve, times


def _direct(matrix: Any) -> Solve:
    inverse = solver(matrix)
    return lambda load, size=None: np.asarray(inverse(load))


def _add(rates: FloatArray, cells: Any, rises: FloatArray, spacing: float, temperature: float) -> None:
    half_cell = 2 * temperature / spacing**2 * bernoulli(rises / (2 * temperature))
    np.add.at(rates, cells, half_cell)
