"""A network that has memorised is held at its norm, or has a loss of divided outputs, and nothing else changes."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from langevin.errors import UsageError
from langevin.sgld import Callbacks, Law, Plan, Protocol, Recording, execute, extend
from tests.tiny_network import network

FRAMES = Recording(range(0, 201, 10))


def plan(steps=200, **changes):
    law = Law(0.3, weight_decay=0.05)
    frames = Recording(range(0, steps + 1, 10))
    return Plan(law, steps, 3, 2, Protocol(after_memorisation=changes), frames)


@pytest.fixture(scope="module")
def plain():
    return execute(network(), plan(weight_decay=0.05))


def test_the_norm_is_held_from_memorisation_on(plain):
    """Up to that step all numbers are as without it; afterwards the norm is constant, and without it it changes."""
    held = execute(network(), plan(norm=1.0))
    for chain, step in enumerate(held.events["changed_step"].tolist()):
        assert step == plain.events["memorised_step"][chain] > 0
        at = held.steps.tolist().index(step)
        norms, free = held.observables["weight_norm"][chain], plain.observables["weight_norm"][chain]
        np.testing.assert_array_equal(norms[: at + 1], free[: at + 1])
        np.testing.assert_allclose(norms[at:], norms[at], rtol=1e-5)
        assert abs(free[-1] / free[at] - 1) > 0.02
        assert held.observables["displacement"][chain, -1] > held.observables["displacement"][chain, at]


def test_a_held_norm_of_half_is_half_of_it():
    run = execute(network(), plan(norm=0.5))
    at = run.steps.tolist().index(int(run.events["changed_step"][0]))
    norms = run.observables["weight_norm"][0]
    np.testing.assert_allclose(norms[at + 1 :], norms[at] / 2, rtol=1e-5)


def test_divided_outputs_are_descended_as_by_hand():
    """Steps after memorisation agree with explicit steps for the loss of outputs / 2."""
    seen = {}
    one = replace(plan(output_temperature=2.0), chains=1)
    run = execute(network(), one, Callbacks(visit=lambda step, now: seen.__setitem__(step, now[0])))
    step, model = int(run.events["changed_step"][0]), network()
    weights = jax.tree.map(jnp.asarray, seen[step])
    inputs, targets = (jnp.asarray(array, jnp.float32) for array in model.train)

    def loss(weights, temperature=2.0):
        return jnp.mean((model.apply(weights, inputs) / temperature - targets) ** 2) / 2

    wrong = weights
    for _ in range(10):
        weights = jax.tree.map(lambda w, g: w - 0.3 * (g + 0.05 * w), weights, jax.grad(loss)(weights))
        other = jax.grad(loss)(wrong, 1.0)
        wrong = jax.tree.map(lambda w, g: w - 0.3 * (g + 0.05 * w), wrong, other)
    for name in weights:
        np.testing.assert_allclose(seen[step + 10][name], weights[name], rtol=1e-4, atol=1e-6)
    assert np.abs(np.asarray(wrong["out"]) - seen[step + 10]["out"]).max() > 1e-2


def test_held_runs_go_on_to_the_same_bits():
    whole = execute(network(), plan(norm=0.8, output_temperature=1.5, weight_decay=0.0))
    short = execute(network(), plan(100, norm=0.8, output_temperature=1.5, weight_decay=0.0))
    longer = extend(short, network(), plan(norm=0.8, output_temperature=1.5, weight_decay=0.0))
    with ThreadPoolExecutor(2) as executor:
        spread = execute(
            network(), plan(norm=0.8, output_temperature=1.5, weight_decay=0.0), executor=executor
        )
    for other in (longer, spread):
        np.testing.assert_array_equal(other.states, whole.states)


@pytest.mark.parametrize(
    "changes", [{"norm": 0.0}, {"output_temperature": -1.0}, {"radius": 1.0}, {"norm": np.inf}]
)
def test_others_are_refused(changes):
    with pytest.raises(UsageError, match=r"above 0|cannot change"):
        execute(network(), plan(**changes))
