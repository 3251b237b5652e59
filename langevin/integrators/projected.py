"""Projected diffusion on a surface r(x) = 0: a Gaussian kick, then a return to the surface.

The return decides which law is simulated. With y = x + sqrt(2 theta dt) xi off the surface, a projector
that slides y along the surface by kappa times half the second fundamental term gives a drift
-kappa theta grad(1/2 log det J J^T) and hence the invariant density det(J J^T)^(-kappa/2) against the
surface measure:

    nearest       nearest point of the surface               kappa = 0
    shake         along the normals at the start, J(x)^T      kappa = 0
    flow          Gauss-Newton flow dy/ds = -J^+ r            kappa = 1   (as gradient flow: Katzenberger 1991)
    gauss-newton  full Gauss-Newton steps y - J(y)^+ r(y)     kappa = 2

(nearest and shake as in Ciccotti, Lelievre and Vanden-Eijnden 2008; kappa derived to second order in
the kick.) Noise projected on the tangent space first has no normal part, so every projector gives kappa = 0.
Weak order 1.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from langevin.errors import UsageError
from langevin.integrators.pieces import constraint_of
from langevin.integrators.return_to_surface import RETURNS
from langevin.kernels.compile import jitable
from langevin.kernels.linear_solve import apply_rows, gram, solve_lanes, subtract_rows
from langevin.types import Integrator, Kernel, Landscape, Manifold

PROJECTIONS = ("nearest", "shake", "flow", "gauss-newton")
NOISES = ("isotropic", "tangent")
#: Invariant measure of isotropic noise with each projection; tangent noise gives `surface` with any.
ISOTROPIC_MEASURES = {"nearest": "surface", "shake": "surface", "flow": "gibbs", "gauss-newton": "det^-1"}
#: The pair that serves a target measure.
ALGORITHMS = {"surface": ("shake", "tangent"), "gibbs": ("flow", "isotropic")}


def implied_measure(projection: str, noise: str) -> str:
    """The invariant measure of a projection with a noise: `surface`, `gibbs` or `det^-1`."""
    if projection not in PROJECTIONS:
        raise UsageError(f"projection must be one of {', '.join(PROJECTIONS)}, got {projection!r}")
    if noise not in NOISES:
        raise UsageError(f"noise must be one of {', '.join(NOISES)}, got {noise!r}")
    return "surface" if noise == "tangent" else ISOTROPIC_MEASURES[projection]


def projected(projection: str = "shake", noise: str = "tangent") -> Integrator:
    """Return the step `kick, then project`, for every manifold with a residual and a Jacobian."""
    measure = implied_measure(projection, noise)
    return Integrator(
        name=f"projected ({projection}, {noise} noise)",
        dynamics="projected",
        weak_order=1.0,
        build=lambda landscape: _build(landscape, projection, noise == "tangent"),
        work_rows=_work_rows,
        can_fail=True,
        measure=measure,
        reference="Ciccotti, Lelievre and Vanden-Eijnden 2008; Katzenberger 1991",
    )


def projected_to(measure: str) -> Integrator:
    """Return the projected step whose invariant law is `surface` or `gibbs`."""
    if measure not in ALGORITHMS:
        raise UsageError(f"measure must be surface or gibbs, got {measure!r}")
    return projected(*ALGORITHMS[measure])


def _codim(landscape: Landscape) -> int:
    return landscape.codim if isinstance(landscape, Manifold) else 0


def _work_rows(landscape: Landscape) -> int:
    codim = _codim(landscape)
    return 2 * landscape.dim + 2 * codim * landscape.dim + codim * codim + codim + 2


def _build(landscape: Landscape, projection: str, tangent: bool) -> Kernel:
    residual, jacobian = constraint_of(landscape)
    size = _codim(landscape)
    give_back = jitable(RETURNS[projection](residual, jacobian))

    def step(
        x: Any, noise: Any, previous: Any, work: Any, memory: Any, status: Any, dt: float, temperature: float,
        parameters: Any,
    ) -> None:  # fmt: skip
        dim, lanes = x.shape
        kick = np.sqrt(2.0 * temperature * dt)
        end = dim
        displaced = work[0:end]
        normals = work[end : end + size * dim].reshape((size, dim, lanes))
        end += size * dim
        matrix = work[end : end + size * size].reshape((size, size, lanes))
        end += size * size
        weights = work[end : end + size]
        end += size
        scratch = work[end:]
        jacobian(x, normals, parameters)
        for i in range(dim):
            for lane in range(lanes):
                displaced[i, lane] = kick * noise[i, lane]
        if tangent:
            apply_rows(normals, displaced, weights)
            gram(normals, normals, matrix)
            solve_lanes(matrix, weights)
            subtract_rows(displaced, normals, weights)
        for i in range(dim):
            for lane in range(lanes):
                displaced[i, lane] += x[i, lane]
        give_back(x, displaced, normals, matrix, weights, scratch, status, parameters)

    return step
