"""Single and double precision in one process do not affect each other."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from langevin.errors import UsageError
from langevin.measure import networks
from langevin.sgld import Computation, Data, Law, Model, train
from langevin.sgld.computation import precision
from langevin.sgld.start import chain_key, initial_weights
from models import factorised, tanh

MODELS = {
    "teacher": lambda: tanh.model(samples=3, hidden=4, descent=3),
    "line": lambda: tanh.model(task="line", hidden=3, samples=2),
    "dense": factorised.model,
}


def run(model, dtype):
    return train(model, Law(1e-3), steps=2, chains=1, seed=3, computation=Computation(dtype))


def start(model, dtype):
    """The initial weights of a run as one row."""
    with precision(dtype):
        weights = initial_weights(chain_key(3, 0), model=model, dtype=dtype)
    return np.concatenate([np.ravel(leaf) for leaf in jax.tree.leaves(weights)])


@pytest.mark.parametrize("name", MODELS)
def test_a_start_in_double_precision_has_the_same_bits_after_one_in_single(name):
    alone, model = start(MODELS[name](), "float64"), MODELS[name]()
    single = start(model, "float32")
    np.testing.assert_array_equal(start(model, "float64"), alone)
    assert (single != alone).any()  # otherwise a confusion would have no effect


def regression(apply):
    inputs = np.random.default_rng(0).normal(size=(5, 3))
    data = Data(inputs, inputs[:, :1])

    def projected(weights):  # captures the array itself, which JAX then remembers in single precision
        return jnp.sum(inputs @ weights)

    return Model(
        "held", lambda _: jnp.ones((3, 1)), apply, "half-mse", data, data, observe={"projected": projected}
    )


def test_measurements_are_in_double_precision_after_a_run_in_single():
    model = regression(lambda weights, x: x @ weights)
    run(model, "float32")
    inputs = model.train.inputs
    kernel = networks.tangent_kernel(model, np.ones((3, 1)))
    np.testing.assert_allclose(kernel, inputs @ inputs.T, rtol=0, atol=1e-14)
    rounded = inputs.astype(np.float32).astype(float)
    assert np.abs(rounded @ rounded.T - kernel).max() > 1e-9  # the error of single precision


def test_a_captured_array_that_does_not_say_its_precision_is_explained():
    shift = np.array([0.1, 0.2, 0.3, 0.4, 0.5])[:, None]
    model = regression(lambda weights, x: x @ weights + shift)
    run(model, "float32")
    for call in (
        lambda: run(model, "float64"),
        lambda: networks.hessian_trace(model, np.ones((3, 1))),
    ):
        with pytest.raises(
            UsageError, match=r"mixes precisions \(float64 is required\): .*cast each NumPy array"
        ):
            call()
