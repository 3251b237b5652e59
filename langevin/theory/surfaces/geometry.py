"""How a surface r(x) = 0 bends at a point, and how its normal curvatures change along it: from J near the point.

With J = sum_k s_k u_k n_k^T (singular values) and D_j = dJ/dx along the orthonormal tangent t_j, the normal curvature
of the loss is a_k = s_k^2, and its slope along t_j is 2 s_k u_k . D_j n_k. The second fundamental form along n_k is
-u_k . D_j t_i / s_k; this follows from r = 0, differentiated twice along a curve of the surface.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from langevin.theory.surfaces.drift import DEPENDENT, _equations, normal_curvatures
from langevin.theory.surfaces.laws import SurfaceLaw
from langevin.theory.surfaces.points import beside
from langevin.types import FloatArray, Landscape

#: Difference over |x|, and upper limit of the length over |x| on which a surface changes.
REACH, LONGEST_LENGTH = 1e-3, 10.0
#: Relative difference of a curvature for the slope of the potential of a law.
SHARE = 1e-3


@dataclass(frozen=True)
class SurfaceShape:
    """A surface at a point.

    curvatures  (codim,)            a_k, eigenvalues of J J^T, descending
    slopes      (codim, tangents)   da_k / dt_j; for equal a_k only the sum over them is defined
    bends       (codim,)            largest second fundamental form along n_k
    changes     (codim,)            largest slope of log a_k, including the rotation of its normal n_k
    tangents    (tangents, dim)     orthonormal
    length      length on which the surface bends, or its curvatures change
    """

    curvatures: FloatArray
    slopes: FloatArray
    bends: FloatArray
    changes: FloatArray
    tangents: FloatArray
    length: float

    def potential_slopes(self, law: SurfaceLaw) -> FloatArray:
        """dPhi / da_k (codim,); 2 theta times this is the variance across the surface along n_k."""
        a = self.curvatures
        shifts = SHARE * np.diag(a)
        values = law.potential(np.concatenate([a + m * shifts for m in (-2, -1, 1, 2)])).reshape(4, len(a))
        slopes: FloatArray = (values[0] - values[3] + 8 * (values[2] - values[1])) / (12 * SHARE * a)
        return slopes

    def gradient(self, law: SurfaceLaw) -> FloatArray:
        """Gradient (tangents,) of the potential of the law along the tangents."""
        slope: FloatArray = self.potential_slopes(law) @ self.slopes
        return slope


def surface_shape(manifold: Landscape, place: FloatArray) -> SurfaceShape:
    """The shape of a surface at one of its points (dim,).

    Args:
        manifold: a surface, with a residual and a Jacobian.
        place: a point of the surface, (dim,).

    Raises:
        UsageError: the manifold is a body, or the point has another shape.
        NumericalError: near the point the equations are not defined or depend on one another.
    """
    normal_curvatures(manifold, place[None])
    size = float(np.linalg.norm(place)) or 1.0
    h = REACH * size
    J = _equations(manifold, place[None])[1][0]
    u, s, directions = np.linalg.svd(J, full_matrices=True)
    normals, along = directions[: len(s)], directions[len(s) :]
    sides = beside(manifold, place[None], h * np.concatenate([along, -along])[None])[0]
    ahead, behind = np.split(_equations(manifold, sides)[1], 2)
    D = np.einsum("ak,jai->jki", u, (ahead - behind) / (2 * h))
    B = np.einsum("jki,li->kjl", D, along) / s[:, None, None]
    turns = np.einsum("jki,li->jkl", D, normals)  # d(u_k . J n_l)
    products = turns * s[None, None, :] + turns.swapaxes(1, 2) * s[None, :, None]
    relative = np.moveaxis(products / np.outer(s, s), 1, 0)
    bends, changes = (np.linalg.norm(forms, 2, axis=(1, 2)) for forms in (B, relative))
    second = np.abs(_mean_logs(ahead) + _mean_logs(behind) - 2 * np.log(s**2).mean()).max() / h**2
    inverse = np.sqrt(np.max(bends**2 + changes**2) + second)
    length = min(1 / inverse if inverse > 0 else np.inf, LONGEST_LENGTH * size)
    slopes = np.ascontiguousarray(np.diagonal(products, axis1=1, axis2=2).T)
    return SurfaceShape(s**2, slopes, bends, changes, along, float(length))


def _mean_logs(jacobians: FloatArray) -> FloatArray:
    """Mean of log a_k (points,), which is smooth where curvatures cross."""
    values = np.linalg.svd(jacobians, compute_uv=False)
    return np.asarray(2 * np.log(np.maximum(values, DEPENDENT * values[:, :1])).mean(axis=1))
