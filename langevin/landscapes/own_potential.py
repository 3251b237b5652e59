"""Makes a user-defined potential."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from langevin.errors import unfit
from langevin.landscapes.curvature import curvature_met
from langevin.types import FloatArray, Kernel, Landscape
from langevin.types.landscape import OWN_POTENTIAL


def potential(
    value: Kernel,
    gradient: Kernel,
    dim: int,
    *,
    parameters: tuple[Any, ...] = (),
    start: ArrayLike | None = None,
    stiffness: float | None = None,
    target: Kernel | tuple[Kernel, ...] | None = None,
    name: str | None = None,
) -> Landscape:
    """Make a landscape of user-defined value and gradient kernels.

    `value(x, out, parameters)` and `gradient(x, out, parameters)` get x of shape (dim, lanes), one walker in each lane.
    They fill out, (lanes,) or (dim, lanes), in explicit loops. `langevin.lanewise` makes such a kernel from a function
    for one walker. `langevin check` tests whether `gradient` is the gradient of `value`.

    Args:
        value: loss kernel.
        gradient: its gradient kernel.
        dim: number of coordinates.
        parameters: floats and float64 arrays that the kernels receive.
        start: where all walkers start, (dim,); the origin if absent.
        stiffness: largest curvature of the loss. If absent, it is the largest curvature at the start and on rays from
            there, up to points where the loss has changed by 10 theta (`curvature_met`).
        target: kernel of the signed distance to a target, negative inside, or a tuple of such kernels.
        name: for tables and files. If absent, it is "own potential"; commands use the name of the factory.

    Raises:
        UsageError: the start has another shape, or the dimension is below 1.
    """
    place = np.zeros(dim) if start is None else np.asarray(start, np.float64)
    if dim < 1 or place.shape != (dim,) or not np.isfinite(place).all():
        raise unfit(
            "a potential", "needs dim >= 1 and a finite start of shape (dim,)", f"{dim}, {place.shape}"
        )
    if stiffness is not None and not 0.0 <= stiffness < math.inf:
        raise unfit(
            "stiffness", "must be finite and at least 0", f"{stiffness}", "leave it out to have it measured"
        )

    def states(uniforms: FloatArray, temperature: float) -> FloatArray:
        return np.broadcast_to(place, uniforms.shape).copy()

    def curvature(temperature: float) -> float:
        if stiffness is not None:
            return stiffness
        return curvature_met(value, gradient, place, parameters, temperature)

    return Landscape(
        name=name or OWN_POTENTIAL,
        dim=dim,
        parameters=tuple(parameters),
        start=states,
        stiffness=curvature,
        value=value,
        gradient=gradient,
        target=target,
    )
