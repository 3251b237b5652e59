"""Fraction of the weights of each layer that are nearly zero, compared with the root mean square of the layer."""

import jax
import jax.numpy as jnp

from langevin.types import Observable


def share(leaf):
    return jnp.mean(jnp.abs(leaf) < 0.1 * jnp.sqrt(jnp.mean(leaf**2)))


def look(model, weights, data):
    return jnp.stack([share(leaf) for leaf in jax.tree.leaves(weights)])


small_weights = Observable(summary="fraction of the weights of each layer that are nearly zero", look=look)
