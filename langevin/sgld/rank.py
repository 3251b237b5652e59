"""Rank of the Jacobian of the residuals in the weights: the number of independent constraints."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.flatten_util import ravel_pytree

from langevin.sgld.computation import data_in, precision
from langevin.sgld.model import Model, Weights
from langevin.types import FloatArray

#: Largest number of residuals for which J J^T is diagonalised.
LARGEST = 2048


@partial(jax.jit, static_argnames="model")
def gram(weights: Weights, inputs: Any, *, model: Model) -> Any:
    """J J^T (residuals, residuals), for the Jacobian J of the outputs (targets drop out); J is never in memory."""
    flat, unravel = ravel_pytree(weights)

    def outputs(flat: Any) -> Any:
        return model.apply(unravel(flat), inputs).ravel()

    values, pull = jax.vjp(outputs, flat)
    return lax.map(
        lambda row: jax.jvp(outputs, (flat,), pull(row))[1], jnp.eye(values.size, dtype=flat.dtype)
    )


def spectrum(model: Model, weights: Weights) -> FloatArray:
    """Eigenvalues of J J^T on the training set, ascending, in double precision."""
    with precision("float64"):
        weights = jax.tree.map(lambda leaf: jnp.asarray(leaf, "float64"), weights)
        inputs = data_in(model.train, "float64").inputs
        matrix = np.asarray(gram(weights, inputs, model=model), dtype=np.float64)
        return np.asarray(np.linalg.eigvalsh(matrix), np.float64)


def threshold(residuals: int) -> float:
    """The ratio to the largest eigenvalue below which one counts as zero: the round-off of a symmetric matrix."""
    return float(residuals * np.finfo(np.float64).eps)


def rank(model: Model, weights: Weights) -> int | None:
    """Number of eigenvalues of J J^T above `threshold` times the largest; None above `LARGEST` residuals.

    It is at most samples x outputs, and less if symmetries (gauge directions) or dead units make
    residuals dependent.
    """
    if model.train.targets.size > LARGEST:
        return None
    eigenvalues = spectrum(model, weights)
    return int(np.sum(eigenvalues > threshold(eigenvalues.size) * max(eigenvalues[-1], 0)))
