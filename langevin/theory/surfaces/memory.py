"""Correlations in time of a stationary walk on a compact two-dimensional surface, by finite elements on triangles.

Let A be minus the generator (`surface_spectrum`); it is symmetric with the stationary distribution p as weight. The
correlation of g(x(0)) and g(x(t)) is (b, e^(-t A) b) with b = (g - E g) / sd g. This is a sum of e^(-rate t) over all
relaxation rates; the weight of a rate is the square of the part of g in its mode. The Lanczos iteration with
(A + shift)^-1 replaces it by a sum over a few rates, as Gauss quadrature does for an integral (G. H. Golub and G.
Meurant, Matrices, Moments and Quadrature, 2010, chapter 7).
"""

from __future__ import annotations

import numpy as np

from langevin.errors import UsageError, unfit
from langevin.theory.fokker_planck.cells import richardson
from langevin.theory.fokker_planck.generators import solver
from langevin.theory.surfaces.generator import Observable, values_of
from langevin.theory.surfaces.laws import SurfaceLaw
from langevin.theory.surfaces.spectrum import _masses_and_form, surface_rates
from langevin.theory.surfaces.triangulation import Triangles, Triangulation
from langevin.types import Curve, FloatArray, Prediction

#: Steps of the iteration, and of the shorter iteration for the error.
STEPS, FEWER = 16, 12
#: Shift over the slowest rate.
SHIFT = 3.0
#: A function counts as constant if its standard deviation over its largest size is at most this.
LEVEL = 1e-9
SOURCE = "finite elements: Dziuk, Lect. Notes Math. 1357 (1988) 142; quadrature: Golub and Meurant (2010)"


def slowest_surface_rate(
    surface: Triangulation, law: SurfaceLaw, temperature: float, potential: Observable | None = None
) -> float:
    """The slowest relaxation rate above 0 on the coarsest mesh, correct to some per cent; raises as `surface_rates`.

    Args:
        surface: the triangulated surface.
        law: a law with heat.
        temperature: theta.
        potential: as in `surface_masses`.
    """
    coarsest = Triangulation(surface.name, surface.meshes[:1] * 3, surface.euler)
    return surface_rates(coarsest, law, temperature, 2, potential)[1].value


def surface_correlation(
    surface: Triangulation,
    law: SurfaceLaw,
    temperature: float,
    function: Observable,
    potential: Observable | None = None,
) -> Curve:
    """Correlation of a function with its later value, over the time between them, in the stationary distribution.

    The remainder is the change from the coarser meshes, plus the change from a shorter iteration.

    Args:
        surface: the triangulated surface.
        law: a law with heat.
        temperature: theta.
        function: states (points, dim) to values (points,).
        potential: as in `surface_masses`.

    Raises:
        UsageError: as `surface_masses`, or the function is constant; on evaluation, a negative time.
    """
    shift = SHIFT * slowest_surface_rate(surface, law, temperature, potential)
    parts = [_parts(mesh, law, temperature, function, shift, potential) for mesh in surface.meshes[:2]]

    def predict(time: float) -> Prediction:
        if not 0 <= time < np.inf:
            raise unfit("the time", "must be at least 0 and finite", f"{time}")
        whole = [_sum(rates, weights, time) for rates, weights in (long for long, _ in parts)]
        short = _sum(*parts[1][1], time)
        found = richardson(dict(enumerate(whole, 1)).__getitem__, 1)
        return Prediction(found.value, found.remainder + abs(whole[1] - short))

    return Curve(
        "spectrum", predict, "closed surface of two dimensions; steps small compared with it", SOURCE
    )


Parts = tuple[FloatArray, FloatArray]


def _parts(
    mesh: Triangles,
    law: SurfaceLaw,
    temperature: float,
    function: Observable,
    shift: float,
    potential: Observable | None,
) -> tuple[Parts, Parts]:
    """Rates and weights of a function, by the whole iteration and by a shorter one."""
    from scipy.sparse import diags_array, eye_array

    masses, form = _masses_and_form(mesh, law, temperature, potential)
    roots = np.sqrt(masses / masses.sum())
    scaling = diags_array(1 / np.sqrt(masses))
    solve = solver((scaling @ form @ scaling + shift * eye_array(len(masses))).tocsc())
    values = values_of(function, mesh.points)
    start = roots * (values - roots**2 @ values)
    size = float(np.linalg.norm(start))
    if not size > LEVEL * float(np.abs(values).max()):
        raise UsageError(
            "a function that is the same all over a surface has no correlation",
            "one that changes",
            "take another",
        )
    basis, diagonal, off_diagonal = [start / size], [], []
    for _ in range(STEPS):
        ahead = solve(basis[-1])
        diagonal.append(float(ahead @ basis[-1]))
        known = np.array([roots, *basis])
        for _ in range(2):  # one pass does not give all digits
            ahead = ahead - known.T @ (known @ ahead)
        off_diagonal.append(float(np.linalg.norm(ahead)))
        if off_diagonal[-1] <= LEVEL * diagonal[0]:
            break
        basis.append(ahead / off_diagonal[-1])
    longest = len(diagonal)
    return (
        _quadrature(diagonal, off_diagonal, longest, shift),
        _quadrature(diagonal, off_diagonal, min(FEWER, longest), shift),
    )


def _quadrature(diagonal: list[float], off_diagonal: list[float], count: int, shift: float) -> Parts:
    """Rates and weights after `count` steps: eigenvalues of the tridiagonal matrix, and first parts of its vectors."""
    from scipy.linalg import eigh_tridiagonal

    values, vectors = eigh_tridiagonal(diagonal[:count], off_diagonal[: count - 1])
    return 1.0 / np.maximum(values, np.finfo(float).tiny) - shift, vectors[0] ** 2


def _sum(rates: FloatArray, weights: FloatArray, time: float) -> float:
    return float(weights @ np.exp(-np.maximum(rates, 0.0) * time))
