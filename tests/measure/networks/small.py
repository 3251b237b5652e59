"""Networks small enough for closed forms."""

from functools import cache

import numpy as np

from langevin.sgld import Data, Model


def network(apply, inputs, targets, loss="half-mse"):
    data = Data(inputs, targets)
    return Model("small", lambda key: None, apply, loss, data, data)


@cache
def regression(samples=6, features=4, outputs=1):
    """f = x w: the Hessian is X^T X / N for every output, the tangent kernel X X^T."""
    generator = np.random.default_rng(1)
    inputs = generator.normal(size=(samples, features))
    targets = generator.normal(size=(samples, outputs))
    return network(lambda weights, x: x @ weights["w"], inputs, targets)


@cache
def two_layers():
    """f = x A b with 3 inputs, 4 hidden units: tangent kernel (x.x') |b|^2 + (x A).(x' A)."""
    inputs = np.random.default_rng(2).normal(size=(5, 3))
    return network(lambda weights, x: x @ weights["A"] @ weights["b"], inputs, np.ones((5, 1)))


def two_layer_weights(seed=0):
    generator = np.random.default_rng(seed)
    return {"A": generator.normal(size=(3, 4)), "b": generator.normal(size=(4, 1))}


@cache
def product():
    """f = u v, target 1: curvature u^2 + v^2 on the zero-loss set u v = 1."""
    return network(lambda w, x: (w["u"] * w["v"]) * x, np.ones((1, 1)), np.ones((1, 1)))
