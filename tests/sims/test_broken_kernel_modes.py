"""Networks that are never lazy, and modes whose rates are not their eigenvalues, change the verdicts."""

from dataclasses import replace

import jax.numpy as jnp
import numpy as np
import pytest

from langevin.experiment.claims import FAILS, HOLDS, ONLY_IF, UNDECIDED, WHERE
from langevin.sgld import Data
from langevin.theory import learning
from models import polynomial
from sims import kernel_modes as sim

ALPHAS = (0.125, 512.0)


def words(modes):
    seen = {alpha: sim.summary(networks) for alpha, networks in modes.items()}
    return [judge(modes, seen).verdict.word for judge in (sim.order_is_known, sim.pace_is_known)]


def test_rich_networks_instead_of_lazy_ones_are_noticed(monkeypatch):
    """Their principal modes are learned first all the same, but not at the rates of the law."""
    monkeypatch.setattr(sim, "STEPS", 2000)  # in which rich networks learn all modes
    assert words(sim.learned((0.125, 0.25), range(8), seed=1)) == [HOLDS, FAILS]


def test_descent_that_favours_weak_modes_is_noticed(monkeypatch):
    """The loss weighs the errors by the inverse square of the kernel, so that a mode has the rate 1 / eigenvalue."""
    alphas, data = (256.0, 512.0), range(5)
    monkeypatch.setattr(sim, "FRAMES", 40)
    assert words(sim.learned(alphas, data, seed=1)) == [HOLDS, HOLDS]
    right = polynomial.family

    def weighed(cases):
        family = right(cases)
        inputs, targets = family.train
        kernels = [learning.tangent_kernel(x, x, sim.EPS) for x in inputs[..., :-1].swapaxes(0, 1)]
        scales = 0.5 * np.linalg.inv(kernels).astype(np.float32)  # with 0.5 descent is stable

        def scaled(rows):
            return jnp.einsum("ist,ti->si", scales, rows)

        def apply(weights, x):
            rows = family.apply(weights, x)
            return scaled(rows) if len(rows) == len(targets) else rows  # the test set is only recorded

        return replace(family, apply=apply, train=Data(inputs, np.asarray(scaled(targets))))

    monkeypatch.setattr(polynomial, "family", weighed)
    assert words(sim.learned(alphas, data, seed=1)) == [FAILS, FAILS]


@pytest.mark.parametrize("bound", [0.3, 0.7])
def test_the_boundary_is_where_the_mean_crosses_the_bound(monkeypatch, bound):
    """Values that rise linearly in log alpha, with a scatter of 0.1 in 40 networks; of two, the later crossing."""
    alphas, scatter = (1.0, 10.0, 100.0), 0.1 * np.random.default_rng(0).normal(size=40)
    monkeypatch.setattr(
        sim, "of_each", lambda own: (own + scatter, own + 0.2 + scatter, np.exp(own + scatter))
    )
    modes = {alpha: np.log10(alpha) / 2 for alpha in alphas}
    found = sim.lazy_from(modes, {0: bound})
    assert found.error == pytest.approx(found.value * np.log(10) * 2 * 0.1 / 40**0.5, rel=0.3)
    assert abs(found.value - 100**bound) < 4 * found.error
    assert sim.lazy_from(modes, {0: bound, 1: bound}).value == pytest.approx(found.value)
    assert sim.lazy_from(modes, {1: bound}).value < found.value


def test_a_bend_between_two_alphas_is_part_of_the_error(monkeypatch):
    monkeypatch.setattr(sim, "of_each", lambda own: (own + np.zeros(5), own + np.zeros(5), own + np.ones(5)))
    modes = {1.0: 0.0, 10.0: 0.1, 100.0: 0.9, 1000.0: 1.0}
    found = sim.lazy_from(modes, {0: 0.3})
    assert found.value == pytest.approx(10**1.25, rel=1e-3)
    assert 0.02 * found.value < found.error < 0.5 * found.value


@pytest.mark.parametrize(
    ("rich", "lazy", "order", "pace"),
    [
        (1.0, 1.0, HOLDS, HOLDS),
        (0.3, 1.0, HOLDS, ONLY_IF),
        (0.0, 1.0, UNDECIDED, ONLY_IF),
        (-1.0, 1.0, WHERE, ONLY_IF),
        (1.0, 0.0, UNDECIDED, FAILS),
        (1.0, -1.0, FAILS, FAILS),
        (-1.0, -1.0, FAILS, FAILS),
    ],
)
def test_modes_of_another_pace_are_noticed(rich, lazy, order, pace):
    """Components fall by exp(-t (kappa / samples)^power), at the two ends of laziness: all alike if the power is 0."""
    generator, steps = np.random.default_rng(0), np.unique(np.geomspace(1, sim.STEPS, 200).astype(int)) - 1
    modes = {}
    for alpha, power in zip(ALPHAS, (rich, lazy), strict=True):
        networks = []
        for _ in range(5):
            rate = generator.uniform(np.log(1e-3), np.log(1e-1), size=60)
            own = np.exp(power * rate + (1 - power) * np.log(1e-2) + 0.01 * generator.normal(size=60))
            measured = [sim.fall_time(steps, np.exp(-each * steps)) for each in own]
            networks.append(np.stack([np.exp(-rate), measured]))
        modes[alpha] = networks
    assert words(modes) == [order, pace]
