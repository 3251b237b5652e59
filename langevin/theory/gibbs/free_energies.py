"""Free energies of regions, and the occupancies that follow from them: the volume effect.

F(U) = -theta log(Z_U / Z), with Z_U = int_U exp(-f / theta) dx, is the free energy of a region: its probability in the
Gibbs distribution is e^(-F / theta). In a flat body this is the fraction of the volume. F gives the occupancies in
equilibrium, not the order of arrivals: a rate also needs a prefactor with a unit (Hanggi, Talkner and Borkovec, Rev.
Mod. Phys. 62 (1990) 251).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from langevin.errors import UsageError, unfit
from langevin.theory.fokker_planck.cells import BoolArray, Mesh
from langevin.theory.fokker_planck.generators import check_energies
from langevin.types import Curve, FloatArray, Prediction

#: The harmonic share is in range if the barrier is at least this many temperatures.
LEAST_BARRIER = 5.0


def mesh_log_partition(
    mesh: Mesh, energies: FloatArray, temperature: float, where: BoolArray | None = None
) -> float:
    """Logarithm of Z_U = int_U exp(-f / theta) dx over the cells of a mask (size,).

    Midpoint rule: the error is of second order in the spacing if the region ends on faces of cells.

    Args:
        mesh: the cells.
        energies: potential at the centres of the cells, (size,).
        temperature: theta.
        where: mask (size,) of the cells of U; all cells if absent.

    Raises:
        UsageError: temperature not positive, energies that are not a potential on this mesh, or an empty region.
    """
    check_energies(mesh, energies, temperature)
    chosen = np.ones(mesh.size, bool) if where is None else np.asarray(where, bool)
    if chosen.shape != (mesh.size,) or not chosen.any():
        raise UsageError(
            f"a region is a mask of {mesh.size} cells with at least one in it",
            "one boolean a cell, one of them true",
            "use region",
        )
    return float(np.logaddexp.reduce(-energies[chosen] / temperature)) + math.log(mesh.volume)


def free_energy(mesh: Mesh, energies: FloatArray, temperature: float, where: BoolArray) -> float:
    """F(U) = -theta log(Z_U / Z) of the cells of a mask (size,); it is not negative, and zero for the whole mesh.

    Args:
        mesh: the cells.
        energies: potential at the centres of the cells, (size,).
        temperature: theta.
        where: mask (size,) of the cells of U.

    Raises:
        UsageError: as `mesh_log_partition`.
    """
    part = mesh_log_partition(mesh, energies, temperature, where)
    return temperature * (mesh_log_partition(mesh, energies, temperature) - part)


def wide_share(
    mesh: Mesh, energies: FloatArray, temperature: float, wide: BoolArray, narrow: BoolArray
) -> float:
    """Time in one region over the time in both regions, Z_wide / (Z_wide + Z_narrow), in equilibrium.

    By detailed balance it is also the rate narrow -> wide over the sum of both rates.

    Args:
        mesh: the cells.
        energies: potential at the centres of the cells, (size,).
        temperature: theta.
        wide: mask (size,) of one region.
        narrow: mask (size,) of the other region.

    Raises:
        UsageError: the regions overlap, or as `mesh_log_partition`.
    """
    wide, narrow = np.asarray(wide, bool), np.asarray(narrow, bool)
    if wide.shape != narrow.shape or (wide & narrow).any():
        raise unfit("wide and narrow", "must be masks of the same mesh that share no cell", "")
    odds = mesh_log_partition(mesh, energies, temperature, wide) - mesh_log_partition(
        mesh, energies, temperature, narrow
    )
    return _share(odds)


def harmonic_share(
    wide: Sequence[float], narrow: Sequence[float], depth: float, temperature: float, barrier: float
) -> Prediction:
    """Fraction of time in the wide well by Laplace's method: odds sqrt(prod k_narrow / prod k_wide) e^(depth / theta).

    Args:
        wide: curvatures (eigenvalues of the Hessian) at the bottom of the wide well, one for each dimension.
        narrow: curvatures at the bottom of the narrow well.
        depth: loss of the narrow well minus loss of the wide well.
        temperature: theta.
        barrier: rise from the higher bottom to the saddle; in range from 5 temperatures on. The relative error of the
            odds is proportional to theta / barrier.

    Raises:
        UsageError: curvatures or temperature not positive, or not one for each dimension.
    """
    if len(wide) != len(narrow) or not wide or not all(0 < k < math.inf for k in (*wide, *narrow)):
        raise unfit(
            "curvatures", "must be positive, one for each dimension in both wells", f"{wide} and {narrow}"
        )
    if not 0 < temperature < math.inf:
        raise unfit("temperature", "must be positive and finite", f"{temperature}")
    entropy = 0.5 * sum(math.log(a / b) for a, b in zip(narrow, wide))
    return Prediction(_share(entropy + depth / temperature), in_range=barrier >= LEAST_BARRIER * temperature)


def wide_share_curve(odds: float) -> Curve:
    """Fraction of time r^m / (1 + r^m) in the wide region, over the number m of directions in which it is wider.

    Args:
        odds: r, the factor of the odds for one direction: the ratio of sides of two similar chambers, or
            sqrt(k_narrow / k_wide) for parabolic walls, on every section of a canal.

    Raises:
        UsageError: the odds are not positive; on evaluation, a negative number of directions.
    """
    if not 0 < odds < math.inf:
        raise unfit("odds", "must be positive and finite", f"{odds}", "take for instance 2")

    def predict(directions: float) -> Prediction:
        if not 0 <= directions < math.inf:
            raise unfit("the number of directions", "must be 0 or more", f"{directions}")
        return Prediction(_share(directions * math.log(odds)))

    return Curve(
        "volume", predict, "equilibrium; what joins the regions is small", "Gibbs law: a ratio of volumes"
    )


def _share(log_odds: float) -> float:
    """e^x / (1 + e^x), without overflow for any x."""
    return math.exp(-np.logaddexp(0.0, -log_odds))
