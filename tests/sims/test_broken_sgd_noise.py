"""A true OU process instead of the motion along the set, and heavy tails instead of the noise, are detected."""

import numpy as np
import pytest

import langevin
from langevin.comparison import compare
from langevin.experiment.claims import FAILS, HOLDS, ONLY_IF, WHERE
from langevin.types import Measurement, Prediction
from sims import sgd_noise as sim


def verdict(stiffness):
    """The verdict for walkers instead of networks: free, or held by a spring."""
    run = langevin.simulate(
        langevin.Problem(langevin.potentials.quadratic(1, stiffness), 1.0), walkers=200, steps=4000, dt=0.01, every=20,
        seed=1, start=langevin.Start([0.0], first_step=0),
    )  # fmt: skip
    across = compare(Measurement(1.0, 0.03, 10, "memory"), Prediction(1.0))
    far = {name: run for name in ("minibatches", "isotropic", "labels")}
    exponents = {name: sim.late_exponent(far[name]) for name in ("isotropic", "labels")}
    return sim.is_process(far, exponents, across).verdict.word


def test_a_process_that_is_held_back_along_the_set_would_be_noticed():
    assert verdict(1e-6) == WHERE
    assert verdict(2.0) == HOLDS


def test_heavy_tails_are_not_taken_for_gaussian():
    """Draws of two laws, the first for the smallest batches and the second for batches of MANY samples or more."""

    def found(small, large):
        laws = [small if batch < sim.MANY else large for batch in sim.BATCHES]
        draws = [[[[sim.shape(law((4000, 20)))] * 2 for law in laws] for _ in range(12)] for _ in sim.STAGES]
        shapes = np.array(draws)
        noise = {"kurtosis": shapes[..., 0], "tails": shapes[..., 1]}
        return sim.is_gaussian(noise).verdict.word

    generator = np.random.default_rng(1)

    def laplace(shape):
        return generator.laplace(size=shape)

    assert found(generator.standard_normal, generator.standard_normal) == HOLDS
    assert found(laplace, generator.standard_normal) == ONLY_IF
    assert found(laplace, laplace) == FAILS
    assert found(generator.standard_normal, lambda shape: generator.beta(6, 6, shape)) == FAILS  # thin tails


def test_a_boundary_lies_in_the_worst_direction():
    kurtosis = np.tile(np.array([4.0, 2.0, 0.5, 0.0, -0.5])[:, None], (len(sim.STAGES), 6, 1, 2))
    low = sim.crossings({"kurtosis": kurtosis * [1.0, 0.1]})
    assert low == pytest.approx(sim.crossings({"kurtosis": kurtosis}))
    assert (low > 2).all()
