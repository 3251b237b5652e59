"""Drift and density on any surface that a residual map defines, from J at the points and near them.

On the surface r(x) = 0 the Hessian of |r|^2 / 2 is J^T J, with the eigenvalues of J J^T across the surface and 0 along
it. The slope of a function of these numbers moves a walker along the surface (`laws`). This file computes it by
central differences along tangents, with steps that are each a quarter of the one before, and Richardson extrapolation.
It takes the step for which the result changes least, so no scale must be known. J may be any kernel, from NumPy or by
autodiff.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import numpy as np
from numpy.typing import ArrayLike

from langevin.errors import NumericalError, UsageError, unfit
from langevin.theory.surfaces.laws import SurfaceLaw
from langevin.types import FloatArray, Landscape

#: Function of the normal curvatures (points, codim), values (points,).
Spectral = Callable[[FloatArray], FloatArray]
#: The longest difference over |x|, and the number of lengths, each a quarter of the one before.
LONGEST, LEVELS = 0.05, 8
#: Equations depend on one another if the smallest singular value of J over the largest is below this.
DEPENDENT = 1e-7


def normal_curvatures(manifold: Landscape, points: ArrayLike) -> FloatArray:
    """Eigenvalues of J J^T (points, codim), ascending: the Hessian of |r|^2 / 2 across the surface.

    Args:
        manifold: with a residual and a Jacobian.
        points: on the surface, (points, dim).

    Raises:
        UsageError: the manifold is a body, or the points have another shape.
        NumericalError: at a point the equations are not defined or depend on one another.
    """
    values = np.linalg.svd(_jacobians(manifold, points), compute_uv=False)[:, ::-1]
    if not (values[:, 0] > DEPENDENT * values[:, -1]).all():
        raise NumericalError(
            f"the equations of {manifold.name} depend on one another at a point",
            remedy="no law holds at points at which J loses rank",
        )
    return np.asarray(values**2)


def log_det_normal_hessian(manifold: Landscape, points: ArrayLike) -> FloatArray:
    """log det J J^T (points,); half of it is the potential of soft motion. Raises as `normal_curvatures`.

    Args:
        manifold: a surface, with a residual and a Jacobian.
        points: on the surface, (points, dim).
    """
    return np.asarray(np.log(normal_curvatures(manifold, points)).sum(axis=1))


def trace_normal_hessian(manifold: Landscape, points: ArrayLike) -> FloatArray:
    """tr J J^T (points,), the trace of the Hessian of |r|^2 / 2 on the surface. Raises as `normal_curvatures`.

    Args:
        manifold: a surface, with a residual and a Jacobian.
        points: on the surface, (points, dim).
    """
    return np.asarray(normal_curvatures(manifold, points).sum(axis=1))


def tangents(manifold: Landscape, points: ArrayLike) -> FloatArray:
    """Orthonormal tangent vectors (points, dim - codim, dim).

    Args:
        manifold: a surface, with a residual and a Jacobian.
        points: on the surface, (points, dim).
    """
    _, _, directions = np.linalg.svd(_jacobians(manifold, points), full_matrices=True)
    return np.asarray(directions[:, manifold.codim :])


def tangential_gradient(
    manifold: Landscape, points: ArrayLike, function: Spectral, reach: float | None = None
) -> tuple[FloatArray, FloatArray]:
    """Gradient along the surface of a function of the normal curvatures, and its numerical error.

    Args:
        manifold: with a residual and a Jacobian.
        points: on the surface, (points, dim).
        function: of the curvatures a (points, codim) and symmetric in them, for example `numpy.log(a).sum(axis=1)`.
        reach: the longest difference; 1/20 of the largest |x| if absent.

    Returns:
        Gradients (points, dim), in ambient coordinates, and bounds on their error (points,): the change from one
        difference to the next, and round-off.

    Raises:
        UsageError: as `normal_curvatures`, or the reach is not positive.
        NumericalError: as `normal_curvatures`, or no difference has a value.
    """
    places = np.asarray(points, float)
    size = float(np.linalg.norm(places, axis=-1).max(initial=0.0))
    longest = reach if reach is not None else LONGEST * (size or 1.0)
    if not 0 < longest < np.inf:
        raise unfit("reach", "must be a length above 0", f"{reach}")
    directions = tangents(manifold, places)
    here = np.abs(function(normal_curvatures(manifold, places)))
    slopes, errors = np.empty(directions.shape[:2]), np.empty(directions.shape[:2])
    steps = longest * 0.25 ** np.arange(LEVELS)
    for j in range(directions.shape[1]):
        table = np.array([_difference(manifold, places, directions[:, j], function, h) for h in steps])
        better = (16 * table[1:] - table[:-1]) / 15
        noise = np.finfo(float).eps * (1 + here) / steps[2:, None]
        doubt = np.where(np.isfinite(better[1:]), np.abs(np.diff(better, axis=0)), np.inf) + noise
        best = (doubt.argmin(axis=0), np.arange(len(places)))
        slopes[:, j], errors[:, j] = better[1:][best], doubt[best]
    if not np.isfinite(errors).all():
        raise NumericalError(
            f"the slope of a potential on {manifold.name} was not found", remedy="give a shorter reach"
        )
    return np.einsum("pj,pji->pi", slopes, directions), np.linalg.norm(errors, axis=1)


def effective_drift(
    manifold: Landscape, points: ArrayLike, law: SurfaceLaw, temperature: float, reach: float | None = None
) -> tuple[FloatArray, FloatArray]:
    """Drift -theta grad Phi of a law along the surface, in addition to Brownian motion on it, and its numerical error.

    Args:
        manifold: with a residual and a Jacobian.
        points: on the surface, (points, dim).
        law: `projection_law` or `noise_law`.
        temperature: theta; D of power-law noise, eta sigma^2 / 2 of label noise.
        reach: as in `tangential_gradient`.

    Returns:
        Drifts (points, dim), tangent to the surface, and bounds on their error (points,).

    Raises:
        UsageError: the temperature is not positive, or as `tangential_gradient`.
        NumericalError: as `normal_curvatures`.
    """
    if not 0 < temperature < np.inf:
        raise unfit("temperature", "must be positive and finite", f"{temperature}")
    gradient, error = tangential_gradient(manifold, points, law.potential, reach)
    return 0.0 - temperature * gradient, temperature * error


def log_density(manifold: Landscape, points: ArrayLike, law: SurfaceLaw) -> FloatArray:
    """Logarithm (points,) of the stationary density with respect to the surface measure, up to a constant: -Phi / heat.

    Args:
        manifold: a surface, with a residual and a Jacobian.
        points: on the surface, (points, dim).
        law: a law with heat along the surface.

    Raises:
        UsageError: the law has no heat along the surface, or as `normal_curvatures`.
        NumericalError: as `normal_curvatures`.
    """
    if law.heat == 0:
        raise UsageError(
            f"the law {law.name!r} has no heat along the surface",
            "a law with heat along the surface",
            "take another law: its motion ends at the minimum of Phi",
        )
    return np.asarray(-law.potential(normal_curvatures(manifold, points)) / law.heat)


def _equations(manifold: Landscape, places: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Residuals (points, codim) and J (points, codim, dim). The import is local because it loads Numba."""
    from langevin.landscapes.projection import equations_at

    return equations_at(manifold, places)


