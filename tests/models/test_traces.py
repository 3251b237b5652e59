"""Closed-form Gauss-Newton traces of the networks that record them agree with automatic differentiation."""

import jax
import numpy as np
import pytest
from jax.flatten_util import ravel_pytree

from langevin.sgld.computation import data_in
from langevin.sgld.observers import looking
from models import modular, parity, tanh

MODELS = {
    "parity": lambda: parity.model(n=6, samples=9, test_samples=2, width=5),
    "modular": lambda: modular.model(p=5, width=6),
    "tanh": lambda: tanh.model(inputs=4, hidden=5, samples=6, descent=3),
}


def differentiated(model, weights):
    """Mean over the training samples of the squared gradient, summed over outputs."""
    flat, unravel = ravel_pytree(weights)
    inputs = data_in(model.train, "float32").inputs
    rows = jax.jit(jax.jacrev(lambda flat: model.apply(unravel(flat), inputs)))(flat)
    return float((rows**2).sum()) / len(inputs)


def recorded(model, weights):
    data = data_in(model.train, "float32"), data_in(model.test, "float32")
    return float(looking(model.observe["trace"])(model, weights, data, None)[0])


def random_weights(model):
    shapes, generator = jax.eval_shape(model.init, jax.random.key(0)), np.random.default_rng(1)
    return jax.tree.map(lambda leaf: generator.normal(size=leaf.shape).astype(np.float32), shapes)


@pytest.mark.parametrize("name", MODELS)
def test_the_recorded_trace_is_the_mean_squared_gradient(name):
    model = MODELS[name]()
    weights = random_weights(model)
    expected = differentiated(model, weights)
    assert recorded(model, weights) == pytest.approx(expected, rel=1e-4)  # float32


def test_a_trace_without_the_outer_layer_is_caught():
    model = MODELS["tanh"]()
    weights = random_weights(model)
    outer = {**weights, "output": 0 * weights["output"]}
    assert recorded(model, outer) < 0.9 * differentiated(model, weights)
