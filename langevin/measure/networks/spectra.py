"""Size, sparsity and density of weights."""

from __future__ import annotations

import math

import jax
import numpy as np
from numpy.typing import ArrayLike

from langevin.errors import UsageError, unfit
from langevin.sgld.model import Weights
from langevin.types import FloatArray


def spectral_norms(weights: Weights) -> dict[str, float]:
    """Largest singular value of each matrix among the weights, by its path, such as "['hidden']".

    For a large (n, W) matrix with independent entries of variance s^2 it is about s (sqrt(n) + sqrt(W)).

    Args:
        weights: a tree of arrays.

    Raises:
        UsageError: no leaf is a matrix, or a matrix is not finite.
    """
    leaves = jax.tree_util.tree_leaves_with_path(weights)
    matrices = {jax.tree_util.keystr(path): np.asarray(leaf, dtype=np.float64) for path, leaf in leaves}
    norms = {}
    for path, matrix in matrices.items():
        if matrix.ndim == 2:
            if not np.isfinite(matrix).all():
                raise UsageError(
                    f"the weights {path} are not all finite",
                    "finite weights",
                    "take a network that did not diverge",
                )
            norms[path] = float(np.linalg.norm(matrix, 2))
    if not norms:
        raise UsageError(
            "none of the weights is a matrix", allowed="spectral norms are of two-dimensional arrays"
        )
    return norms


def fraction_below(weights: Weights, tolerance: float) -> float:
    """Fraction of the weights with |w| < tolerance.

    Args:
        weights: a tree of arrays.
        tolerance: above 0.

    Raises:
        UsageError: the tolerance is not above 0, there are no weights, or they are not finite.
    """
    if not tolerance > 0:
        raise UsageError(f"the tolerance is {tolerance}", "it must be above 0")
    return float(np.mean(np.abs(flattened(weights)) < tolerance))


def hoyer_sparsity(weights: Weights) -> float:
    """(sqrt(n) - |w|_1 / |w|_2) / (sqrt(n) - 1): 0 for equal sizes, 1 for a single nonzero weight (Hoyer 2004).

    Args:
        weights: a tree of arrays.

    Raises:
        UsageError: there are fewer than 2 weights, or they are all zero or not finite.
    """
    flat = flattened(weights)
    norm = float(np.linalg.norm(flat))
    if flat.size < 2 or norm == 0:
        raise unfit("the Hoyer sparsity", "needs at least 2 weights, one of them not zero", "")
    return (math.sqrt(flat.size) - float(np.abs(flat).sum()) / norm) / (math.sqrt(flat.size) - 1)


def participation(weights: Weights) -> float:
    """(sum w^2)^2 / (n sum w^4), the effective fraction of weights in the norm: 1 for equal sizes, 1/3 for a Gaussian.

    Args:
        weights: a tree of arrays.

    Raises:
        UsageError: there are no weights, or they are all zero or not finite.
    """
    flat = flattened(weights)
    largest = float(np.abs(flat).max())
    if largest == 0:
        raise UsageError(
            "all weights are zero", "a weight that is not zero", "give the weights of a trained network"
        )
    squared = (flat / largest) ** 2
    return float(squared.sum() ** 2 / (flat.size * (squared**2).sum()))


def weight_density(
    weights: Weights, grid: ArrayLike | None = None, bandwidth: float | None = None
) -> tuple[FloatArray, FloatArray]:
    """Gaussian kernel density of the weights: grid (points,) and density (points,).

    Args:
        weights: Any nested container of arrays; all numbers are taken together.
        grid: Points of the density; if None, 200 points over all weights and four bandwidths beyond them.
        bandwidth: Standard deviation of a kernel; by Scott's rule if None.

    Raises:
        UsageError: the bandwidth is not above 0, there are fewer than 2 different weights, or they are not finite.
    """
    from scipy.stats import gaussian_kde

    flat = flattened(weights)
    spread = float(flat.std(ddof=1)) if flat.size > 1 else 0.0
    if spread == 0:
        raise unfit("a density", "needs at least 2 different weights", "")
    if bandwidth is not None and not bandwidth > 0:
        raise UsageError(f"the bandwidth is {bandwidth}", "it must be above 0")
    density = gaussian_kde(flat, None if bandwidth is None else bandwidth / spread)
    margin = 4 * density.factor * spread
    points = np.linspace(flat.min() - margin, flat.max() + margin, 200) if grid is None else np.asarray(grid)
    return np.asarray(points, dtype=np.float64), np.asarray(density(points))


def flattened(weights: Weights) -> FloatArray:
    """All weights in one vector of float64.

    Raises:
        UsageError: there are no weights, or they are not finite.
    """
    leaves = [np.asarray(leaf, dtype=np.float64).ravel() for leaf in jax.tree.leaves(weights)]
    flat = np.concatenate(leaves) if leaves else np.zeros(0)
    if not flat.size or not np.isfinite(flat).all():
        raise UsageError(
            "there are no weights, or they are not all finite",
            "finite weights, at least one",
            "take a network that did not diverge",
        )
    return np.asarray(flat)
