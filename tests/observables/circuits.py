"""Networks of addition modulo p with a known solution, as models whose init returns it."""

import jax
import jax.numpy as jnp
import numpy as np

from langevin.sgld import Data, Model
from langevin.sgld.computation import data_in, precision
from langevin.sgld.losses import per_sample
from langevin.sgld.observers import apart


def table(p, frequencies):
    """cos and sin (p, 2 n) of each frequency at the residues."""
    angles = 2 * np.pi * np.outer(np.arange(p), frequencies) / p
    return np.concatenate([np.cos(angles), np.sin(angles)], axis=1)


def addition(p, frequencies, height, memory=0.0, fraction=0.6, loss="cross-entropy"):
    """Outputs height x sum_k cos w_k (a + b - c), plus `memory` at the answer of each training pair.

    The weights are the embedding, the cosines and sines of a residue, and the two strengths.
    """
    a, b = np.divmod(np.arange(p * p), p)
    answers = (a + b) % p
    chosen = np.random.default_rng(0).permutation(p * p) < fraction * p * p
    inputs, targets = np.stack([a, b], axis=1).astype(np.int32), np.eye(p)[answers]
    known, count = np.where(chosen, 1.0, 0.0)[:, None] * targets, len(frequencies)

    def init(key):
        return {"embedding": jnp.asarray(table(p, frequencies)), "heights": jnp.array([height, memory])}

    def apply(weights, pairs):
        first, second = weights["embedding"][pairs[:, 0]], weights["embedding"][pairs[:, 1]]
        cosine = first[:, :count] * second[:, :count] - first[:, count:] * second[:, count:]
        sine = first[:, count:] * second[:, :count] + first[:, :count] * second[:, count:]
        outputs = jnp.concatenate([cosine, sine], axis=1) @ jnp.asarray(table(p, frequencies).T, first.dtype)
        learned = jnp.asarray(known, first.dtype)[pairs[:, 0] * p + pairs[:, 1]]
        return weights["heights"][0] * outputs + weights["heights"][1] * learned

    return Model(
        "circuit", init, apply, loss, Data(inputs[chosen], targets[chosen]), Data(inputs[~chosen], targets[~chosen]),
        embedding=lambda weights: weights["embedding"],
    )  # fmt: skip


def weights_of(model):
    """The weights of init in double precision, which the caller must have set."""
    return jax.tree.map(lambda leaf: jnp.asarray(leaf, "float64"), model.init(jax.random.key(0)))


def seen(model, observe):
    """Losses and observables of a network at the weights of its init, in double precision, by name."""
    with precision("float64"):
        weights, data = (
            weights_of(model),
            tuple(data_in(part, "float64") for part in (model.train, model.test)),
        )

        @jax.jit
        def look(weights):
            found = {}
            for name, one in zip(("train_loss", "test_loss"), data):
                found[name] = jnp.mean(per_sample(model.loss)(model.apply(weights, one.inputs), one.targets))
            for name, observable in observe.items():
                found[name] = observable.look(model, weights, data)
            return jax.tree.map(lambda seen: jnp.asarray(seen)[None], found)

        return {
            one: float(number[0])
            for name, found in look(weights).items()
            for one, number in apart(name, found).items()
        }


def outputs_of(model):
    """Outputs on the training set followed by the test set, at the weights of init, in double precision."""
    with precision("float64"):
        weights = weights_of(model)
        return np.concatenate(
            [np.asarray(model.apply(weights, part.inputs)) for part in (model.train, model.test)]
        )
