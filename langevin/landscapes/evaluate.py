"""Values of a landscape's kernels at given points, in NumPy: the kernels run as plain Python."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from langevin.errors import UsageError, unfit
from langevin.types import FloatArray, Kernel, Landscape

#: Kernels of a landscape that give numbers at a point, with the shape of these numbers.
SHAPES: dict[str, Callable[[Landscape], tuple[int, ...]]] = {
    "value": lambda landscape: (),
    "gradient": lambda landscape: (landscape.dim,),
    "residual": lambda landscape: (landscape.codim,),
    "jacobian": lambda landscape: (landscape.codim, landscape.dim),
    "walls": lambda landscape: (),
}


def evaluate(landscape: Landscape, kernel: str, points: ArrayLike) -> FloatArray:
    """The numbers that a kernel of a landscape computes at points.

    Args:
        landscape: any landscape.
        kernel: `value`, `gradient`, `residual`, `jacobian` or `walls`.
        points: (points, dim), or one point, (dim,).

    Returns:
        (points,), (points, dim), (points, codim) or (points, codim, dim), without the first axis for one point; NaN or
        infinite if the kernel is not defined there.

    Raises:
        UsageError: the name is unknown, the landscape does not have this kernel, or the points have another shape.
    """
    if kernel not in SHAPES:
        raise unfit("the kernel", f"must be one of {', '.join(SHAPES)}", f"{kernel!r}")
    function: Kernel | None = getattr(landscape, kernel)
    if function is None:
        known = [name for name in SHAPES if getattr(landscape, name) is not None]
        raise UsageError(
            f"{landscape.name} has no {kernel}", allowed=f"it has {', '.join(known) or 'none of the kernels'}"
        )
    given = np.asarray(points, np.float64)
    if given.ndim not in (1, 2) or given.shape[-1] != landscape.dim:
        raise unfit("points", f"must have the shape (points, {landscape.dim})", f"{given.shape}")
    columns = np.array(np.atleast_2d(given).T, order="C")
    out = np.full((*SHAPES[kernel](landscape), columns.shape[1]), np.nan)
    with np.errstate(all="ignore"):
        function(columns, out, landscape.parameters)
    rows: FloatArray = np.moveaxis(out, -1, 0)
    return rows[0] if given.ndim == 1 else rows


def scalar_value(landscape: Landscape) -> Callable[[float], float]:
    """The loss of a landscape of one dimension as a function of a number, infinite if it is not finite."""
    kernel = landscape.value
    if kernel is None or landscape.dim != 1:
        raise UsageError("a loss on a line is needed", "dim = 1", "give a loss on a line")
    x, out = np.empty((1, 1)), np.empty(1)

    def value(position: float) -> float:
        x[0, 0] = position
        with np.errstate(all="ignore"):
            kernel(x, out, landscape.parameters)
        return float(out[0]) if math.isfinite(out[0]) else math.inf

    return value
