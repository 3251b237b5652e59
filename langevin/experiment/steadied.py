"""Means over walkers, less a control variate, the sum of the kicks: their errors are those of the rest."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from langevin.measure.seeds import controlled_mean
from langevin.types import FloatArray, Measurement

#: What the estimator's name says of it.
SAID = "kicks taken out"


def steadied(mean: Measurement, values: FloatArray, controls: FloatArray) -> Measurement:
    """The measured mean of values (n,), by least squares on controls (n, p) of mean 0, if its error is then smaller."""
    if len(values) != mean.n or not np.isfinite(mean.error):
        return mean
    value, error = controlled_mean(values, controls)
    return (
        mean
        if error >= mean.error
        else replace(mean, value=value, error=error, estimator=f"{mean.estimator}, {SAID}")
    )


def pushes(kicks: FloatArray, steps: int, directions: FloatArray) -> FloatArray:
    """Controls (n, p) of kicks (n, numbers) along unit vectors (numbers, p): sums with the variance 1.

    Args:
        kicks: sums of the normals of each walker.
        steps: how many of each number were added.
        directions: orthonormal columns.
    """
    found: FloatArray = np.einsum("ij,jk->ik", kicks[:, : len(directions)], directions / np.sqrt(steps))
    return found


def squares(along: FloatArray) -> FloatArray:
    """The control (n, 1) of sums (n, p) of variance 1: the square of their length, less p."""
    lengths: FloatArray = np.einsum("ij,ij->i", along, along)[:, None]
    lengths -= along.shape[1]
    return lengths
