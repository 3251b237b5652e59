"""Fourier content of an embedding table for arithmetic modulo p: the circles on which a network represents numbers.

A table is (p, width), row a the embedding of the residue a. Frequency k = 1 ... p // 2 means cos and sin of 2 pi k
a / p together (Nanda et al. 2023, arXiv 2301.05217; single neurons: Gromov 2023, arXiv 2301.02679). Power is the
fraction of the variance about the mean row. For a random table and odd p, each frequency has the fraction 2 / (p - 1).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from langevin.errors import UsageError
from langevin.measure.networks.representations import table_of
from langevin.types import FloatArray


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
