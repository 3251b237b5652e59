"""How unequal the Fourier components of a table of embeddings are."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from langevin.sgld.fourier import table_of, waves
from langevin.sgld.model import Data, Model, Weights
from langevin.types import Observable


def gini(sizes: Any) -> Any:
    """Gini coefficient of n sizes: 0 if all are alike, 1 - 1 / n if only one is not 0; 0 of zeros.

    With x_1 <= ... <= x_n it is sum_i (2 i - n - 1) x_i / (n sum_i x_i) (Hurley and Rickard 2009, arXiv 0811.4706).
    """
    count, total = len(sizes), jnp.sum(sizes)
    ranks = 2 * jnp.arange(1, count + 1, dtype=sizes.dtype) - count - 1
    return jnp.sum(ranks * jnp.sort(sizes)) / jnp.where(total > 0, count * total, 1)


def look(model: Model, weights: Weights, data: tuple[Data, Data]) -> Any:
    """Gini coefficient of the norms of the cosine and the sine of each frequency: Nanda et al. 2023, arXiv 2301.05217.

    Of p - 1 components; the constant is left out.
    """
    table = table_of(model, weights)
    cosines, sines = waves(table)
    return gini(jnp.concatenate([cosines, sines])[: len(table) - 1])


embedding_gini = Observable(summary="Gini coefficient of the Fourier spectrum of the embedding", look=look)
