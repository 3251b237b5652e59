"""A true OU process instead of the motion along the set, and heavy tails instead of the noise, are detected."""

from dataclasses import replace

import numpy as np
import pytest

import langevin
from langevin.comparison import compare
from langevin.experiment.claims import FAILS, HOLDS, ONLY_IF, UNDECIDED, WHERE
from langevin.sgld import Data
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


@pytest.mark.parametrize(("decay", "word"), [(0.0, WHERE), (0.1, HOLDS)])
def test_networks_that_decay_pulls_back_are_an_ou_process_along_the_set(decay, word):
    model = sim.tanh_descent.first_model(1, descent=8000)
    across = compare(Measurement(1.0, 0.03, 10, "memory"), Prediction(1.0))
    far = {
        name: sim.moved(model, replace(law, weight_decay=decay), 6, 4000, 1)
        for name, law in sim.laws().items()
    }
    exponents = {name: sim.late_exponent(run) for name, run in far.items() if name != "minibatches"}
    assert sim.is_process(far, exponents, across).verdict.word == word


def word_of(places):
    """The verdict on places (networks,) of which each stage has the same."""
    return sim.is_gaussian(
        {name: np.array([[one[name] for one in places]] * len(sim.STAGES)) for name in places[0]}
    )


def test_heavy_tails_are_not_taken_for_gaussian():
    """Draws of two laws, the first for the smallest batches and the second for batches of ten samples or more."""
    generator = np.random.default_rng(1)

    def found(small, large):
        laws = [small if batch < 10 else large for batch in sim.BATCHES]
        normal = generator.standard_normal((4000, 60))
        shapes = np.array([
            [sim.compared([law((4000, 12))] * 2, normal) for law in laws] for _ in range(6)
        ])  # fmt: skip
        places = [{"loss": 1.0, "kurtosis": one[..., 0], "tails": one[..., 1]} for one in shapes]
        return word_of(places).verdict.word

    def laplace(shape):
        return generator.laplace(size=shape)

    assert found(generator.standard_normal, generator.standard_normal) == HOLDS
    assert found(laplace, generator.standard_normal) == ONLY_IF
    assert found(laplace, laplace) == FAILS
    assert found(generator.standard_normal, lambda shape: generator.beta(6, 6, shape)) == FAILS  # thin tails


def test_one_label_far_from_the_others_makes_noise_of_no_batch_gaussian(monkeypatch):
    monkeypatch.setattr(sim, "STAGES", (0,))

    def found():
        places = sim.descended(8, 1)[0]
        return word_of([sim.noise_at(*place, i) for i, place in enumerate(places)]).verdict.word

    assert found() == ONLY_IF
    right = sim.tanh_descent.on_sets

    def with_outlier(*counts, **dials):
        first = np.arange(sim.SAMPLES)[:, None] == 0
        return [
            replace(model, train=Data(model.train.inputs, np.where(first, 30.0, model.train.targets)))
            for model in right(*counts, **dials)
        ]

    monkeypatch.setattr(sim.tanh_descent, "on_sets", with_outlier)
    assert found() == FAILS


@pytest.mark.parametrize(
    ("samples", "batches", "words"),
    [(20, (5, 10), {HOLDS, UNDECIDED}), (100, sim.BATCHES, {HOLDS})],
    ids=["20", "100"],
)
def test_gaussian_gradients_of_few_samples_pass_and_those_with_heavy_tails_do_not(samples, batches, words):
    """Batches of few samples have thin tails even if the gradients of the samples are Gaussian."""
    generator = np.random.default_rng(samples)

    def found(residuals):
        jacobians = generator.standard_normal((len(residuals), samples, 330))
        places = [sim.noise_at(*pair, i) for i, pair in enumerate(zip(residuals, jacobians))]
        return word_of(places).verdict.word

    one_sample = 1e-6 + (np.arange(samples) == 0) * np.ones((12, 1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sim, "BATCHES", batches)
        assert found(np.ones((16, samples))) in words
        assert found(one_sample) == FAILS


def test_the_boundary_lies_in_the_worst_direction_and_number():
    sizes, bounds = (1, 3, 10, 30), {"kurtosis": 1.0, "tails": 2.0}
    kurtosis = np.tile(np.array([4.0, 2.0, 0.5, -0.5])[:, None], (len(sim.STAGES), 6, 1, 2))
    noise = {"kurtosis": kurtosis, "tails": np.ones_like(kurtosis)}
    low, one_direction = (
        sim.boundary({**noise, "kurtosis": found}, sizes, bounds)
        for found in (kurtosis, kurtosis * [1.0, 0.1])
    )
    assert one_direction == low
    assert 3 < low.value < 10
    assert low.error == pytest.approx(7 / 12**0.5)
    tails = np.tile(np.array([9.0, 4.0, 3.0, 1.0])[:, None], (len(sim.STAGES), 6, 1, 2))
    assert sim.boundary({**noise, "tails": tails}, sizes, bounds).value > 10