def _jacobians(manifold: Landscape, points: ArrayLike) -> FloatArray:
    """J (points, codim, dim)."""
    places = np.asarray(points, float)
    if places.ndim != 2 or places.shape[1] != manifold.dim or not np.isfinite(places).all():
        raise unfit(
            "the places", f"must be finite points of shape (points, {manifold.dim})", f"{places.shape}"
        )
    J = _equations(manifold, places)[1]
    if not np.isfinite(J).all():
        raise NumericalError(f"the equations of {manifold.name} are not defined at a point")
    return J


def _difference(
    manifold: Landscape, places: FloatArray, direction: FloatArray, function: Spectral, step: float
) -> FloatArray:
    """Central difference (points,) of the function, along one direction for each point; NaN if a side has no value."""

    def side(sign: float) -> FloatArray:
        J = _equations(manifold, places + sign * step * direction)[1]
        known = np.asarray(np.isfinite(J).all(axis=(1, 2)))
        squares = np.linalg.svd(np.where(known[:, None, None], J, 0.0), compute_uv=False)[:, ::-1] ** 2
        known &= squares[:, 0] > 0
        values = np.full(len(J), np.nan)
        with suppress(UsageError):  # a law may refuse such a distant point; the next step is shorter
            values[known] = function(squares[known])
        return values

    return (side(1.0) - side(-1.0)) / (2 * step)
