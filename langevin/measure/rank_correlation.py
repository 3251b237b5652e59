"""Spearman's rank correlation over independent walkers or networks, with an error."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from langevin.errors import unfit
from langevin.measure.bootstrap import bootstrap_walkers
from langevin.types import FloatArray, Measurement


def rank_correlation(first: ArrayLike, second: ArrayLike, name: str = "rank correlation") -> Measurement:
    """Correlation of the ranks of two numbers of each walker (n,); ties have their mean rank (Spearman 1904).

    The error comes from resampling the walkers with their ranks in the whole sample.

    Args:
        first: one number for each walker, (n,).
        second: another number for each walker, (n,).
        name: name of the estimator.

    Raises:
        UsageError: the shapes are wrong, or a number is not finite.
    """
    from scipy.stats import rankdata

    pair = np.array([first, second], dtype=float)
    if pair.ndim != 2 or not pair.size or not np.isfinite(pair).all():
        raise unfit(
            "rank_correlation", "needs two finite numbers of each of n walkers", f"the shape {pair.shape}"
        )
    ranks = np.array([rankdata(row) for row in pair])
    x, y = ranks - ranks.mean(axis=1, keepdims=True)
    return bootstrap_walkers(np.stack([x, y, x * x, y * y, x * y], axis=1), _correlation, name)


def _correlation(means: FloatArray) -> FloatArray:
    """Correlation from the means of x, y, x^2, y^2 and x y, (..., 5)."""
    x, y, xx, yy, xy = np.moveaxis(means, -1, 0)
    return np.asarray((xy - x * y) / np.sqrt((xx - x * x) * (yy - y * y)))
