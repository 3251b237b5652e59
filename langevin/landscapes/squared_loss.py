"""The loss f = |r|^2 / 2 of a residual map and its gradient J^T r, as kernels of r and J.

They allocate their own scratch, so kernels that are written for one landscape are faster if they are short.
"""

from __future__ import annotations

import numpy as np

from langevin.kernels.compile import jitable
from langevin.types import Kernel


def value_of(residual: Kernel, codim: int) -> Kernel:
    """Kernel of |r|^2 / 2 for `codim` equations."""
    inner = jitable(residual)

    def value(x, out, parameters):
        r = np.empty((codim, x.shape[1]))
        inner(x, r, parameters)
        for lane in range(x.shape[1]):
            out[lane] = 0.0
        for a in range(codim):
            for lane in range(x.shape[1]):
                out[lane] += 0.5 * r[a, lane] * r[a, lane]

    return value


def gradient_of(residual: Kernel, jacobian: Kernel, codim: int) -> Kernel:
    """Kernel of J^T r for `codim` equations."""
    inner, slopes = jitable(residual), jitable(jacobian)

    def gradient(x, out, parameters):
        dim, lanes = x.shape
        r, J = np.empty((codim, lanes)), np.empty((codim, dim, lanes))
        inner(x, r, parameters)
        slopes(x, J, parameters)
        for i in range(dim):
            for lane in range(lanes):
                out[i, lane] = 0.0
        for a in range(codim):
            for i in range(dim):
                for lane in range(lanes):
                    out[i, lane] += J[a, i, lane] * r[a, lane]

    return gradient
