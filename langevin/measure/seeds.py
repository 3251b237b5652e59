"""Means over independent networks, walkers or seeds, also with control variates (Glasserman 2003, section 4.1)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from langevin.errors import unfit
from langevin.types import FloatArray, Measurement, Positive

#: Smallest number of independent values for each control: the regression then increases the error by half a per cent.
EACH = 100


def mean_over(values: ArrayLike, estimator: str = "mean over networks") -> Measurement:
    """Mean of independent values (n,), with its standard error; infinite for a single one.

    Args:
        values: independent values, (n,).
        estimator: name of the estimator.

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

    Args:
        ratios: independent ratios above 0, (n,).
        estimator: name of the estimator.

    Raises:
        UsageError: there are no ratios, or one is not positive and finite.
    """
    flat = np.asarray(ratios, dtype=float)
    if not (flat > 0).all():
        raise unfit("a geometric mean", "needs ratios above 0", "")
    logs = mean_over(np.log(flat), estimator)
    value = math.exp(logs.value)
    return Measurement(value, value * logs.error, logs.n, estimator, logs.mixed, law=Positive())


def controlled_mean(values: FloatArray, controls: FloatArray) -> tuple[float, float]:
    """Mean of independent values (n,) and its standard error, by least squares on controls (n, p) whose means are 0.

    The coefficients are estimated from this sample, so the bias is of order 1 / n. There must be `EACH` values for each
    control: of more controls the first ones are used. With none, or with numbers that are not finite, the result is the
    plain mean.

    Args:
        values: independent values, (n,).
        controls: control variates of mean 0, (n, p).
    """
    n = len(values)
    rows = np.vstack([np.ones(n), controls[:, : n // EACH].T])
    unknowns = len(rows)
    if unknowns == 1 or not (np.isfinite(values).all() and np.isfinite(rows).all()):
        return float(values.mean()), float(values.std(ddof=1)) / math.sqrt(n) if n > 1 else math.inf
    left = values.astype(float)
    squares, products = np.empty((unknowns, unknowns)), np.empty(unknowns)
    for i, row in enumerate(rows):  # einsum wakes no threads of a BLAS, and is fastest on two contiguous rows
        products[i] = np.einsum("n,n->", row, left)
        for j in range(i + 1):
            squares[i, j] = squares[j, i] = np.einsum("n,n->", row, rows[j])
    found, *_ = np.linalg.lstsq(squares, products, rcond=None)
    for share, row in zip(found, rows, strict=True):
        left -= share * row
    return float(found[0]), math.sqrt(float(np.einsum("n,n->", left, left)) / (n - unknowns) / n)
