"""Fourier analysis of networks of arithmetic modulo p: of their embeddings, and of their outputs.

A table of embeddings is (p, width); row a is the embedding of the residue a. Frequency k = 1 ... p // 2 means cos and
sin of 2 pi k a / p together (Nanda et al. 2023, arXiv 2301.05217). `langevin.measure.networks.fourier_power` computes
the same outside compiled code.

On all p^2 pairs (a, b) the outputs are functions of two residues. Their components along cos and sin of
2 pi k (a + b) / p depend only on the answer a + b. So they equal the components of the mean over the p pairs of each
answer, by a transform over answers (Nanda et al. use the same components of a two-dimensional transform).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from langevin.errors import UsageError
from langevin.sgld.losses import per_sample
from langevin.sgld.model import Data, Model, Weights

#: A frequency is a key frequency if its share is at least this multiple of the share in a random table.
KEY = 2.0


class Parts(NamedTuple):
    """Outputs on the training set followed by the test set: mean over all pairs, key frequencies, and all outputs."""

    constant: Any
    key: Any
    whole: Any


def table_of(model: Model, weights: Weights) -> Any:
    """The table of embeddings (p, width) of a network.

    Raises:
        UsageError: the network has no such table, or one with fewer than 3 rows.
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
            "correct `embedding` of the Model",
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
    """Share of each frequency in the variance of the table, (p // 2,); zeros if all rows are equal."""
    cosines, sines = waves(table)
    power = cosines**2 + sines**2
    total = jnp.sum(power)
    return power / jnp.where(total > 0, total, 1)


def is_key(table: Any) -> Any:
    """Which frequencies have more than `KEY` times the share 1 / (p // 2), (p // 2,).

    In a table of independent entries a share has the relative standard deviation 1 / sqrt(width). So a table of small
    width has key frequencies by chance.
    """
    found = shares(table)
    return found * len(found) > KEY


@lru_cache(maxsize=64)
def answers_of(model: Model) -> NDArray[np.int64]:
    """The answer (p^2,) of each pair of residues, first the pairs of the training set.

    Raises:
        UsageError: the data are not all pairs of residues with a + b or a - b modulo p as their answers.
    """
    inputs, targets = (np.concatenate([np.asarray(part[i]) for _, part in model.parts]) for i in (0, 1))
    p = targets.shape[1] if targets.ndim == 2 else 0
    pairs = inputs.dtype.kind in "iu" and inputs.shape == (p * p, 2) and p > 2
    whole = pairs and len(np.unique(inputs, axis=0)) == p * p and inputs.min() == 0 and inputs.max() == p - 1
    if whole:
        answers = np.asarray(targets.argmax(axis=1), np.int64)
        a, b = inputs.astype(np.int64).T
        if any((answers == wanted % p).all() for wanted in (a + b, a - b, b - a)):
            return answers
    raise UsageError(
        f"{model.name} is no addition or subtraction modulo p",
        "all pairs (a, b) of residues, whole numbers, in training and test set together, with p outputs, of which that "
        "of the answer is wanted",
        "leave this observable out, or train models.modular",
    )


def parts_of(model: Model, weights: Weights, data: tuple[Data, Data]) -> Parts:
    """The outputs of a network at the pairs of its data, and their part in the key frequencies of its embedding.

    Raises:
        UsageError: the network has no embedding of the residues, or `answers_of` refuses its data.
    """
    answers, table = answers_of(model), table_of(model, weights)
    p = round(len(answers) ** 0.5)
    if len(table) != p:
        raise UsageError(
            f"the table of embeddings of {model.name} has {len(table)} rows for {p} residues",
            "one row for each residue",
            "correct `embedding` of the Model",
        )
    whole = jnp.concatenate([model.apply(weights, one.inputs) for one in data])
    by_answer = jnp.zeros((p, whole.shape[1]), whole.dtype).at[answers].add(whole) / p
    chosen = jnp.concatenate([jnp.zeros(1, bool), is_key(table)])
    key = jnp.fft.irfft(jnp.fft.rfft(by_answer, axis=0) * chosen[:, None], n=p, axis=0)
    return Parts(jnp.mean(whole, axis=0), key.astype(whole.dtype)[answers], whole)


def losses_of(model: Model, outputs: Any, data: tuple[Data, Data]) -> dict[str, Any]:
    """Mean loss of the outputs on training and test set, by name; the outputs begin with the training set."""
    train, test = data
    cut = len(train.targets)
    each = per_sample(model.loss)
    return {
        "train": jnp.mean(each(outputs[:cut], train.targets)),
        "test": jnp.mean(each(outputs[cut:], test.targets)),
    }
