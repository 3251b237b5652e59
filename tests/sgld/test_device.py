"""A training computes on the chosen device, and its outputs in half precision if this is requested."""

from concurrent.futures import ThreadPoolExecutor

import jax
import numpy as np
import pytest

import langevin
from langevin.errors import UsageError
from langevin.sgld import Computation, Data, Law, Model, Plan, Protocol, Recording, execute, train
from tests.tiny_network import network

FRAMES = Recording([0, 50, 100])


def trained(**computation):
    return train(
        network(),
        Law(0.1),
        steps=100,
        chains=2,
        seed=1,
        recording=FRAMES,
        computation=Computation(**computation),
    )


def test_a_device_that_is_there_changes_nothing():
    plain, chosen = trained(), trained(device="cpu:0")
    np.testing.assert_array_equal(plain.states, chosen.states)
    assert "device cpu" in chosen.meta["content"]["software"]


@pytest.mark.parametrize("name", ["abacus", "cpu:99", "cpu:-1", "", "cpu:x"])
def test_one_that_is_not_there_is_refused(name):
    with pytest.raises(UsageError, match=r"no device .*\(one of|JAX offers no device"):
        trained(device=name)


def test_outputs_in_half_precision_follow_those_in_single():
    """8 bits instead of 24: losses agree to some per cent, and not better, so half precision has an effect."""
    single, half = trained(), trained(apply="bfloat16")
    here, there = single.observables["train_loss"], half.observables["train_loss"]
    np.testing.assert_allclose(here, there, rtol=0.05)
    assert not np.allclose(here, there, rtol=1e-5)
    assert half.meta["apply_dtype"] == "bfloat16"
    assert half.state["leaf 0"].dtype == np.float32


def test_double_precision_follows_single_to_its_rounding():
    start = Protocol(start=langevin.weights(trained(), network()))
    losses = [
        train(network(), Law(0.1), steps=20, chains=1, seed=1, protocol=start, computation=Computation(dtype))
        .observables["train_loss"]
        for dtype in ("float32", "float64")
    ]  # fmt: skip
    np.testing.assert_allclose(*losses, rtol=1e-5)
    assert not np.array_equal(*losses)


def test_another_half_precision_is_refused():
    with pytest.raises(UsageError, match="bfloat16"):
        trained(apply="float8")


def test_the_rank_is_none_of_the_rounding():
    """A line through 20 points has one independent gradient for each slope, also if outputs are rounded."""
    inputs = np.random.default_rng(0).normal(size=(20, 5))
    data = Data(inputs, inputs @ np.ones((5, 1)))
    line = Model(
        "line", lambda key: jax.random.normal(key, (5, 1)), lambda w, x: x @ w, "half-mse", data, None
    )
    half = Computation(apply="bfloat16")
    plan = Plan(Law(0.01, 1e-6), 5, 2, 1, computation=half)
    with ThreadPoolExecutor(1) as pool:
        for run in (execute(line, plan), execute(line, plan, executor=pool)):
            assert run.events["rank"].tolist() == [5, 5]
