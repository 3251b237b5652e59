"""The retraction along the normals at the middle of the kick: y - J(m)^T l with r = 0, and m = (x + y) / 2.

With normals J(x + s xi), to second order in the kick xi, it moves the walker along the surface by
-s P (DJ[xi])^T (J J^T)^-1 J xi. Over isotropic kicks of variance sigma^2 the mean of this is
-s sigma^2 P grad(1/2 log det J J^T). So s = 0 (`shake`) has no drift, s = 1/2 has the drift of the Gauss-Newton flow,
and s = 1 has twice this drift. It costs one Jacobian more than `shake`.
"""

from __future__ import annotations

from langevin.kernels.compile import jitable
from langevin.kernels.views import views_of
from langevin.steps.landscape_kernels import constraint_of
from langevin.steps.newton_retraction import Retraction, shake
from langevin.types import Kernel, Landscape, Rows


def _rows(landscape: Landscape) -> Rows:
    dim = landscape.dim
    return Rows(scratch=shake.rows(landscape).count, middle=dim, along=(landscape.codim, dim))


def _midpoint(landscape: Landscape) -> Kernel:
    _, jacobian = constraint_of(landscape)
    views, retract = views_of(_rows(landscape)), jitable(shake.build(landscape))

    def project(x, displaced, normals, current, matrix, weights, scratch, status, parameters):
        scratch, middle, along = views(scratch)
        for i in range(x.shape[0]):
            for lane in range(x.shape[1]):
                middle[i, lane] = 0.5 * (x[i, lane] + displaced[i, lane])
        jacobian(middle, along, parameters)
        retract(x, displaced, along, current, matrix, weights, scratch, status, parameters)

    return project


midpoint = Retraction(_midpoint, _rows)
