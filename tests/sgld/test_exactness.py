"""Training of a network that is not linear, compared with exact laws."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from langevin import theory
from langevin.measure import networks
from langevin.sgld import Callbacks, Computation, Data, Law, Recording, train
from models import polynomial, tanh

SAMPLES, REPEATED, HIDDEN, INPUTS = 8, 2, 6, 6
PARAMETERS = HIDDEN * (INPUTS + 1)


@cache
def start():
    """Weights of a tanh network on its zero-loss set, and its data."""
    import jax

    model = tanh.model(inputs=INPUTS, hidden=HIDDEN, samples=SAMPLES, descent=20_000)
    return jax.tree.map(np.asarray, jax.jit(model.init)(jax.random.key(3))), model


def small_network():
    """All networks start at one point of the set; two samples occur twice, so ten residuals have rank 8."""
    weights, model = start()
    train_set = Data(*(np.concatenate([part, part[:REPEATED]]) for part in model.train))
    return replace(model, init=lambda key: weights, train=train_set)


def curvatures(model):
    """Eigenvalues of the Hessian on the set that are not zero."""
    from langevin.sgld.rank import spectrum

    return spectrum(model, start()[0])[REPEATED:] / len(model.train.targets)


RATE, THETA, CHAINS = 0.2, 1e-6, 100
RELAXED, LAST, EVERY = 2000, 4500, 100


def equilibrium(**law):
    """Loss and squared displacement at rest on the set, each (mean over networks, error), and the record."""
    trajectory = train(
        small_network(), Law(RATE, temperature=THETA, **law), steps=LAST, chains=CHAINS, seed=2,
        recording=Recording(range(0, LAST + 1, EVERY)), computation=Computation(lanes=CHAINS),
    )  # fmt: skip
    late = trajectory.steps >= RELAXED
    loss = trajectory.observables["train_loss"][:, late].mean(axis=1)
    squared = trajectory.observables["displacement"][:, late] ** 2
    return [
        (values.mean(), values.std(ddof=1) / CHAINS**0.5) for values in (loss, squared[:, -1] - squared[:, 0])
    ], trajectory


@pytest.mark.statistical
def test_thermometer_and_displacement_of_a_network_count_its_constraints():
    """Loss theta rank(J) / 2, with the factor of a finite step; MSD 2 theta (parameters - rank J) lr t.

    Before the first frame used, the memory of the slowest constraint's variance is below exp(-5).
    """
    (loss, moved), trajectory = equilibrium()
    curvature = curvatures(small_network())
    assert 2 * RATE * curvature.min() * RELAXED > 5
    rank = trajectory.meta["rank"]
    assert rank == SAMPLES == len(curvature)
    law = THETA / 2 * np.sum(1 / (1 - RATE * curvature / 2))
    assert abs(loss[0] - law) < 4 * loss[1]
    time = RATE * (LAST - RELAXED)
    spread = theory.scaling.mean_square_displacement(PARAMETERS - rank, THETA, time).value
    assert abs(moved[0] - spread) < 4 * moved[1]
    # Neither the number of residuals nor the number of parameters would agree.
    assert abs(loss[0] - law * (SAMPLES + REPEATED) / SAMPLES) > 4 * loss[1]
    assert abs(moved[0] - spread * PARAMETERS / (PARAMETERS - rank)) > 4 * moved[1]


@pytest.mark.statistical
def test_a_dropped_factor_two_in_the_noise_is_caught_by_both(monkeypatch):
    monkeypatch.setattr("langevin.sgld.law.noise_sd", lambda rate, theta: (rate * theta) ** 0.5)
    (loss, moved), _ = equilibrium()
    assert loss[0] + 10 * loss[1] < THETA / 2 * SAMPLES
    spread = 2 * THETA * (PARAMETERS - SAMPLES) * RATE * (LAST - RELAXED)
    assert moved[0] + 10 * moved[1] < spread


@pytest.mark.slow
@pytest.mark.statistical
@pytest.mark.parametrize(
    ("law", "edge"),
    [
        ({"name": "heavy-ball", "options": {"momentum": 0.8}}, 18.0),
        ({"name": "underdamped", "options": {"friction": 3.0}}, np.inf),
    ],
)
def test_momentum_and_inertia_keep_the_thermometer_and_the_displacement(law, edge):
    """With the bias of each step, on the clock of the overdamped limit; the delayed start costs at most 1 %."""
    (loss, moved), trajectory = equilibrium(**law)
    expected = THETA / 2 * np.sum(1 / (1 - RATE * curvatures(small_network()) / edge))
    assert trajectory.meta["rank"] == SAMPLES
    assert abs(loss[0] - expected) < 4 * loss[1]
    spread = 2 * THETA * (PARAMETERS - SAMPLES) * RATE * (LAST - RELAXED)
    assert abs(moved[0] / spread - 1) < 4 * moved[1] / spread + 0.01
    assert loss[0] - 5 * loss[1] > THETA / 2 * (SAMPLES - 1)


NOISY_RATE, SIGMA, SETTLED, SLID = 0.05, 0.2, 1000, 6000


def slide():
    """Change of tr H per step under label noise: (mean over networks, error), and by the law at both ends."""
    model, seen = small_network(), {}
    inputs = model.train.inputs.astype(np.float32)

    def trace(weights):
        import jax.numpy as jnp

        unit = jnp.tanh(inputs @ weights["hidden"])
        size = jnp.sum(inputs**2, axis=1, keepdims=True)
        return jnp.mean(jnp.sum(unit**2 + (weights["output"][:, 0] * (1 - unit**2)) ** 2 * size, axis=1))

    trajectory = train(
        replace(model, observe={"trace": trace}), Law(NOISY_RATE, label_noise=SIGMA, name="label-noise"),
        steps=SLID, chains=CHAINS, seed=4, recording=Recording([SETTLED]), computation=Computation(lanes=CHAINS),
        callbacks=Callbacks(visit=lambda step, weights: seen.update({step: weights})),
    )  # fmt: skip
    traces = trajectory.observables["trace"]
    steps = SLID - SETTLED
    change = (traces[:, -1] - traces[:, trajectory.steps == SETTLED][:, 0]) / steps
    # The motion across the set averages out in the mean over the networks.
    ends = [
        {name: np.mean([one[name] for one in seen[step]], axis=0) for name in seen[step][0]}
        for step in (SETTLED, SLID)
    ]
    laws = [
        networks.label_noise_slope(model, end, learning_rate=NOISY_RATE, noise_sd=SIGMA).value for end in ends
    ]
    return change.mean(), change.std(ddof=1) / CHAINS**0.5, np.mean(laws), laws


@pytest.mark.statistical
def test_label_noise_flattens_a_network_by_the_law_of_its_curvature():
    """Within a tenth: the law is the leading order in lr, and its slope is taken at the two ends only."""
    change, error, law, ends = slide()
    assert error < 0.03 * abs(law)
    assert abs(ends[1] / ends[0] - 1) < 0.3
    assert abs(change - law) < 0.1 * abs(law)


@pytest.mark.statistical
def test_noise_on_the_labels_that_stays_the_same_is_caught(monkeypatch):
    from langevin.sgld import law

    fresh = law.draw
    monkeypatch.setattr(law, "draw", lambda wanted, key, step, sd, like: fresh(wanted, key, 0, sd, like))
    change, _, expected, _ = slide()
    assert abs(change - expected) > 0.3 * abs(expected)


ALPHA, EPSILON, DRAWS = 2.0, 0.5, 150


def kernel_excess(width, tied=1):
    """Mean squared distance of initial tangent kernels from K_0 over its exact law, and the standard error."""
    import jax

    model = polynomial.model(dim=5, samples=10, test_samples=1, width=width, alpha=ALPHA, eps=EPSILON)
    inputs = model.train.inputs
    mean = theory.learning.tangent_kernel(inputs, inputs, EPSILON)
    spread = theory.learning.tangent_kernel_spread(inputs, inputs, EPSILON, width)
    ratios = []
    for seed in range(DRAWS):
        weights = jax.tree.map(np.asarray, jax.jit(model.init)(jax.random.key(seed)))
        weights = {"hidden": np.repeat(weights["hidden"][:, ::tied], tied, axis=1)}
        distance = networks.tangent_kernel(model, weights) - mean
        ratios.append((distance**2).sum() / (spread**2).sum())
    return np.mean(ratios), np.std(ratios, ddof=1) / DRAWS**0.5


@pytest.mark.statistical
@pytest.mark.parametrize("width", [16, 64, 256])
def test_the_initial_kernel_leaves_its_limit_as_one_over_the_root_of_the_width(width):
    """With the exact constant at every width, so the exponent needs no fit."""
    ratio, error = kernel_excess(width)
    assert abs(ratio - 1) < 4 * error
    assert error < 0.2


@pytest.mark.statistical
def test_a_network_of_a_quarter_as_many_different_units_is_caught():
    ratio, error = kernel_excess(64, tied=4)
    assert ratio - 1 > 4 * error
