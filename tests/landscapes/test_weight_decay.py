"""Weight decay added to any landscape: contracts, and the stationary law that it gives to a hyperbola."""

import numpy as np
import pytest
from scipy.special import kv

from langevin import manifolds, potentials, simulate
from langevin.errors import UsageError
from langevin.experiment.conformance import conformance
from langevin.landscapes.evaluate import evaluate
from langevin.types import Problem

THETA, DECAY = 0.1, 0.2


@pytest.mark.parametrize("landscape", [manifolds.hyperbola(), potentials.double_well(), manifolds.canal()])
def test_the_gradient_is_that_of_the_value(landscape):
    assert all(finding.passed for finding in conformance(potentials.with_weight_decay(landscape, 0.3)))


def test_it_adds_to_value_gradient_and_stiffness():
    plain, decayed = potentials.quadratic(2), potentials.with_weight_decay(potentials.quadratic(2), 3.0)
    assert decayed.stiffness(1.0) == plain.stiffness(1.0) + 3.0
    assert evaluate(decayed, "gradient", [1.0, 2.0]).tolist() == [4.0, 8.0]


@pytest.mark.parametrize("decay", [-1.0, np.nan, np.inf])
def test_bad_decay_is_refused(decay):
    with pytest.raises(UsageError, match="at least 0"):
        potentials.with_weight_decay(potentials.quadratic(), decay)


def test_a_body_has_no_loss_to_add_to():
    with pytest.raises(UsageError, match="has no loss"):
        potentials.with_weight_decay(manifolds.cube(), 0.1)


@pytest.mark.statistical
def test_a_hyperbola_with_weight_decay_has_the_bessel_law():
    """E |w|^2 = 2 K_1 / K_0 at decay / theta, up to O(theta / k) = 3e-4 for soft walls; t = 16 is long."""
    landscape = potentials.with_weight_decay(manifolds.hyperbola(stiffness=300.0, tilt=0.0), DECAY)
    run = simulate(Problem(landscape, THETA), walkers=6000, steps=80_000, dt=2e-4, seed=2)
    assert run.counts["finished"] == 6000
    squares = (run.states[:, -1] ** 2).sum(axis=1)
    error = squares.std() / np.sqrt(squares.size)
    ratio = DECAY / THETA
    assert abs(squares.mean() - 2.0 * kv(1, ratio) / kv(0, ratio)) < 4.0 * error
    # the surface measure sqrt(u^2 + v^2) du / u instead of du / u is excluded
    u = np.exp(np.linspace(-4.0, 4.0, 4001))
    weights = np.sqrt(u**2 + u**-2) * np.exp(-0.5 * ratio * (u**2 + u**-2))
    surface = (weights * (u**2 + u**-2)).sum() / weights.sum()
    assert abs(squares.mean() - surface) > 8.0 * error
