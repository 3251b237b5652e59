"""Computations before the first step, with other options of compilation, have the bits of the usual compilation."""

from importlib import import_module

import jax
import numpy as np
import pytest

from langevin.sgld.law import shuffled
from langevin.sgld.observation import BLOCK, kept_signs, signs
from langevin.sgld.start import OWN, chain_key, initial_weights, network_keys


@pytest.mark.parametrize("name", ["digits", "modular", "parity", "polynomial", "linear"])
def test_initial_weights_have_the_bits_of_the_usual_compilation(name):
    model = import_module(f"models.{name}").model()
    key, _ = network_keys(3, 1)
    fast = initial_weights(key, model=model, dtype="float32")
    usual = jax.jit(model.init)(jax.random.split(key)[0])
    jax.tree.map(np.testing.assert_array_equal, fast, usual)


@pytest.mark.parametrize("seed", [0, 5, 2**40 + 3])
@pytest.mark.parametrize("setting", [0, 4])
def test_keys_are_those_of_jax(seed, setting):
    key = chain_key(seed, 7)
    key = jax.random.fold_in(key, OWN + setting) if setting else key
    for found, expected in zip(network_keys(seed, 7, setting), (key, jax.random.split(key)[1]), strict=True):
        assert np.array_equal(*map(jax.random.key_data, (found, expected)))


@pytest.mark.parametrize("samples", [1, 7, 1627, 60_000])  # sorted no, one, two and two times
def test_orders_of_an_epoch_are_permutations_of_jax(samples):
    key = jax.random.key(5)
    expected = jax.random.permutation(jax.random.fold_in(key, 3), samples)
    assert np.array_equal(shuffled(key, 3, samples), expected)


@pytest.mark.parametrize("size", [64, 40])
def test_signs_that_are_kept_are_those_made_anew(size):
    kept = kept_signs(BLOCK + 1, size)
    for block in range(2):
        assert np.array_equal(kept[block], signs(block, BLOCK, size))
