"""The equations of a surface at given points, and the retraction of nearby points to it: in NumPy, for a few points."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from langevin.errors import NumericalError, UsageError, unfit
from langevin.landscapes.evaluate import evaluate
from langevin.types import FloatArray, Landscape

MOST_STEPS = 100
MOST_HALVINGS = 30
#: A step this small, relative to the point and to the first step, is the last one.
SETTLED = 1e-14
#: If the equations depend on one another, a step leaves more than this fraction of the residual.
UNREACHED = 0.5


def equations_at(manifold: Landscape, states: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Residuals (points, codim) and Jacobians (points, codim, dim) at states (points, dim).

    They are not finite if the equations are not defined. The kernels run as plain Python: some microseconds for each
    number.
    """
    if not manifold.is_surface:
        raise UsageError(
            f"{manifold.name} has no residual map, so it is no surface",
            "a surface",
            "give a manifold that is r(x) = 0",
        )
    return evaluate(manifold, "residual", states), evaluate(manifold, "jacobian", states)


def project_to(manifold: Landscape, place: ArrayLike) -> FloatArray:
    """Bring points onto the surface r(x) = 0 by Gauss-Newton steps. A step is halved until |r| falls.

    For points near the surface the result is close to the nearest point of the surface.

    Args:
        manifold: a surface, with a residual and a Jacobian.
        place: the points, (dim,) or (points, dim).

    Raises:
        UsageError: the manifold is a body without equations, or the points have another shape.
        NumericalError: the steps from a point do not reach the surface.
    """
    points = np.array(place, np.float64)
    if points.ndim not in (1, 2) or points.shape[-1] != manifold.dim or not np.isfinite(points).all():
        raise unfit("project_to", f"needs finite points of shape ({manifold.dim},)", f"{points.shape}")
    for row in points.reshape(-1, manifold.dim):
        row[:] = _projected(manifold, row)
    return points


def _projected(manifold: Landscape, start: FloatArray) -> FloatArray:
    x, longest = start, 0.0
    for _ in range(MOST_STEPS):
        r, J = (array[0] for array in equations_at(manifold, x[None]))
        if not (np.isfinite(r).all() and np.isfinite(J).all()):
            break
        step = -np.linalg.lstsq(J, r, rcond=None)[0]
        if np.linalg.norm(r + J @ step) > UNREACHED * np.linalg.norm(r):
            break
        length = float(np.linalg.norm(step))
        longest = max(longest, length)
        if length <= SETTLED * (longest + float(np.linalg.norm(x))):
            return x + step if _falls(manifold, x, step, r) else x
        for _ in range(MOST_HALVINGS):
            if _falls(manifold, x, step, r):
                break
            step = 0.5 * step
        x = x + step
    raise NumericalError(
        f"no point of r(x) = 0 of {manifold.name} was found from {np.array2string(start, threshold=8)}",
        remedy="begin closer "
        "to the surface, and see that the equations have a real solution and do not follow from one another",
    )


def _falls(manifold: Landscape, x: FloatArray, step: FloatArray, r: FloatArray) -> bool:
    """Whether |r| is smaller after the step."""
    after = equations_at(manifold, (x + step)[None])[0][0]
    return bool(np.linalg.norm(after) < np.linalg.norm(r))
