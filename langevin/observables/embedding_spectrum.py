"""The Fourier spectrum of a table of embeddings."""

from __future__ import annotations

from typing import Any

from langevin.sgld.fourier import shares, table_of
from langevin.sgld.model import Data, Model, Weights
from langevin.types import Observable


def look(model: Model, weights: Weights, data: tuple[Data, Data]) -> dict[str, Any]:
    """Share of each frequency 1 ... p // 2 in the variance of the table, by the frequency."""
    found = shares(table_of(model, weights))
    return {f"{place + 1}": found[place] for place in range(len(found))}


embedding_spectrum = Observable(summary="share of each frequency in the embedding of residues", look=look)
