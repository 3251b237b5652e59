"""The law of motion of the weights: its noise, its limit without noise, its independence of chunks."""

from collections import Counter
from functools import cache, partial

import numpy as np
import pytest

from langevin.sgld import Computation, Data, Law, Model, Recording, train

# The models are cached because what JAX compiles is kept per model.
SAMPLES, FEATURES = 16, 24
TRACED = Counter()


@cache
def linear_model():
    """Linear regression with 16 samples, 4 of them repeated: rank 12, and 12 flat directions."""
    generator = np.random.default_rng(3)
    rows = np.linalg.qr(generator.normal(size=(FEATURES, 12)))[0].T * SAMPLES**0.5
    inputs = np.concatenate([rows, rows[:4]])
    targets = inputs @ generator.normal(size=(FEATURES, 1))

    def apply(weights, inputs):
        TRACED["apply"] += 1
        return inputs @ weights

    def init(key):
        return np.zeros((FEATURES, 1))

    return Model("linear", init, apply, "half-mse", Data(inputs, targets), Data(inputs, targets))


@cache
def tanh_model():
    import jax
    import jax.numpy as jnp

    generator = np.random.default_rng(0)
    inputs = generator.normal(size=(10, 5))
    targets = np.sign(inputs[:, :1])

    def init(key):
        first, second = jax.random.split(key)
        return {"in": jax.random.normal(first, (5, 20)), "out": jax.random.normal(second, (20, 1)) / 5}

    def apply(weights, inputs):
        return jnp.tanh(inputs @ weights["in"]) @ weights["out"]

    return Model("tanh", init, apply, "half-mse", Data(inputs, targets), Data(inputs, targets))


def equilibrium_loss(model, learning_rate, temperature):
    """Stationary loss of Euler-Maruyama in a quadratic: theta/2 sum 1 / (1 - lr lambda / 2)."""
    curvature = np.linalg.eigvalsh(model.train.inputs @ model.train.inputs.T / SAMPLES)
    constrained = curvature[curvature > 1e-9]
    return temperature / 2 * np.sum(1 / (1 - learning_rate * constrained / 2))


def thermometer(model, learning_rate=0.5, temperature=1e-3):
    """Standard errors between the measured equilibrium loss and its law, and the trajectory."""
    # Curvatures are 1 and 2: after 20 steps the memory of the loss is below 0.5^40.
    law, recording = Law(learning_rate, temperature), Recording(range(0, 16_001, 20))
    trajectory = train(model, law, steps=16_000, chains=1, seed=1, recording=recording)
    loss = trajectory.observables["train_loss"][0, 10:]
    error = loss.std(ddof=1) / loss.size**0.5
    return (loss.mean() - equilibrium_loss(model, learning_rate, temperature)) / error, trajectory


@pytest.mark.statistical
def test_equilibrium_loss_is_theta_rank_over_two_with_the_euler_correction():
    z, trajectory = thermometer(linear_model())
    assert abs(z) < 4
    assert trajectory.meta["rank"] == 12  # 16 residuals, 4 of them twice
    assert trajectory.meta["arrival_loss"] == pytest.approx(1e-3 * 12)


@pytest.mark.statistical
def test_a_dropped_factor_two_in_the_noise_is_caught(monkeypatch):
    monkeypatch.setattr("langevin.sgld.law.noise_sd", lambda rate, theta: (rate * theta) ** 0.5)
    z, _ = thermometer(linear_model.__wrapped__())
    assert z < -20


@pytest.mark.statistical
def test_flat_directions_diffuse_with_two_theta_per_dimension():
    """MSD = 2 theta (parameters - rank) t, plus the thermal motion of the constraints."""
    temperature, rate, steps, chains = 1e-3, 0.5, 400, 60
    trajectory = train(
        linear_model(), Law(rate, temperature), steps=steps, chains=chains, recording=Recording([20])
    )  # fmt: skip
    states = trajectory.states  # the sketch is unbiased for each chain, so for the mean
    moved = ((states[:, -1] - states[:, 1]) ** 2).sum(axis=1)
    tangent = 2 * temperature * (FEATURES - 12) * rate * (steps - 20)
    # Two independent draws of each constrained mode, of curvature 1 (8 modes) and 2 (4 modes).
    normal = sum(2 * temperature / (mode * (1 - rate * mode / 2)) for mode in [1] * 8 + [2] * 4)
    expected = tangent + normal
    assert abs(moved.mean() - expected) < 4 * moved.std(ddof=1) / chains**0.5


@pytest.mark.parametrize("decay", [0.0, 0.03])
def test_without_noise_the_law_is_gradient_descent_with_coupled_decay(decay):
    model, rate, steps = linear_model(), 0.2, 50
    trajectory = train(
        model, Law(rate, weight_decay=decay), steps=steps, chains=1, recording=Recording(range(51)),
        computation=Computation("float64"),
    )  # fmt: skip
    inputs, targets = model.train
    weights, losses = np.zeros((FEATURES, 1)), []
    for _ in range(steps + 1):
        residual = inputs @ weights - targets
        losses.append((residual**2).mean() / 2)
        weights = weights - rate * (inputs.T @ residual / SAMPLES + decay * weights)
    # Sums of at most 24 terms over 50 steps in double precision.
    np.testing.assert_allclose(trajectory.observables["train_loss"][0], losses, rtol=1e-10, atol=1e-20)


def test_chunks_frames_and_other_chains_change_no_bit():
    run = partial(train, tanh_model(), Law(0.1, temperature=1e-4, batch=4), steps=60, seed=2**40 + 7)
    few, more = Recording([0, 17, 60]), Recording([0, 5, 17, 33, 60])
    whole = run(chains=3, computation=Computation(chunk=1000), recording=few)
    for other in (
        run(chains=3, computation=Computation(chunk=7), recording=few),
        run(chains=2, recording=more),
    ):
        chains = len(other.states)
        same = np.isin(other.steps, whole.steps)
        assert np.array_equal(other.states[:, same], whole.states[:chains])
        for name, values in whole.observables.items():
            assert np.array_equal(other.observables[name][:, same], values[:chains])
    assert not np.array_equal(whole.states[0], whole.states[1])


def test_another_seed_is_another_run_also_in_the_high_bits():
    run = partial(train, tanh_model(), Law(0.1, temperature=1e-4, batch=4), steps=2, chains=1)
    states = [run(seed=seed).states for seed in (7, 8, 2**40 + 7)]
    assert not np.array_equal(states[0], states[1])
    assert not np.array_equal(states[0], states[2])


def test_other_numbers_of_the_law_compile_nothing():
    run = partial(train, linear_model(), steps=20, chains=1)
    run(Law(0.1))
    before = TRACED["apply"]
    run(Law(0.2, temperature=1e-3, weight_decay=0.1))
    assert TRACED["apply"] - before <= 2  # the shapes of the train and the test outputs


def test_an_epoch_of_batches_holds_every_sample_once():
    from jax import random

    from langevin.sgld.law import minibatch, shuffled

    epochs = []
    for epoch in range(2):
        order = shuffled(random.key(0), epoch, 10)
        batches = [minibatch(order, 3 * epoch + step, 4) for step in range(3)]
        epochs.append(np.concatenate([np.asarray(index)[np.asarray(filled)] for index, filled in batches]))
        assert sorted(epochs[-1]) == list(range(10))
        assert [int(filled.sum()) for _, filled in batches] == [4, 4, 2]
    assert list(epochs[0]) != list(epochs[1])
