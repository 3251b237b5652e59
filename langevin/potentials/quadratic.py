"""Quadratic well f = x^T K x / 2: the Ornstein-Uhlenbeck process, for which everything is known exactly."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from langevin.errors import UsageError, unfit
from langevin.types import Facts, FloatArray, Landscape, Moment


def quadratic(dim: int = 1, stiffness: float = 1.0, condition: float = 1.0, seed: int = 0) -> Landscape:
    """Ornstein-Uhlenbeck well; walkers start at the origin.

    At condition 1 it is isotropic, f = k |x|^2 / 2. Otherwise the eigenvalues of K are geometric from k to k x
    condition, and its eigenvectors are a random rotation. The covariance of its Gibbs distribution is theta K^-1.

    Args:
        dim: number of coordinates.
        stiffness: k, the smallest curvature.
        condition: largest over smallest curvature, at least 1.
        seed: seed of the rotation.
    """
    if dim < 1 or not 0.0 < stiffness < math.inf:
        raise unfit("quadratic", "needs dim >= 1 and stiffness > 0", f"dim={dim}, stiffness={stiffness}")
    if not 1.0 <= condition < math.inf or seed < 0 or (dim == 1 and condition > 1.0):
        raise unfit(
            "quadratic",
            "needs condition >= 1 (1 in one dimension) and seed >= 0",
            f"condition={condition}, seed={seed}",
        )
    curvatures = stiffness * float(condition) ** np.linspace(0.0, 1.0, dim)
    isotropic = condition == 1.0
    axes = np.eye(dim) if isotropic else rotation(dim, seed)
    matrix = (axes * curvatures) @ axes.T
    dials = {"dim": dim, "stiffness": stiffness, "condition": condition, "seed": seed}
    well = _well("quadratic", 0.5 * (matrix + matrix.T), curvatures, axes, dials)
    if isotropic:
        return replace(well, parameters=(float(stiffness),), value=value, gradient=gradient)
    return well


def quadratic_form(matrix: ArrayLike) -> Landscape:
    """Ornstein-Uhlenbeck well f = x^T K x / 2 of any symmetric positive matrix K; walkers start at the origin.

    The covariance of its Gibbs distribution is theta K^-1.

    Args:
        matrix: K, (dim, dim).

    Raises:
        UsageError: the matrix is not square, symmetric (to round-off) and positive.
    """
    K = np.array(matrix, np.float64)
    if K.ndim != 2 or K.shape[0] != K.shape[1] or not K.size or not np.isfinite(K).all():
        raise unfit("quadratic_form", "needs a finite square matrix", f"shape {K.shape}")
    if np.abs(K - K.T).max() > 1e-12 * np.abs(K).max():
        raise UsageError(
            "quadratic_form needs a symmetric matrix",
            "K = K^T",
            "give (K + K^T) / 2, which has the same loss",
        )
    curvatures, axes = np.linalg.eigh(K)
    if curvatures[0] <= 0.0:
        raise UsageError(
            f"quadratic_form needs a positive matrix, and its least eigenvalue is {curvatures[0]:.3g}",
            "eigenvalues above 0",
            "raise them: no law is stationary there",
        )
    return _well("quadratic_form", 0.5 * (K + K.T), curvatures, axes, {"matrix": K.tolist()})


def _well(
    name: str, matrix: FloatArray, curvatures: FloatArray, axes: FloatArray, dials: dict[str, Any]
) -> Landscape:
    def covariance(temperature: float) -> FloatArray:
        return np.asarray(temperature * (axes / curvatures) @ axes.T)

    return Landscape(
        name=name,
        dim=len(matrix),
        parameters=(matrix,),
        value=matrix_value,
        gradient=matrix_gradient,
        start=lambda uniforms, temperature: np.zeros_like(uniforms),
        stiffness=lambda temperature: float(curvatures[-1]),
        dials=dials,
        facts=Facts(
            moments=(
                Moment(
                    "|x|^2",
                    lambda states: (states**2).sum(axis=1),
                    soft=lambda temperature: float(np.trace(covariance(temperature))),
                ),
            ),
            covariance=covariance,
            slowest_rate=lambda temperature: float(curvatures[0]),
        ),
    )


def matrix_of(well: Landscape) -> FloatArray:
    """The matrix K (dim, dim) of a quadratic well."""
    (numbers,) = well.parameters
    return np.asarray(numbers * np.eye(well.dim) if np.ndim(numbers) == 0 else numbers)


def rotation(dim: int, seed: int) -> FloatArray:
    """A random orthogonal matrix, uniform (QR of a Gaussian one with the signs fixed: Mezzadri 2007)."""
    q, r = np.linalg.qr(np.random.default_rng(seed).standard_normal((dim, dim)))
    return np.asarray(q * np.sign(np.diag(r)), np.float64)


def value(x, out, parameters):
    """f = k |x|^2 / 2."""
    (stiffness,) = parameters
    for lane in range(x.shape[1]):
        out[lane] = 0.0
    for i in range(x.shape[0]):
        for lane in range(x.shape[1]):
            out[lane] += 0.5 * stiffness * x[i, lane] * x[i, lane]


def gradient(x, out, parameters):
    """K x."""
    (stiffness,) = parameters
    for i in range(x.shape[0]):
        for lane in range(x.shape[1]):
            out[i, lane] = stiffness * x[i, lane]


def matrix_value(x, out, parameters):
    """f = x^T K x / 2."""
    (matrix,) = parameters
    for lane in range(x.shape[1]):
        out[lane] = 0.0
    for i in range(x.shape[0]):
        for j in range(x.shape[0]):
            half = 0.5 * matrix[i, j]
            for lane in range(x.shape[1]):
                out[lane] += half * x[i, lane] * x[j, lane]


def matrix_gradient(x, out, parameters):
    """K x for a full symmetric K."""
    (matrix,) = parameters
    for i in range(x.shape[0]):
        for lane in range(x.shape[1]):
            out[i, lane] = 0.0
        for j in range(x.shape[0]):
            for lane in range(x.shape[1]):
                out[i, lane] += matrix[i, j] * x[j, lane]
