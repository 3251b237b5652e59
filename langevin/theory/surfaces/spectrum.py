"""Relaxation rates, stationary distribution and means on a compact two-dimensional surface, by finite elements.

Motion along the surface is dx = -theta grad Phi dt - grad V dt + sqrt(2 theta heat) dW, with W Brownian motion on the
surface (`laws`) and V an additional potential. The density is p = exp(-(Phi + V / theta) / heat) / Z. Minus the
generator has the Dirichlet form theta heat int |grad u|^2 p dS. If u is linear on each triangle, this is a sum over the
sides of cot(opposite angle) (u_i - u_j)^2 / 2 (U. Pinkall and K. Polthier, Exp. Math. 2 (1993) 15), times the mean of p
at the corners. A corner has the mass of a third of its triangles. The error is of order h^2 (G. Dziuk, Lect. Notes
Math. 1357 (1988) 142). All meshes are refinements of one mesh, so the results are extrapolated.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

from langevin.errors import NumericalError, UsageError
from langevin.one_thread import one_thread
from langevin.theory.fokker_planck.cells import richardson
from langevin.theory.surfaces.generator import Observable, values_of
from langevin.theory.surfaces.laws import SurfaceLaw
from langevin.theory.surfaces.triangulation import Triangles, Triangulation
from langevin.types import FloatArray, Prediction

#: Largest number of rates: the meshes are too coarse for more.
MOST_RATES = 40
#: Shift of the inverse iteration over theta x heat / area: below all rates that are not exponentially small.
SHIFT = 1e-2
#: Least effective number of corners of the coarsest mesh over which a distribution is spread.
FEWEST_CORNERS = 20.0


def surface_masses(
    mesh: Triangles, law: SurfaceLaw, temperature: float = 1.0, potential: Observable | None = None
) -> FloatArray:
    """Probability (points,) of each corner of a mesh in the stationary distribution.

    Args:
        mesh: one mesh of a triangulation.
        law: a law with heat. `projection_law(0)` gives the surface distribution, `projection_law(1)` the Gibbs
            distribution.
        temperature: theta; it divides the potential.
        potential: V, function of states (points, dim) to (points,); none if absent.

    Raises:
        UsageError: the law has no heat, the temperature is not positive, or the potential is not finite.
    """
    masses = _corners(mesh, _areas(mesh), _heights(mesh, law, temperature, potential))
    return np.asarray(masses / masses.sum())


def surface_mean(
    surface: Triangulation,
    law: SurfaceLaw,
    function: Observable,
    temperature: float = 1.0,
    potential: Observable | None = None,
) -> Prediction:
    """Mean of a function of states (points, dim) in the stationary distribution; the remainder comes from refinement.

    It is out of range if the distribution is too narrow for the triangles (`is_resolved`).

    Args:
        surface: the triangulated surface.
        law: a law with heat.
        function: states (points, dim) to values (points,).
        temperature: theta.
        potential: V, states (points, dim) to (points,); none if absent.

    Raises:
        UsageError: as `surface_masses`, or the values of the function have another shape.
    """

    def answer(mesh: Triangles) -> float:
        return float(surface_masses(mesh, law, temperature, potential) @ values_of(function, mesh.points))

    fine = is_resolved(surface, law, temperature, potential)
    return replace(_extrapolated(surface, answer), in_range=fine)


def is_resolved(
    surface: Triangulation, law: SurfaceLaw, temperature: float, potential: Observable | None = None
) -> bool:
    """Whether the stationary distribution is spread over enough corners of the coarsest mesh.

    Their effective number is 1 / sum(p^2). With fewer, differences between meshes do not bound the error: on the torus
    in linear fields, errors are below .4 of the remainder above 20 corners, and up to 40 remainders below 10.

    Args:
        surface: the triangulated surface.
        law: a law with heat.
        temperature: theta.
        potential: V, states (points, dim) to (points,); none if absent.
    """
    masses = surface_masses(surface.meshes[0], law, temperature, potential)
    return bool(1.0 / np.sum(masses**2) >= FEWEST_CORNERS)


def surface_area(surface: Triangulation) -> Prediction:
    """Area of the surface.

    Args:
        surface: the triangulated surface.
    """
    return _extrapolated(surface, lambda mesh: float(_areas(mesh).sum()))


def surface_rates(
    surface: Triangulation,
    law: SurfaceLaw,
    temperature: float,
    count: int,
    potential: Observable | None = None,
) -> list[Prediction]:
    """The `count` lowest relaxation rates, eigenvalues of minus the generator; the first is 0, the stationary one.

    The mean of every function relaxes to its stationary value by terms exp(-rate t). Remainders come from refinement.

    Args:
        surface: the triangulated surface.
        law: as in `surface_masses`.
        temperature: theta.
        count: number of rates.
        potential: as in `surface_masses`.

    Raises:
        UsageError: count is not from 1 to `MOST_RATES`, or as `surface_masses`.
        NumericalError: the iteration did not converge.
    """
    if not 1 <= count <= MOST_RATES:
        raise UsageError(f"count must be from 1 to {MOST_RATES}, got {count}")
    rates = [_rates(mesh, law, temperature, count, potential) for mesh in surface.meshes]
    return [_limit(same) for same in zip(*rates)]


def triangle_generator(
    mesh: Triangles, law: SurfaceLaw, temperature: float, potential: Observable | None = None
) -> Any:
    """Matrix G of dp/dt = G p for the masses p (points,) of the corners, for `evolve`; its columns add up to zero.

    The transpose of G is the generator for the mean of a function: theta x heat times the Laplace-Beltrami operator,
    plus the drift. `surface_masses` is stationary under G.

    Args:
        mesh: one mesh of a triangulation.
        law: a law with heat.
        temperature: theta.
        potential: V, states (points, dim) to (points,); none if absent.

    Raises:
        UsageError: as `surface_masses`.
    """
    from scipy.sparse import diags_array

    masses, form = _masses_and_form(mesh, law, temperature, potential)
    return -(form @ diags_array(1 / masses)).tocsc()


def _masses_and_form(
    mesh: Triangles, law: SurfaceLaw, temperature: float, potential: Observable | None
) -> tuple[FloatArray, Any]:
    """Masses (points,) and the Dirichlet form, both up to a common factor."""
    heights, areas = _heights(mesh, law, temperature, potential), _areas(mesh)
    return _corners(mesh, areas, heights), temperature * law.heat * _dirichlet(mesh, areas, heights)


def _rates(
    mesh: Triangles, law: SurfaceLaw, temperature: float, count: int, potential: Observable | None
) -> Sequence[float]:
    from scipy.sparse import diags_array
    from scipy.sparse.linalg import ArpackNoConvergence, eigsh

    masses, form = _masses_and_form(mesh, law, temperature, potential)
    # scaled by the roots of the masses, the eigenvalue problem is symmetric with a unit mass matrix
    scaling = diags_array(1 / np.sqrt(masses))
    symmetric = (scaling @ form @ scaling).tocsc()
    shift = SHIFT * temperature * law.heat / _areas(mesh).sum()
    start = np.random.default_rng(0).standard_normal(len(masses))
    try:
        with one_thread():
            found = eigsh(symmetric, k=count, sigma=-shift, v0=start, return_eigenvectors=False)
    except ArpackNoConvergence:
        raise NumericalError(f"{count} relaxation rates did not converge: ask for fewer") from None
    except RuntimeError as error:  # masses that underflow leave a singular matrix
        raise NumericalError(
            "the stationary distribution is too narrow for the triangles", remedy="raise the temperature"
        ) from error
    return [0.0, *np.sort(found)[1:].tolist()]


def _heights(
    mesh: Triangles, law: SurfaceLaw, temperature: float, potential: Observable | None
) -> FloatArray:
    """Density (points,) over its largest value; raises as `surface_masses`."""
    if law.heat == 0:
        raise UsageError(
            f"the law {law.name!r} has no heat along the surface: its motion ends at the minimum of Phi"
        )
    if not 0 < temperature < math.inf:
        raise UsageError(f"temperature must be positive and finite, got {temperature}")
    levels = law.potential(mesh.curvatures)
    if potential is not None:
        levels = levels + values_of(potential, mesh.points) / temperature
    if not np.isfinite(levels).all():
        raise UsageError("the potential is not finite at a point of the surface")
    heights: FloatArray = np.exp((levels.min() - levels) / law.heat)
    return heights


def _areas(mesh: Triangles) -> FloatArray:
    """Area (triangles,) of each triangle, in any number of dimensions."""
    corners = mesh.points[mesh.triangles]
    u, v = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    squares = (u * u).sum(axis=1) * (v * v).sum(axis=1) - (u * v).sum(axis=1) ** 2
    return np.asarray(np.sqrt(squares) / 2)


def _corners(mesh: Triangles, areas: FloatArray, heights: FloatArray) -> FloatArray:
    """Mass (points,): a third of the area of the triangles at a corner, times the density there."""
    thirds = np.bincount(mesh.triangles.ravel(), np.repeat(areas / 3, 3), len(mesh.points))
    return np.asarray(thirds * heights)


def _dirichlet(mesh: Triangles, areas: FloatArray, heights: FloatArray) -> Any:
    """Sparse matrix (points, points) of int grad u . grad v p dS."""
    from scipy.sparse import coo_array, csr_array

    means = heights[mesh.triangles].mean(axis=1)
    rows, columns, entries = [], [], []
    for k in range(3):
        here, left, right = (mesh.triangles[:, (k + i) % 3] for i in range(3))
        products = (mesh.points[left] - mesh.points[here]) * (mesh.points[right] - mesh.points[here])
        half_cotangent = means * products.sum(axis=1) / (4 * areas)
        rows += [left, right, left, right]
        columns += [right, left, left, right]
        entries += [-half_cotangent, -half_cotangent, half_cotangent, half_cotangent]
    size = len(mesh.points)
    where = np.concatenate(rows), np.concatenate(columns)
    return csr_array(coo_array((np.concatenate(entries), where), shape=(size, size)))


def _extrapolated(surface: Triangulation, answer: Callable[[Triangles], float]) -> Prediction:
    return _limit([answer(mesh) for mesh in surface.meshes])


def _limit(answers: Sequence[float]) -> Prediction:
    """The limit of infinite refinement, for errors of order h^2.

    The remainder is that of `richardson`. With three meshes it is at least the change of the limit by the finest mesh,
    because an error with parts of both signs may by chance be equal on two meshes.
    """
    *_, before, limit = [
        None,
        *(richardson(dict(enumerate(pair, 1)).__getitem__, 1) for pair in pairwise(answers)),
    ]
    assert limit is not None
    change = 0.0 if before is None else abs(limit.value - before.value)
    return Prediction(limit.value, max(limit.remainder, change))
