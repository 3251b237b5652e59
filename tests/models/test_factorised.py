"""Linear networks in JAX and their landscapes in Numba have the same loss and the same motion."""

from functools import cache

import numpy as np
import pytest

from langevin import manifolds
from langevin.ensemble import simulate
from langevin.errors import UsageError
from langevin.integrators import euler_maruyama
from langevin.landscapes.evaluate import evaluate
from langevin.sgld import Law, Recording, train
from langevin.types import Problem
from models import factorised

STEPS, RATE, THETA, PAIRS = 400, 2e-3, 0.05, 800


def network_loss(model, weights):
    outputs = model.apply(weights, model.train.inputs)
    return float(0.5 * ((outputs - model.train.targets) ** 2).sum(axis=1).mean())


def landscape_loss(landscape, flat):
    return evaluate(landscape, "value", flat)


def balance(landscape):
    """The balance of weights w_1^2 - w_2^2 at the start."""
    (moment,) = landscape.facts.moments
    return moment.function(landscape.start(np.full((1, 2), 0.5), THETA))[0]


@pytest.mark.parametrize("shape", [(2, 3, 2), (3, 4, 2), (1, 3, 3)])
def test_the_dense_network_has_the_loss_and_the_start_of_the_landscape(shape):
    import jax

    outputs, hidden, inputs = shape
    model = factorised.model(outputs=outputs, hidden=hidden, inputs=inputs, stiffness=7.0)
    landscape = manifolds.factorised(outputs, hidden, inputs, stiffness=7.0)
    start = jax.tree.map(np.asarray, model.init(None))
    assert network_loss(model, start) < 1e-10
    np.testing.assert_allclose(
        np.concatenate([start["second"].ravel(), start["first"].ravel()]),
        factorised.place(landscape),
        rtol=1e-6,
    )
    flat = np.random.default_rng(0).normal(size=landscape.dim)
    split = outputs * hidden
    weights = {"second": flat[:split].reshape(outputs, hidden), "first": flat[split:].reshape(hidden, inputs)}
    assert network_loss(model, weights) == pytest.approx(landscape_loss(landscape, flat), rel=1e-5)


def test_the_diagonal_network_has_the_sum_of_the_losses_of_hyperbolas():
    model = factorised.model(network="diagonal", inputs=4, stiffness=7.0, largest=1.5)
    u, v = np.random.default_rng(0).normal(size=(2, 4))
    landscape = manifolds.hyperbola(7.0, 1.5)
    expected = sum(landscape_loss(landscape, np.array(pair)) for pair in zip(u, v))
    assert network_loss(model, {"u": u, "v": v}) == pytest.approx(expected, rel=1e-5)


@cache
def toy_moments():
    """Mean and squared standard error of q = u^2 - v^2 and of its squared change, over Numba's walkers."""
    landscape = manifolds.hyperbola(stiffness=20.0)
    run = simulate(Problem(landscape, THETA), euler_maruyama(), walkers=4000, steps=STEPS, dt=RATE, seed=3)
    q = run.states[:, -1, 0] ** 2 - run.states[:, -1, 1] ** 2
    sample = np.array([q, (q - balance(landscape)) ** 2])
    return sample.mean(axis=1), sample.var(axis=1, ddof=1) / sample.shape[1]


def network_moments():
    """The same over the pairs of weights of one diagonal network, which are independent."""
    import jax.numpy as jnp

    model = factorised.model(network="diagonal", inputs=PAIRS, stiffness=20.0, largest=1.0)
    start = balance(manifolds.hyperbola(stiffness=20.0))

    def mean(of):
        return lambda weights: jnp.mean(of(weights["u"] ** 2 - weights["v"] ** 2))

    observe = {
        "q": mean(lambda q: q),
        "q^2": mean(lambda q: q**2),
        "change^2": mean(lambda q: (q - start) ** 2),
        "change^4": mean(lambda q: (q - start) ** 4),
    }
    law, recording = Law(RATE, temperature=THETA), Recording([], observe)
    run = train(model, law, steps=STEPS, chains=1, seed=1, recording=recording)
    q, q2, change, change2 = (run.observables[name][0, -1] for name in observe)
    return np.array([q, change]), np.array([q2 - q**2, change2 - change**2]) / PAIRS


@pytest.mark.statistical
def test_sgld_in_jax_and_euler_maruyama_in_numba_have_the_same_moments():
    (toy, toy_error), (network, network_error) = toy_moments(), network_moments()
    assert (np.abs(toy - network) < 4 * (toy_error + network_error) ** 0.5).all()
    start = balance(manifolds.hyperbola())
    assert abs(network[0] - start) < 4 * network_error[0] ** 0.5  # q is a martingale


@pytest.mark.statistical
def test_a_dropped_factor_two_in_the_noise_of_one_of_them_is_caught(monkeypatch):
    monkeypatch.setattr("langevin.sgld.law.noise_sd", lambda rate, theta: (rate * theta) ** 0.5)
    (toy, toy_error), (network, network_error) = toy_moments(), network_moments()
    assert toy[1] - network[1] > 8 * (toy_error + network_error)[1] ** 0.5


@pytest.mark.parametrize("dials", [{"network": "deep"}, {"inputs": 0}, {"hidden": 1}, {"stiffness": -1.0}])
def test_impossible_dials_are_refused(dials):
    with pytest.raises(UsageError):
        factorised.model(**dials)
