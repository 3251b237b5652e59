"""Initial weights are compiled with little optimisation, and have the bits of the usual compilation."""

from importlib import import_module

import jax
import numpy as np
import pytest

from langevin.sgld.start import initial_weights, network_keys


@pytest.mark.parametrize("name", ["digits", "modular", "parity", "polynomial"])
def test_initial_weights_have_the_bits_of_the_usual_compilation(name):
    model = import_module(f"models.{name}").model()
    key, _ = network_keys(3, 1)
    fast = initial_weights(key, model=model, dtype="float32")
    usual = jax.jit(model.init)(jax.random.split(key)[0])
    jax.tree.map(np.testing.assert_array_equal, fast, usual)
