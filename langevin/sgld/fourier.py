"""Fourier content of a table of embeddings for arithmetic modulo p, in jax.numpy.

A table is (p, width), row a the embedding of the residue a. Frequency k = 1 ... p // 2 stands for cos and sin of
2 pi k a / p together (Nanda et al. 2023, arXiv 2301.05217). `langevin.measure.networks.fourier_power` is the same
outside compiled code.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from langevin.errors import UsageError
from langevin.sgld.model import Model, Weights

#: A frequency is key from so many times the share on that it has of a table without any order.
KEY = 2.0


def table_of(model: Model, weights: Weights) -> Any:
    """The table of embeddings (p, width) of a network.

    Raises:
        UsageError: it names none, or one without frequencies.
    """
    if model.embedding is None:
        raise UsageError(
            f"{model.name} has no table of embeddings",
            "a network of tokens that names its table by `embedding` of its Model",
            "leave this observable out",
        )
    table = model.embedding(weights)
    if table.ndim != 2 or len(table) < 3:
        raise UsageError(
            f"the table of embeddings of {model.name} has the shape {table.shape}",
            "(tokens, width), with 3 tokens or more",
            "mend `embedding` of the Model",
        )
    return table


def waves(table: Any) -> tuple[Any, Any]:
    """Norms over the width of the cosine and the sine of each frequency 1 ... p // 2, (p // 2,) each.

    The waves have length 1 as vectors over the residues. For even p the highest frequency has no sine.
    """
    p = len(table)
    amplitudes = jnp.fft.rfft(table - jnp.mean(table, axis=0), axis=0)[1:] * (2 / p) ** 0.5
    if p % 2 == 0:
        amplitudes = amplitudes.at[-1].divide(2**0.5)
    return jnp.linalg.norm(amplitudes.real, axis=1), jnp.linalg.norm(amplitudes.imag, axis=1)


def shares(table: Any) -> Any:
    """Share of each frequency in the variance of the table, (p // 2,); zeros of a table whose rows are alike."""
    cosines, sines = waves(table)
    power = cosines**2 + sines**2
    total = jnp.sum(power)
    return power / jnp.where(total > 0, total, 1)


def is_key(table: Any) -> Any:
    """Which frequencies have more than `KEY` times the share 1 / (p // 2), (p // 2,).

    Of a table of independent entries a share has the relative standard deviation 1 / sqrt(width), so that a narrow one
    has key frequencies by chance.
    """
    found = shares(table)
    return found * len(found) > KEY
