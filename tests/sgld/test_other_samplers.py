"""Other libraries sample the same law, after a conversion of their conventions."""

from functools import cache

import numpy as np
import pytest

from langevin.sgld import Callbacks, Data, Law, Model, Recording, train
from tests.sgld.test_exactness import RATE, small_network, start

COORDINATES = 200
STIFFNESS = np.linspace(0.5, 2.0, COORDINATES)


@cache
def quadratic():
    """f = sum_i k_i w_i^2 / 2."""
    inputs = np.diag((COORDINATES * STIFFNESS) ** 0.5)
    data = Data(inputs, np.zeros((COORDINATES, 1)))
    return Model(
        "quadratic", lambda key: np.zeros((COORDINATES, 1)), lambda w, x: x @ w, "half-mse", data, data
    )


HEAT, PACE = 1e-2, 0.3
FRAMES = range(200, 6001, 20)


def mean_loss(losses):
    return losses.mean(), losses.std(ddof=1) / losses.size**0.5


def noisy_sgd(**numbers):
    """Mean loss of optax.noisy_sgd on the quadratic at the same frames, and its error."""
    import jax
    import jax.numpy as jnp

    optax = pytest.importorskip("optax")
    law, stiffness = optax.noisy_sgd(PACE, key=5, **numbers), jnp.asarray(STIFFNESS)

    @jax.jit
    def run(weights):
        def step(carry, _):
            weights, memory = carry
            move, memory = law.update(stiffness * weights, memory)
            weights = optax.apply_updates(weights, move)
            return (weights, memory), jnp.sum(stiffness * weights**2) / 2

        return jax.lax.scan(step, (weights, law.init(weights)), None, FRAMES[-1])[1]

    return mean_loss(np.asarray(run(jnp.zeros(COORDINATES)))[np.array(FRAMES) - 1])


@pytest.mark.statistical
def test_noisy_sgd_of_optax_is_the_law_at_eta_two_theta_over_lr_and_gamma_zero():
    trajectory = train(
        quadratic(), Law(PACE, temperature=HEAT), steps=FRAMES[-1], chains=1, seed=3, recording=Recording(FRAMES)
    )  # fmt: skip
    ours = mean_loss(trajectory.observables["train_loss"][0, 1:])
    theirs = noisy_sgd(eta=2 * HEAT / PACE, gamma=0.0)
    law = HEAT / 2 * np.sum(1 / (1 - PACE * STIFFNESS / 2))
    for mean, error in (ours, theirs):  # a frame is independent of the one 20 steps before it: 0.85^40 < 0.01
        assert abs(mean - law) < 4 * error
        assert error < 0.01 * law
    for numbers in (
        {"eta": 2 * HEAT * PACE, "gamma": 0.0},
        {"eta": 2 * HEAT / PACE},
    ):  # gamma is 0.55 by default
        mean, error = noisy_sgd(**numbers)
        assert abs(mean - law) > 20 * error


def by_blackjax(temperature):
    """Weights of the small network after some steps of blackjax.sgld, with the keys and start of the trainer."""
    import jax
    from jax import random

    from langevin.sgld.start import chain_key

    blackjax = pytest.importorskip("blackjax")
    model = small_network()
    inputs, targets = (part.astype(np.float32) for part in model.train)

    def gradient(weights, batch):  # log density -f
        return jax.grad(lambda w: -((model.apply(w, inputs) - targets) ** 2).mean() / 2)(weights)

    sampler = blackjax.sgld(gradient)
    noise_key = random.split(random.split(chain_key(7, 0))[1], 3)[0]
    weights, step = start()[0], jax.jit(sampler.step)
    for number in range(50):
        weights = step(random.fold_in(noise_key, number), weights, None, RATE, temperature)
    return weights


def normals_of_the_trainer(key, weights):
    """Standard normals in the shape of the weights."""
    from jax.flatten_util import ravel_pytree

    from langevin.sgld.noise import normal_pairs

    flat, unravel = ravel_pytree(weights)
    return unravel(normal_pairs(key, -(-flat.size // 2)).ravel()[: flat.size])


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_sgld_of_blackjax_takes_the_same_steps(monkeypatch):
    """The log density is -f and the temperature theta: with the same normals, the same weights."""
    pytest.importorskip("blackjax")
    monkeypatch.setattr("blackjax.sgmcmc.diffusions.generate_gaussian_noise", normals_of_the_trainer)
    seen, heat = {}, 1e-4
    train(
        small_network(), Law(RATE, temperature=heat), steps=50, chains=1, seed=7, recording=Recording([50]),
        callbacks=Callbacks(visit=lambda step, weights: seen.update({step: weights[0]})),
    )  # fmt: skip
    for temperature, same in ((heat, True), (heat / 2, False)):
        theirs = by_blackjax(temperature)
        near = [
            np.allclose(seen[50][name], theirs[name], rtol=0, atol=1e-5)  # single precision over 50 steps
            for name in ("hidden", "output")
        ]
        assert all(near) is same
