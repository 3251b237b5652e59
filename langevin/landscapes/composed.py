"""Kernels that are made of others: the squared loss of a residual map, and kernels of two landscapes together.

The loss f = |r|^2 / 2 of a residual map and its gradient J^T r are kernels of r and J. They allocate their own scratch,
so kernels that are written for one landscape are faster if they are short. If two landscapes are put together, the
parameters are a pair, one item for each.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from langevin.errors import UsageError
from langevin.kernels.compile import jitable
from langevin.types import Kernel, Landscape


def value_of(residual: Kernel, codim: int) -> Kernel:
    """Kernel of |r|^2 / 2 for `codim` equations.

    Args:
        residual: kernel of r.
        codim: number of equations.
    """
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
    """Kernel of J^T r for `codim` equations.

    Args:
        residual: kernel of r.
        jacobian: kernel of J.
        codim: number of equations.
    """
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


def check_plain(*losses: Landscape) -> None:
    """Refuse landscapes that are not plain losses, without other parts.

    Raises:
        UsageError: one of the landscapes has equations, walls or parts, or no value or gradient.
    """
    for loss in losses:
        if loss.is_surface or loss.is_body or loss.value is None or loss.gradient is None or loss.parts:
            raise UsageError(
                f"{loss.name} is no plain loss",
                "a loss with a value and a gradient, and no residual, walls, field, diffusion or drive",
                "make one by langevin.potentials.potential or from_expression",
            )


def targets_of_first(landscape: Landscape) -> Any:
    """The target of the first landscape, or its targets, which take the pair."""
    if isinstance(landscape.target, tuple):
        return tuple(of_first(target) for target in landscape.target)
    return of_first(landscape.target)


def of_first(kernel: Kernel | None) -> Any:
    """A kernel (x, out, parameters) of the first landscape, which takes the pair; None stays None."""
    if kernel is None:
        return None
    inner = jitable(kernel)

    def first(x, out, parameters):
        inner(x, out, parameters[0])

    return first


def of_second(kernel: Kernel | None) -> Any:
    """A kernel (x, out, parameters) of the second landscape, which takes the pair; None stays None."""
    if kernel is None:
        return None
    inner = jitable(kernel)

    def second(x, out, parameters):
        inner(x, out, parameters[1])

    return second
