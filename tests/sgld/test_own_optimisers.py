"""User-defined optimisers: objects, factories by name, options that are not numbers, and refusals."""

import jax
import numpy as np
import pytest

import langevin
from langevin.errors import UsageError
from langevin.sgld import Law, Plan, Protocol, Recording
from langevin.sgld.training import execute
from tests.tiny_network import network

optax = pytest.importorskip("optax")
STEPS = 12
#: An optimiser whose step is not a pair.
ODD = optax.GradientTransformation(lambda weights: None, lambda gradient, state, weights=None: None)


def losses(law, **more):
    run = langevin.train(
        network(), law, steps=STEPS, chains=2, seed=1, recording=Recording(range(STEPS)), **more
    )
    return run.observables["train_loss"]


def plain(learning_rate, momentum=0.0, nesterov=False):
    return optax.sgd(learning_rate, momentum=momentum, nesterov=nesterov)


def amplified(decay=0.9, gain=2.0):
    """Slow gradients amplified (Lee et al. 2024): a moving mean of the gradient is added to it."""

    def update(gradient, mean, weights=None):
        mean = optax.tree_utils.tree_update_moment(gradient, mean, decay, 1)
        return optax.tree_utils.tree_add_scale(gradient, gain, mean), mean

    return optax.GradientTransformation(optax.tree_utils.tree_zeros_like, update)


def test_a_factory_takes_the_steps_of_the_optimiser_that_it_makes():
    own = losses(Law(0.1, name="mine", optimiser=plain, options={"momentum": 0.5, "nesterov": True}))
    theirs = losses(Law(0.1, name="optax.sgd", options={"momentum": 0.5, "nesterov": True}))
    without = losses(Law(0.1, name="optax.sgd", options={"momentum": 0.5, "nesterov": False}))
    np.testing.assert_array_equal(own, theirs)
    assert np.abs(own - without).max() > 1e-4


def test_a_factory_by_name_is_found_and_takes_options():
    law = Law(0.1, name="tests.sgld.test_own_optimisers:plain", options={"momentum": 0.5})
    np.testing.assert_array_equal(losses(law), losses(Law(0.1, name="optax.sgd", options={"momentum": 0.5})))


def test_a_chain_with_a_filter_of_ten_lines_is_what_its_formula_says():
    """Control: without the filter the losses differ."""

    def make(rate):
        return optax.chain(amplified(), optax.sgd(rate))

    law = Law(0.05, name="slow gradients amplified", optimiser=make)
    # constant gradients of a linear loss: mean m_k = (1 - 0.9^k) g, step k is rate (g + 2 m_k)
    opt = make(0.05)
    state, moved = opt.init(np.zeros(1, np.float32)), 0.0
    for _ in range(5):
        move, state = opt.update(np.ones(1, np.float32), state)
        moved += float(move[0])
    expected = -0.05 * sum(1 + 2 * (1 - 0.9**k) for k in range(1, 6))
    assert np.isclose(moved, expected, rtol=1e-6)
    assert np.abs(losses(law) - losses(Law(0.05, name="optax.sgd"))).max() > 1e-3


def test_schedules_decay_and_sweeps_reach_an_optimiser_of_ones_own():
    def law(rate, decay=0.0):
        return Law(rate, weight_decay=decay, name="mine", optimiser=plain)

    halved = Protocol(schedule=lambda steps: 0.5 * np.ones(len(steps)))
    np.testing.assert_allclose(losses(law(0.2), protocol=halved), losses(law(0.1)), rtol=1e-6)
    theirs = losses(Law(0.1, weight_decay=0.1, name="optax.sgd"))
    np.testing.assert_array_equal(losses(law(0.1, 0.1)), theirs)
    swept = losses(law(0.1), protocol=Protocol(sweep={"weight_decay": [0.0, 0.1]}))
    np.testing.assert_allclose(swept[:2], losses(law(0.1)), rtol=1e-6)
    np.testing.assert_allclose(swept[2:], theirs, rtol=1e-6)


def test_a_run_of_an_optimiser_goes_on_to_the_same_bits():
    kept = []
    plan = Plan(
        Law(0.1, name="mine", optimiser=plain, options={"momentum": 0.5, "nesterov": True}), STEPS, 2, 1
    )

    def stop(step, weights):
        if step > 5:
            raise KeyboardInterrupt

    from langevin.sgld import Callbacks

    with pytest.raises(KeyboardInterrupt):
        execute(network(), plan, Callbacks(visit=stop, checkpoint=lambda run, state: kept.append(state)))
    whole, on = execute(network(), plan), execute(network(), plan, resume=kept[-1])
    np.testing.assert_array_equal(whole.states, on.states)
    other = Plan(
        Law(0.1, name="mine", optimiser=plain, options={"momentum": 0.5, "nesterov": False}), STEPS, 2, 1
    )
    with pytest.raises(langevin.errors.InputFileError, match="options"):
        execute(network(), other, resume=kept[-1])


def stepping(change=lambda tree: tree, memory=0, after=lambda memory: memory):
    """A factory of optimisers with odd steps."""
    return lambda rate: optax.GradientTransformation(
        lambda weights: memory, lambda gradient, state, weights=None: (change(gradient), after(state))
    )


@pytest.mark.parametrize(
    ("law", "said"),
    [
        (Law(0.1, optimiser=plain), "its name must be new"),
        (Law(0.1, name="mine", optimiser=plain, options={"beta": 0.5}), "takes no step"),
        (Law(0.1, name="mine", optimiser=plain, temperature=0.1), "takes no temperature"),
        (Law(0.1, name="mine", optimiser=lambda rate: 3), "takes no step"),
        (Law(0.1, name="tests.tiny_network:nothing"), "nothing"),
        (Law(0.1, name="no_module_here:make"), "no module"),
        (Law(0.1, name="mine"), "module:function"),
        (Law(0.1, name="optax.lbfgs"), "takes no step"),
        (Law(0.1, name="mine", optimiser=lambda rate: ODD), "takes no step: TypeError"),
        (
            Law(0.1, name="mine", optimiser=stepping(lambda tree: jax.tree.map(lambda one: one[None], tree))),
            "a change",
        ),
        (Law(0.1, name="mine", optimiser=stepping(after=lambda count: count + 1.5)), "a memory"),
        (Law(0.1, name="mine", optimiser=stepping(after=lambda count: (count, count))), "a memory"),
    ],
)
def test_refused_in_a_sentence(law, said):
    with pytest.raises(UsageError, match=said):
        losses(law)
