"""The tangent part of moves, by the landscape's own kernel or by a linear system of the normals.

A kernel `keep(x, move, normals, matrix, weights, scratch, parameters)` leaves of `move` (dim, lanes) its part in the
tangent space at x. By the normals, the pivots of J J^T at x stay on the diagonal of `matrix`; `scratch` is that of the
landscape's return.
"""

from __future__ import annotations

from langevin.kernels.compile import jitable
from langevin.steps.landscape_kernels import constraint_of
from langevin.steps.normal_vectors import keep_tangent
from langevin.types import Kernel, Landscape


def knows_tangent(landscape: Landscape) -> bool:
    """Whether the landscape's own kernels give the tangent part and the retraction, so that no normals are needed."""
    return landscape.retract is not None and landscape.tangent is not None


def by_normals(landscape: Landscape) -> Kernel:
    """The tangent part by J^T (J J^T)^(-1) J; `normals` are left as J(x)."""
    _, jacobian = constraint_of(landscape)

    def keep(x, move, normals, matrix, weights, scratch, parameters):
        jacobian(x, normals, parameters)
        keep_tangent(move, normals, matrix, weights)

    return keep


def own_tangent(landscape: Landscape) -> Kernel:
    """The tangent part by the landscape's own kernel."""
    assert landscape.tangent
    tangent = jitable(landscape.tangent)

    def keep(x, move, normals, matrix, weights, scratch, parameters):
        tangent(x, move, scratch, parameters)

    return keep
