"""Quadratic well f = x^T K x / 2: the Ornstein-Uhlenbeck process, exact in every respect."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from langevin.errors import UsageError
from langevin.types import FloatArray, Potential


def quadratic(dim: int = 1, stiffness: float = 1.0, condition: float = 1.0, seed: int = 0) -> Potential:
    """Ornstein-Uhlenbeck well; walkers start at the origin.

    At condition 1 it is isotropic, f = k |x|^2 / 2. Otherwise the eigenvalues of K are geometric from k to
    k x condition and its eigenvectors a random rotation. Facts: `matrix` K, `curvatures` its eigenvalues,
    `gibbs_covariance(theta)` = theta K^-1.

    Args:
        dim: number of coordinates.
        stiffness: k, the smallest curvature.
        condition: largest over smallest curvature, at least 1.
        seed: of the rotation.
    """
    if dim < 1 or not 0.0 < stiffness < math.inf:
        raise UsageError(f"quadratic needs dim >= 1 and stiffness > 0, got dim={dim}, stiffness={stiffness}")
    if not 1.0 <= condition < math.inf or seed < 0 or (dim == 1 and condition > 1.0):
        raise UsageError(
            f"quadratic needs condition >= 1 (1 in one dimension) and seed >= 0, got condition={condition}, seed={seed}"
        )
    curvatures = stiffness * float(condition) ** np.linspace(0.0, 1.0, dim)
    isotropic = condition == 1.0
    axes = np.eye(dim) if isotropic else rotation(dim, seed)
    matrix = (axes * curvatures) @ axes.T
    matrix = 0.5 * (matrix + matrix.T)
    return Potential(
        name="quadratic",
        dim=dim,
        parameters=(float(stiffness),) if isotropic else (matrix,),
        value=value if isotropic else matrix_value,
        gradient=gradient if isotropic else matrix_gradient,
        start=lambda uniforms, temperature: np.zeros_like(uniforms),
        stiffness=lambda temperature: float(curvatures[-1]),
        dials={"dim": dim, "stiffness": stiffness, "condition": condition, "seed": seed},
        facts={
            "matrix": matrix,
            "curvatures": curvatures,
            "gibbs_covariance": lambda temperature: temperature * (axes / curvatures) @ axes.T,
        },
    )


def rotation(dim: int, seed: int) -> FloatArray:
    """A random orthogonal matrix, uniform (QR of a Gaussian one with the signs fixed: Mezzadri 2007)."""
    q, r = np.linalg.qr(np.random.default_rng(seed).standard_normal((dim, dim)))
    return np.asarray(q * np.sign(np.diag(r)), np.float64)


def value(x: Any, out: Any, parameters: Any) -> None:
    """f = k |x|^2 / 2."""
    (stiffness,) = parameters
    for lane in range(x.shape[1]):
        out[lane] = 0.0
    for i in range(x.shape[0]):
        for lane in range(x.shape[1]):
            out[lane] += 0.5 * stiffness * x[i, lane] * x[i, lane]


def gradient(x: Any, out: Any, parameters: Any) -> None:
    """K x."""
    (stiffness,) = parameters
    for i in range(x.shape[0]):
        for lane in range(x.shape[1]):
            out[i, lane] = stiffness * x[i, lane]


def matrix_value(x: Any, out: Any, parameters: Any) -> None:
    """f = x^T K x / 2."""
    (matrix,) = parameters
    for lane in range(x.shape[1]):
        out[lane] = 0.0
    for i in range(x.shape[0]):
        for j in range(x.shape[0]):
            half = 0.5 * matrix[i, j]
            for lane in range(x.shape[1]):
                out[lane] += half * x[i, lane] * x[j, lane]


def matrix_gradient(x: Any, out: Any, parameters: Any) -> None:
    """K x for a full symmetric K."""
    (matrix,) = parameters
    for i in range(x.shape[0]):
        for lane in range(x.shape[1]):
            out[i, lane] = 0.0
        for j in range(x.shape[0]):
            for lane in range(x.shape[1]):
                out[i, lane] += matrix[i, j] * x[j, lane]
