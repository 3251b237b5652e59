"""A network of one hidden layer that learns y = x^2 from a few points."""

import jax
import jax.numpy as jnp
import numpy as np

from langevin.sgld import Data, Law, Model, Plan

DEFAULTS = Plan(Law(0.1), steps=500, chains=2)


def model(width: int = 16, samples: int = 8) -> Model:
    """The parabola on -1 ... 1.

    Args:
        width: number of hidden units.
        samples: number of points, at equal distances.
    """

    def init(key):
        first, second = jax.random.split(key)
        hidden = jax.random.normal(first, (2, width))
        return {"hidden": hidden, "output": jax.random.normal(second, (width, 1)) / width}

    def apply(weights, inputs):
        slope, shift = weights["hidden"]
        return jnp.tanh(inputs * slope + shift) @ weights["output"]

    def points(count):
        x = np.linspace(-1, 1, count)[:, None]
        return Data(x, x**2)

    dials = {"width": width, "samples": samples}
    return Model("parabola", init, apply, "half-mse", points(samples), points(101), dials)
