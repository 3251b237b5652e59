"""The door for a reader's own zero-loss surface."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from langevin.errors import UsageError
from langevin.kernels.compile import jitable
from langevin.kernels.curvature import largest_curvature
from langevin.types import FloatArray, Kernel, Manifold


def constraint(
    residual: Kernel,
    jacobian: Kernel,
    dim: int,
    codim: int,
    *,
    start: ArrayLike,
    parameters: tuple[Any, ...] = (),
    name: str | None = None,
) -> Manifold:
    """Make the surface {r(x) = 0} of your own residual map, with the loss |r|^2 / 2.

    `residual(x, out, parameters)` fills out (codim, lanes) and `jacobian(x, out, parameters)` out
    (codim, dim, lanes), for x of shape (dim, lanes), in explicit loops. `langevin check` finds a Jacobian that is not
    that of the residual.

    Args:
        residual: kernel of r.
        jacobian: kernel of dr/dx.
        dim: number of coordinates.
        codim: number of equations, at most dim.
        start: a point of the surface, (dim,), where all walkers start.
        parameters: floats and float64 arrays handed to the kernels.
        name: for tables and files; the name of the residual function if absent.

    Raises:
        UsageError: a start of another shape or off the surface, equations that depend on one another there.
    """
    place = np.asarray(start, np.float64)
    if not 1 <= codim <= dim or place.shape != (dim,) or not np.isfinite(place).all():
        raise UsageError(
            f"constraint needs 1 <= codim <= dim and a finite start of shape ({dim},), got {place.shape}"
        )
    _check_start(residual, jacobian, place, codim, parameters)
    gradient = _gradient(residual, jacobian, codim)

    def states(uniforms: FloatArray, temperature: float) -> FloatArray:
        return np.broadcast_to(place, uniforms.shape).copy()

    return Manifold(
        name=name or residual.__name__,
        dim=dim,
        codim=codim,
        parameters=tuple(parameters),
        start=states,
        stiffness=lambda temperature: largest_curvature(gradient, place, parameters),
        residual=residual,
        jacobian=jacobian,
        value=_value(residual, codim),
        gradient=gradient,
        samples=codim,
    )


def _check_start(residual: Kernel, jacobian: Kernel, place: FloatArray, codim: int, parameters: Any) -> None:
    r, slopes = np.empty((codim, 1)), np.empty((codim, place.size, 1))
    residual(place[:, None].copy(), r, parameters)
    jacobian(place[:, None].copy(), slopes, parameters)
    J = slopes[:, :, 0]
    rank = np.linalg.matrix_rank(J)
    if rank < codim:
        raise UsageError(
            f"{codim} equations have rank {rank} at the start; leave out those that follow from others"
        )
    off = float(np.linalg.norm(np.linalg.lstsq(J, r[:, 0], rcond=None)[0]))
    if off > 1e-6 * (1.0 + float(np.linalg.norm(place))):
        raise UsageError(f"the start is about {off:.2g} off the surface r(x) = 0; give a point on it")


def _value(residual: Kernel, codim: int) -> Kernel:
    inner = jitable(residual)

    def value(x: Any, out: Any, parameters: Any) -> None:
        r = np.empty((codim, x.shape[1]))
        inner(x, r, parameters)
        for lane in range(x.shape[1]):
            out[lane] = 0.0
        for a in range(codim):
            for lane in range(x.shape[1]):
                out[lane] += 0.5 * r[a, lane] * r[a, lane]

    return value


def _gradient(residual: Kernel, jacobian: Kernel, codim: int) -> Kernel:
    """J^T r, in scratch of its own: closed-form gradients are faster where they exist."""
    inner, slopes = jitable(residual), jitable(jacobian)

    def gradient(x: Any, out: Any, parameters: Any) -> None:
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
