"""What a representation contains: principal components, t-SNE, and the circles on which a network represents numbers.

A representation is an array (samples, features), such as the hidden layer of a network or an embedding table. For
arithmetic modulo p a table is (p, width), row a the embedding of the residue a. Frequency k = 1 ... p // 2 means cos
and sin of 2 pi k a / p together (Nanda et al. 2023, arXiv 2301.05217; single neurons: Gromov 2023, arXiv 2301.02679).
Power is the fraction of the variance about the mean row. For a random table and odd p, each frequency has the fraction
2 / (p - 1).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

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


def fourier_power(table: ArrayLike) -> FloatArray:
    """Fraction of the variance of the whole table for each frequency 1 ... p // 2, (p // 2,); the sum is 1.

    Args:
        table: (p, width), a row for each token.

    Raises:
        UsageError: the table is not (p, width) with p >= 3, not finite, or constant.
    """
    power = _powers(table).sum(axis=1)
    return np.asarray(power / power.sum())


def neuron_frequencies(table: ArrayLike) -> tuple[NDArray[np.int64], FloatArray]:
    """Strongest frequency of each column and its fraction of the variance of the column: each (width,).

    A constant column has the frequency 0 and the fraction 0.

    Args:
        table: (p, width), a row for each token.

    Raises:
        UsageError: as `fourier_power`.
    """
    power = _powers(table)
    total = power.sum(axis=0)
    alive = total > 0
    top = power.argmax(axis=0)
    share = np.divide(power.max(axis=0), total, out=np.zeros_like(total), where=alive)
    return np.where(alive, top + 1, 0), share


def top_share(table: ArrayLike, count: int = 1) -> float:
    """Fraction of the variance of the table in the `count` strongest frequencies.

    Args:
        table: (p, width), a row for each token.
        count: number of frequencies.

    Raises:
        UsageError: count is not in 1 ... p // 2, or as `fourier_power`.
    """
    power = fourier_power(table)
    if not 1 <= count <= len(power):
        raise UsageError(f"count is {count}", allowed=f"this table has 1 to {len(power)} frequencies")
    return float(np.sort(power)[-count:].sum())


def frequency_plane(table: ArrayLike, frequency: int | None = None) -> tuple[FloatArray, int]:
    """Projection of the table on the plane of one frequency: coordinates (p, 2), and the frequency.

    The plane is spanned by the two directions of embedding space that contain this frequency. The rows minus their
    mean, with all their frequencies, are projected on it. A pure circle appears as a circle, with residue a at the
    angle 2 pi frequency a / p. If the frequency has only one direction, the second axis is arbitrary.

    Args:
        table: The embedding table (p, width), width 2 or more.
        frequency: 1 ... p // 2; the frequency with the largest power if None.

    Raises:
        UsageError: the frequency does not exist or has no power, the table has one column, or as `fourier_power`.
    """
    embedding = table_of(table)
    power = fourier_power(embedding)
    chosen = int(power.argmax()) + 1 if frequency is None else frequency
    if not 1 <= chosen <= len(power):
        raise UsageError(f"frequency is {chosen}", allowed=f"this table has 1 to {len(power)}")
    if embedding.shape[1] < 2:
        raise UsageError("the table has one column", allowed="a plane needs 2 or more")
    wave = np.exp(-2j * np.pi * chosen * np.arange(len(embedding)) / len(embedding))
    amplitude = wave @ embedding
    if not np.abs(amplitude).max() > 0:
        raise UsageError(
            f"frequency {chosen} has no power in this table", "a frequency with power", "choose another"
        )
    _, _, directions = np.linalg.svd(np.stack([amplitude.real, amplitude.imag]), full_matrices=False)
    return (embedding - embedding.mean(axis=0)) @ directions.T, chosen


def _powers(table: ArrayLike) -> FloatArray:
    """Power (p // 2, width) of each frequency in each column; a constant column has none."""
    embedding = table_of(table)
    if len(embedding) < 3:
        raise UsageError(f"the table has {len(embedding)} rows", allowed="a frequency needs 3 or more")
    power = np.abs(np.fft.rfft(embedding - embedding.mean(axis=0), axis=0)[1:]) ** 2
    if len(embedding) % 2 == 0:
        power[-1] /= 2  # the highest frequency has no sine; the others count twice
    floor = (len(embedding) * np.finfo(np.float64).eps) ** 2 * np.sum(embedding**2, axis=0)
    power = np.where(power.sum(axis=0) > floor, power, 0)
    if not power.any():
        raise UsageError(
            "all rows of the table are alike", "rows that differ", "give the table of a trained network"
        )
    return np.asarray(power)
