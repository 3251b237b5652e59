"""A network of one hidden layer on ten random samples, for tests of the trainer."""

from functools import cache

import numpy as np

from langevin.sgld import Data, Model


@cache
def network():
    import jax
    import jax.numpy as jnp

    generator = np.random.default_rng(0)
    inputs = generator.normal(size=(10, 5))
    data = Data(inputs, np.sign(inputs[:, :1]))

    def init(key):
        first, second = jax.random.split(key)
        return {"in": jax.random.normal(first, (5, 8)), "out": jax.random.normal(second, (8, 1)) / 3}

    def apply(weights, inputs):
        return jnp.tanh(inputs @ weights["in"]) @ weights["out"]

    return Model("tanh", init, apply, "half-mse", data, data)
