"""The outputs of a network of addition modulo p, taken apart into waves over its answers.

On all p^2 pairs (a, b) the outputs are functions of two residues. Their components along cos and sin of
2 pi k (a + b) / p depend on the answer a + b alone; so they are those of the mean over the p pairs of each answer, by a
transform over answers (Nanda et al. 2023, arXiv 2301.05217, take the same components of a two-dimensional transform).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from langevin.errors import UsageError
from langevin.sgld.fourier import is_key, table_of
from langevin.sgld.losses import per_sample
from langevin.sgld.model import Data, Model, Weights


class Parts(NamedTuple):
    """Outputs on training and test set, one below the other: mean over all pairs, key waves, and everything."""

    constant: Any
    key: Any
    whole: Any


@lru_cache(maxsize=64)
def answers_of(model: Model) -> NDArray[np.int64]:
    """The answer (p^2,) of each pair of residues, those of the training set first.

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
    """The outputs of a network at the pairs of its data, taken apart by the key frequencies of its embedding.

    Raises:
        UsageError: it has no embedding of the residues, or as `answers_of`.
    """
    answers, table = answers_of(model), table_of(model, weights)
    p = round(len(answers) ** 0.5)
    if len(table) != p:
        raise UsageError(
            f"the table of embeddings of {model.name} has {len(table)} rows for {p} residues",
            "one row for each residue",
            "mend `embedding` of the Model",
        )
    whole = jnp.concatenate([model.apply(weights, one.inputs) for one in data])
    by_answer = jnp.zeros((p, whole.shape[1]), whole.dtype).at[answers].add(whole) / p
    chosen = jnp.concatenate([jnp.zeros(1, bool), is_key(table)])
    key = jnp.fft.irfft(jnp.fft.rfft(by_answer, axis=0) * chosen[:, None], n=p, axis=0)
    return Parts(jnp.mean(whole, axis=0), key.astype(whole.dtype)[answers], whole)


def losses_of(model: Model, outputs: Any, data: tuple[Data, Data]) -> dict[str, Any]:
    """Mean loss of outputs, those of the training set first, on training and test set."""
    train, test = data
    cut = len(train.targets)
    each = per_sample(model.loss)
    return {
        "train": jnp.mean(each(outputs[:cut], train.targets)),
        "test": jnp.mean(each(outputs[cut:], test.targets)),
    }
