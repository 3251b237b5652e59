"""Errors by resampling whole walkers or seeds, or whole blocks of time.

The bootstrap resamples means over walkers. A statistic is a function of such means: a ratio, a slope, a variance. The
name of an estimator is the seed of its resampling, so a number never depends on a seed that a user chose.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from hashlib import sha256

import numpy as np

from langevin.errors import UsageError
from langevin.measure.windows import deviations
from langevin.types import FloatArray, Measurement

#: statistic(means (resamples, ...)) -> values (resamples, ...)
Statistic = Callable[[FloatArray], FloatArray]
RESAMPLES = 400
#: Fraction of resamples in which a statistic must exist, so that its spread is a valid error.
DEFINED = 0.95
#: Number of blocks that is enough for an error, and length of a nearly independent block in correlation times.
ENOUGH_BLOCKS, TIMES_A_BLOCK = 40, 10
#: This number of draws at a time limits the memory of resampling.
DRAWS_AT_ONCE = 1_000_000


def seed_of(estimator: str) -> int:
    """The seed of an estimator: the first 8 bytes of the SHA-256 of its name.

    Args:
        estimator: Name of the estimator.
    """
    return int.from_bytes(sha256(estimator.encode()).digest()[:8], "big")


def bootstrap_walkers(
    values: FloatArray, statistic: Statistic, estimator: str, note: str = ""
) -> Measurement:
    """A statistic of the means over walkers, its error by resampling the walkers (Efron 1979).

    The error is the standard deviation over 400 resamples, with the factor sqrt(n / (n - 1)). For one walker there is
    no error. There is none either if the statistic does not exist in more than 5 % of the resamples. `mixed` is then
    False.

    Args:
        values: Numbers of each walker or seed (walkers, ...), finite.
        statistic: Takes means (resamples, ...), returns (resamples,), NaN if it does not exist.
        estimator: Name of the estimate, which seeds the resampling.
        note: Put before the note on the error.

    Raises:
        UsageError: there is no walker, or a value is not finite.
    """
    values = np.asarray(values, dtype=float)
    if not len(values) or not np.isfinite(values).all():
        raise UsageError(
            "resampling needs at least one walker and finite values",
            "at least one walker, finite values",
            "check the run",
        )
    with np.errstate(all="ignore"):
        value = float(statistic(values.mean(axis=0)[None])[0])
    error = float(bootstrap_error(values, statistic, estimator))
    reason = "" if math.isfinite(error) else "resampling the walkers gives no error: run more of them"
    note = "; ".join(text for text in (note, reason) if text)
    return Measurement(value, error, len(values), estimator, math.isfinite(error), note)


def bootstrap_blocks(
    values: FloatArray, statistic: Statistic, estimator: str, block: int, note: str = ""
) -> Measurement:
    """As `bootstrap_walkers`, but with blocks of consecutive frames instead of walkers (Carlstein 1986).

    Blocks much longer than the correlation time are nearly independent; n is their number.

    Args:
        values: Numbers of each walker and frame (walkers, frames, ...), finite.
        statistic: Takes means (resamples, ...), returns (resamples,).
        estimator: Name of the estimate, which seeds the resampling.
        block: Frames of a block.
        note: Put before the note on the error.

    Raises:
        UsageError: the block is empty or longer than the record, or as `bootstrap_walkers`.
    """
    return bootstrap_walkers(block_means(values, block), statistic, estimator, note)


def block_means(values: FloatArray, block: int) -> FloatArray:
    """Means (walkers x blocks, ...) over blocks of consecutive frames; an incomplete first block is dropped.

    Args:
        values: (walkers, frames, ...).
        block: number of frames in a block.

    Raises:
        UsageError: the block is empty or longer than the record.
    """
    walkers, frames = values.shape[:2]
    if not 1 <= block <= frames:
        raise UsageError(
            f"a block of {block} frames cannot be cut", f"1 to {frames} frames", f"choose 1 to {frames}"
        )
    blocks = frames // block
    cut = values[:, frames - blocks * block :].reshape(walkers * blocks, block, *values.shape[2:])
    return np.asarray(cut.mean(axis=1))


def mean_over_blocks(
    values: FloatArray, memory: float, weights: FloatArray | float = 1.0
) -> tuple[float, float, int]:
    """Mean over walkers and frames, its standard error, and the number of blocks behind the error.

    If there are 40 walkers or more, each block is the whole record of a walker. With fewer walkers, records are cut
    into pieces until there are 40, but each piece is at least 10 correlation times long. A single block has an infinite
    error. The method assumes nothing about the shape of the autocorrelation.

    Args:
        values: Numbers of each walker and frame (walkers, frames).
        memory: Longest correlation time, in frames, of the quantities on which the numbers depend.
        weights: Weights of the frames in the mean, (frames,), with the mean 1.
    """
    walkers, frames = values.shape
    longest = max(1, int(frames / (TIMES_A_BLOCK * memory)))
    mean, spread = deviations(values, weights)
    blocks = block_means(spread, frames // min(-(-ENOUGH_BLOCKS // walkers), longest))
    n = len(blocks)
    error = float(blocks.std(ddof=1) / math.sqrt(n)) if n > 1 else math.inf
    return mean, error, n


def bootstrap_error(values: FloatArray, statistic: Statistic, estimator: str) -> FloatArray:
    """Standard error of each number that the statistic returns; infinite if the resamples give no error.

    Args:
        values: one row for each walker, (n, ...).
        statistic: from means (resamples, ...) to numbers (resamples, ...).
        estimator: name of the estimator, which determines the random numbers.
    """
    n = len(values)
    with np.errstate(all="ignore"):
        central = statistic(values.mean(axis=0)[None])[0]
        if n < 2:
            return np.full(np.shape(central), math.inf)
        resampled = statistic(resampled_means(values, estimator))
    defined = np.isfinite(resampled)
    whole = np.isfinite(central) & (defined.mean(axis=0) >= DEFINED)
    spread = np.where(defined, resampled, np.where(whole, central, 0.0)).std(axis=0, ddof=1)
    return np.where(whole, math.sqrt(n / (n - 1)) * spread, math.inf)


def resampled_means(values: FloatArray, estimator: str, resamples: int = RESAMPLES) -> FloatArray:
    """Means (resamples, ...) over n walkers drawn with replacement from the n rows of values (n, ...).

    Args:
        values: one row for each walker, (n, ...).
        estimator: name of the estimator, which determines the random numbers.
        resamples: number of resamples.
    """
    n = len(values)
    rows = values.reshape(n, -1)
    generator = np.random.default_rng(seed_of(estimator))
    means = np.empty((resamples, rows.shape[1]))
    at_once = max(1, DRAWS_AT_ONCE // n)
    for first in range(0, resamples, at_once):
        part = means[first : first + at_once]
        draws = generator.integers(n, size=(len(part), n)) + n * np.arange(len(part))[:, None]
        part[:] = np.bincount(draws.ravel(), minlength=len(part) * n).reshape(-1, n) @ rows / n
    return means.reshape(resamples, *values.shape[1:])
