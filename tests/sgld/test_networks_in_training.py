"""Networks that differ in training: dropout, statistics of the batch, new samples, no test set."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import langevin
from langevin.errors import UsageError
from langevin.experiment.measured_weights import measure_weights
from langevin.measure import networks
from langevin.sgld import Callbacks, Computation, Data, Law, Model, Plan, Recording, execute, extend, train
from langevin.sgld.premises import FREE_DIFFUSION, GIBBS, why_not
from tests.tiny_network import network

INPUTS = np.random.default_rng(0).normal(1.0, 2.0, size=(24, 5)).astype(np.float32)
DATA = Data(INPUTS, np.sign(INPUTS[:, :1]))
MOMENTUM, KEEP = 0.9, 0.5


def init(key):
    return {
        "in": jax.random.normal(key, (5, 8)),
        "out": jax.random.normal(key, (8, 1)) / 3,
        "mean": jnp.zeros(8),
    }


def apply(weights, inputs):
    return jnp.tanh(inputs @ weights["in"] - weights["mean"]) @ weights["out"]


def fit(weights, inputs, key):
    """Hidden units minus the mean of the batch, whose moving mean is kept; half of the units are dropped."""
    hidden = inputs @ weights["in"]
    mean = hidden.mean(axis=0)
    kept = jax.random.bernoulli(key, KEEP, hidden.shape) / KEEP
    outputs = (jnp.tanh(hidden - mean) * kept) @ weights["out"]
    return outputs, {**weights, "mean": MOMENTUM * weights["mean"] + (1 - MOMENTUM) * mean}


def fixed(weights):
    return {name: name == "mean" for name in weights}


@pytest.fixture(scope="module")
def normalised():
    return Model("normalised", init, apply, "half-mse", DATA, DATA, fit=fit, fixed=fixed)


def by_hand(law, steps, weights, key_of):
    """Gradient descent with the network in training, as a loop in plain JAX."""
    for step in range(steps):

        def loss(weights, step=step):
            outputs, fresh = fit(weights, jnp.asarray(DATA.inputs), key_of(step))
            return jnp.mean((outputs - jnp.asarray(DATA.targets, jnp.float32)) ** 2) / 2, fresh

        gradient, fresh = jax.grad(loss, has_aux=True)(weights)
        weights = {
            name: fresh[name] if name == "mean"
            else weights[name] - law.learning_rate * (gradient[name] + law.weight_decay * weights[name])
            for name in weights
        }  # fmt: skip
    return weights


def test_steps_are_those_of_the_network_in_training(normalised):
    """Every step updates the statistics, and neither decay nor gradient moves them."""
    from langevin.sgld.law import IN_TRAINING
    from langevin.sgld.start import chain_key

    law, seen = Law(0.1, weight_decay=0.2), {}
    run = train(normalised, law, steps=30, chains=1, seed=3, recording=Recording([0, 30]),
                callbacks=Callbacks(visit=lambda step, now: seen.__setitem__(step, now[0])))  # fmt: skip
    run_key = jax.random.split(chain_key(3, 0))[1]
    base = jax.random.fold_in(run_key, IN_TRAINING)
    expected = by_hand(law, 30, seen[0], lambda step: jax.random.fold_in(base, step))
    for name in expected:
        np.testing.assert_allclose(seen[30][name], expected[name], rtol=2e-5, atol=2e-6)
    wrong = by_hand(law, 30, seen[0], lambda step: jax.random.fold_in(base, 0))  # one dropout for all steps
    assert np.abs(seen[30]["in"] - np.asarray(wrong["in"])).max() > 1e-2
    outputs = apply(seen[30], DATA.inputs)
    loss = float(np.mean((np.asarray(outputs) - DATA.targets) ** 2) / 2)
    assert run.observables["train_loss"][0, -1] == pytest.approx(loss, rel=1e-5)  # of apply, without dropout
    assert run.meta["parameters"] == 48
    norm = np.sqrt(sum((seen[30][name] ** 2).sum() for name in ("in", "out")))
    assert run.observables["weight_norm"][0, -1] == pytest.approx(norm, rel=1e-5)


def test_noise_does_not_move_what_is_fixed():
    """Without fit a fixed leaf does not change, also under thermal noise, and has no curvature."""
    model = Model("held", init, apply, "half-mse", DATA, DATA, fixed=fixed)
    run = train(model, Law(0.05, temperature=1e-2), steps=40, chains=2, seed=1)
    weights = langevin.weights(run, model, 1)
    assert (np.asarray(weights["mean"]) == 0).all()
    free = Model("free", init, apply, "half-mse", DATA, DATA)
    assert not (
        np.asarray(langevin.weights(train(free, Law(0.05, 1e-2), steps=40, chains=2, seed=1), free)["mean"])
        == 0
    ).all()
    held, loose = (networks.hessian_trace(one, weights).value for one in (model, free))
    assert held < loose * 0.99
    assert run.meta["rank"] <= 24


def test_such_runs_go_on_and_are_spread_to_the_same_bits(normalised):
    plan = Plan(Law(0.1, temperature=1e-4, batch=7, name="sgld"), 40, 2, 5, recording=Recording([0, 20, 40]))
    whole = execute(normalised, plan)
    short = execute(normalised, replace(plan, steps=20, recording=Recording([0, 20])))
    longer = extend(short, normalised, plan)
    with ThreadPoolExecutor(2) as executor:
        spread = execute(normalised, plan, executor=executor)
    for other in (longer, spread):
        np.testing.assert_array_equal(other.states, whole.states)
        means = [langevin.weights(one, normalised)["mean"] for one in (other, whole)]
        np.testing.assert_array_equal(*means)


def test_a_stream_gives_fresh_samples():
    """The data are linear: a regression reaches the correct weights on a stream, but not on ten samples of `train`."""
    slope = np.arange(1.0, 6.0).reshape(5, 1)

    def fresh(key, count):
        first, second = jax.random.split(key)
        inputs = jax.random.normal(first, (count, 5))
        return inputs, inputs @ slope + jax.random.normal(second, (count, 1))

    few = np.random.default_rng(1).normal(size=(10, 5))
    data = Data(few, few @ slope)
    line = Model(
        "line",
        lambda key: {"w": jnp.zeros((5, 1))},
        lambda w, x: x @ w["w"],
        "half-mse",
        data,
        None,
        fresh=fresh,
    )
    run = train(
        line, Law(0.02, batch=50, name="sgd"), steps=1500, chains=2, seed=1, recording=Recording([0, 1500])
    )
    ends = [langevin.weights(run, line, chain)["w"] for chain in range(2)]
    for found in ends:
        np.testing.assert_allclose(
            found, slope, atol=0.1
        )  # standard deviation (0.02 / (2 x 50))^(1/2) = 0.014
    assert not np.array_equal(*ends)
    with pytest.raises(UsageError, match="takes no batch"):
        train(line, Law(0.02), steps=5, chains=1, seed=1)


def test_without_a_test_set_nothing_is_said_of_one():
    model = replace(network(), test=None)
    run = train(model, Law(0.1), steps=50, chains=2, seed=1)
    assert "train_loss" in run.observables
    assert not [name for name in (*run.observables, *run.events) if name.startswith(("test", "generalised"))]
    assert np.isnan(networks.performance(model, langevin.weights(run, model)).test_loss)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"fit": lambda w, x, k: apply(w, x)}, "no pair"),
        ({"fit": lambda w, x, k: (apply(w, x), {"in": w["in"]})}, "weights of other shapes"),
        ({"fit": lambda w, x, k: (apply(w, x)[:3], w)}, "outputs of the shape"),
        ({"fixed": lambda w: dict.fromkeys(w, True)}, "nothing to train"),
        ({"fixed": lambda w: {"in": True}, "apply": apply}, "no tree like its weights|ailed|Tree|structure"),
    ],
)
def test_functions_of_other_shapes_are_refused(normalised, changed, sentence):
    with pytest.raises(UsageError, match=sentence):
        train(replace(normalised, **changed), Law(0.1), steps=5, chains=1, seed=1)


def test_a_run_says_what_theories_must_know_of_it(normalised):
    """The thermometer uses the losses of `apply`, which are not those of the steps if `fit` is another network."""
    run = execute(normalised, Plan(Law(0.1, 1e-4), 20, 2, 1))
    assert run.meta["fit"]
    assert "fresh" not in run.meta
    assert "another one" in why_not(run.meta, GIBBS)
    assert "another one" in why_not(run.meta, FREE_DIFFUSION)
    plain = execute(network(), Plan(Law(0.1, 1e-4), 20, 2, 1))
    assert not why_not(plain.meta, GIBBS)


def test_measured_norms_are_of_what_is_trained(normalised):
    run, _ = measure_weights(execute(normalised, Plan(Law(0.1), 20, 2, 1)), normalised, ["norm", "spectral"])
    np.testing.assert_allclose(run.events["norm"], run.observables["weight_norm"][:, -1], rtol=1e-6)
    wide = replace(normalised, fixed=lambda w: {name: name != "out" for name in w})
    held, _ = measure_weights(execute(wide, Plan(Law(0.1), 20, 2, 1)), wide, ["norm", "spectral"])
    np.testing.assert_allclose(held.events["spectral"], held.events["norm"], rtol=1e-12)  # one column


def test_a_fixed_leaf_has_no_gradient_that_an_optimiser_could_see():
    """A step clipped by the norm of the whole gradient has the same length as without the fixed leaf."""
    optax = pytest.importorskip("optax")
    law = Law(
        0.1,
        name="clipped",
        optimiser=lambda rate: optax.chain(optax.clip_by_global_norm(1e-3), optax.sgd(rate)),
    )
    base = network()

    def frozen(weights, inputs, key):
        return base.apply(weights, inputs), weights

    model = replace(base, fit=frozen, fixed=lambda w: {name: name == "in" for name in w})
    run = execute(model, Plan(law, 1, 1, 1, recording=Recording([0, 1])))
    np.testing.assert_allclose(run.observables["displacement"][0, -1], 1e-4, rtol=1e-3)


def test_half_precision_and_samples_of_another_kind_are_refused(normalised):
    with pytest.raises(UsageError, match=r"another network in training.*leave `apply`"):
        train(normalised, Law(0.1), steps=5, chains=1, seed=1, computation=Computation(apply="bfloat16"))
    tokens = Data(np.arange(20).reshape(10, 2), np.ones((10, 1)))
    model = Model(
        "tokens", lambda key: jnp.ones((2, 1)), lambda w, x: x @ w, "half-mse", tokens, None,
        fresh=lambda key, count: (jnp.ones((count, 2)) / 2, jnp.ones((count, 1))),
    )  # fmt: skip
    with pytest.raises(UsageError, match="are whole numbers"):
        train(model, Law(0.1, name="sgd", batch=4), steps=5, chains=1, seed=1)
