"""The Fokker-Planck equation on a mesh in one to three dimensions: hops over faces, generator, steady state.

The fluxes are those of Scharfetter and Gummel (`fokker_planck`), one for each face. They use the *difference* of the
potential at two centres, so exp(-f / theta) at the centres is exactly stationary, with detailed balance. The scheme of
J. S. Chang and G. Cooper, J. Comput. Phys. 6 (1970) 1, with the force sampled at faces, does not have this property.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from langevin.errors import unfit
from langevin.theory.fokker_planck.cells import IntArray, Mesh
from langevin.theory.fokker_planck.line import assemble, bernoulli
from langevin.types import FloatArray


def hops(
    mesh: Mesh, energies: FloatArray, temperature: float
) -> tuple[IntArray, IntArray, FloatArray, FloatArray]:
    """Cells low and high of every face, the rate of hops low -> high and the rate of hops back, each (faces,).

    The rate is theta / h^2 B(+-(f_high - f_low) / theta). `energies` (size,) are the potential at the centres.

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
