"""Means over independent networks, walkers or seeds."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from langevin.errors import unfit
from langevin.types import Measurement, Positive


def mean_over(values: ArrayLike, estimator: str = "mean over networks") -> Measurement:
    """Mean of independent values (n,), with its standard error; infinite for a single one.

    Raises:
        UsageError: there are no values, or one is not finite.
    """
    flat = np.asarray(values, dtype=float)
    if flat.ndim != 1 or not flat.size or not np.isfinite(flat).all():
        raise unfit("a mean", "needs finite values in one dimension, at least one", f"the shape {flat.shape}")
    error = float(flat.std(ddof=1)) / math.sqrt(flat.size) if flat.size > 1 else math.inf
    return Measurement(float(flat.mean()), error, flat.size, estimator, flat.size > 1)


def factor_over(ratios: ArrayLike, estimator: str = "geometric mean over networks") -> Measurement:
    """Geometric mean of independent positive ratios (n,); its error is to first order that of the mean logarithm.

    Raises:
        UsageError: there are no ratios, or one is not positive and finite.
    """
    flat = np.asarray(ratios, dtype=float)
    if not (flat > 0).all():
        raise unfit("a geometric mean", "needs ratios above 0", "")
    logs = mean_over(np.log(flat), estimator)
    value = math.exp(logs.value)
    return Measurement(value, value * logs.error, logs.n, estimator, logs.mixed, law=Positive())
