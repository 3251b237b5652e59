"""Projections of a representation on two dimensions: principal components and t-SNE.

A representation is an array (samples, features), such as the hidden layer of a network or an embedding table.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from langevin.errors import UsageError
from langevin.types import FloatArray


def principal_components(representation: ArrayLike, count: int = 2) -> tuple[FloatArray, FloatArray]:
    """Coordinates along the principal components (samples, count), and their fractions of the variance (count,).

    The signs are fixed: the largest coordinate of each component is positive.

    Args:
        representation: (samples, features).
        count: number of components.

    Raises:
        UsageError: the array is not (samples, features), not finite or constant, or the count is above the number of
            components.
    """
    features = table_of(representation)
    if not 1 <= count <= min(features.shape):
        raise UsageError(f"count is {count}", f"it must be between 1 and {min(features.shape)}")
    centred = features - features.mean(axis=0)
    left, sizes, _ = np.linalg.svd(centred, full_matrices=False)
    variance = float(np.sum(sizes**2))
    if variance <= (features.size * np.finfo(np.float64).eps) ** 2 * float(np.sum(features**2)):
        raise UsageError(
            "all samples have the same representation", "samples that differ", "give other samples"
        )
    coordinates = left[:, :count] * sizes[:count]
    largest = coordinates[np.abs(coordinates).argmax(axis=0), np.arange(count)]
    return coordinates * np.where(largest < 0, -1, 1), sizes[:count] ** 2 / variance


def t_sne(representation: ArrayLike, *, perplexity: float = 30.0, seed: int = 0) -> FloatArray:
    """Coordinates (samples, 2) of t-SNE (van der Maaten and Hinton 2008), by scikit-learn.

    Near neighbours stay near; distances between clusters, and sizes of clusters, have no meaning.

    Args:
        representation: (samples, features).
        perplexity: effective number of neighbours of a sample.
        seed: of the start.

    Raises:
        UsageError: scikit-learn is missing, the array is not (samples, features) or not finite, or the perplexity is
            not in 1 ... samples - 1.
    """
    try:
        from sklearn.manifold import TSNE
    except ModuleNotFoundError as missing:
        raise UsageError(
            "t-SNE is scikit-learn's",
            "scikit-learn is to be installed",
            "pip install 'langevin-manifold[networks]'",
        ) from missing
    features = table_of(representation)
    if not 1 <= perplexity < len(features):
        raise UsageError(
            f"perplexity is {perplexity}",
            f"it must be at least 1 and below {len(features)}, the number of samples",
        )
    return np.asarray(TSNE(2, perplexity=perplexity, random_state=seed).fit_transform(features), np.float64)


def table_of(representation: ArrayLike) -> FloatArray:
    """The representation as float64.

    Raises:
        UsageError: the array is not (samples, features) with at least 2 samples, or not finite.
    """
    features = np.asarray(representation, dtype=np.float64)
    if features.ndim != 2 or len(features) < 2 or not features.shape[1]:
        raise UsageError(
            f"the array has the shape {features.shape}",
            "it must be (samples, features), of 2 samples or more",
        )
    if not np.isfinite(features).all():
        raise UsageError(
            "the representation is not all finite", "finite values", "take a network that did not diverge"
        )
    return features
