"""The key frequencies of a table of embeddings."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from langevin.sgld.fourier import is_key, shares, table_of
from langevin.sgld.model import Data, Model, Weights
from langevin.types import Observable

#: Frequencies that are named: five in the network of Nanda et al. 2023, arXiv 2301.05217.
NAMED = 5


def look(model: Model, weights: Weights, data: tuple[Data, Data]) -> dict[str, Any]:
    """Their number `count`, their joint `share` of the variance, and the strongest of them from `1` on, 0 for none.

    A frequency is key if it has more than twice the share 1 / (p // 2) (`langevin.sgld.fourier.is_key`).
    """
    table = table_of(model, weights)
    found, key = shares(table), is_key(table)
    order = jnp.argsort(-found)[:NAMED]
    strongest = jnp.where(key[order], order + 1, 0)
    named = {f"{place + 1}": strongest[place] for place in range(len(strongest))}
    return {"count": jnp.sum(key), "share": jnp.sum(jnp.where(key, found, 0)), **named}


key_frequencies = Observable(
    summary="number, share and names of the strongest frequencies of the embedding", look=look
)
