"""Other times and forms, random points, and transformers that are not trained or have no decay change the verdicts.

Many times are made up, because trainings with another law of the times would take minutes.
"""

from dataclasses import replace
from types import SimpleNamespace

import jax
import numpy as np
import pytest

from langevin.experiment.claims import FAILS, HOLDS, UNDECIDED, WHERE
from langevin.measure.networks.grokking import Arrivals
from langevin.sgld import Data
from langevin.types import Measurement
from models import modular
from sims import _circles as circles
from sims import modular_addition as sim
from tests.synthetic import passages

PARTS, NETWORKS = (0.6, 0.7, 0.8, 0.9), 8


def arrivals(time, missing=0, seed=1):
    spread = 1 + 0.01 * np.random.default_rng((seed, round(time))).standard_normal(NETWORKS)
    return Arrivals(time * spread, np.arange(NETWORKS) < missing, np.ones(NETWORKS), "")


def times(law):
    return {part: (arrivals(100.0), arrivals(law(part), seed=2)) for part in PARTS}


def test_answers_that_were_trained_on_come_without_a_delay(monkeypatch):
    """If the test repeats training pairs, networks generalise when they memorise, and sooner with less data."""

    def words(setting):
        splits = sim.split_numbers(setting, 1)
        runs = {
            part: [sim.run(setting, sim.modular_network(setting, part, i), i) for i in splits]
            for part in setting.fractions
        }
        seen = {
            part: (sim.reached(found, "train"), sim.reached(found, "test")) for part, found in runs.items()
        }
        known = {part: sim.known_when_memorised(found) for part, found in runs.items()}
        return [found.verdict.word for found in (sim.is_delayed(seen, known), sim.grows_exponentially(seen))]

    assert words(sim.QUICK) == [HOLDS, UNDECIDED]  # two fractions of the table show no form of growth
    right = modular.model

    def known_model(**dials):
        model = right(**dials)
        (inputs, targets), held_out = model.train, len(model.test.inputs)
        return replace(model, test=Data(inputs[:held_out], targets[:held_out]))

    monkeypatch.setattr(modular, "model", known_model)
    assert words(sim.QUICK._replace(fractions=(0.5, 0.9))) == [FAILS, FAILS]


@pytest.mark.parametrize(("delay", "known", "word"), [(50, 0.01, HOLDS), (1, 0.01, FAILS), (50, 0.6, FAILS)])
def test_early_or_known_answers_are_no_delay(delay, known, word):
    seen = {part: Measurement(known, 0.01, NETWORKS, "accuracy") for part in PARTS}
    assert sim.is_delayed(times(lambda part: 100.0 * delay), seen).verdict.word == word


def test_networks_that_never_arrive_decide_nothing():
    seen = {0.9: Measurement(0.01, 0.001, NETWORKS, "accuracy")}
    assert (
        sim.is_delayed({0.9: (arrivals(100.0), arrivals(5000.0, missing=3))}, seen).verdict.word == UNDECIDED
    )


@pytest.mark.parametrize(("power", "word"), [(2, HOLDS), (1, FAILS)])
def test_another_power_than_the_square_is_noticed(power, word):
    seen = {part: (arrivals(100.0 * part), arrivals((100.0 * part) ** power)) for part in PARTS}
    ratios = [
        sim.known_factor(late.time / soon.time**2, (soon, late), "ratio") for soon, late in seen.values()
    ]
    assert sim.is_square(seen, ratios).verdict.word == word


@pytest.mark.parametrize(("force", "word"), [(0.0, HOLDS), (0.5, FAILS)])
def test_walkers_that_run_and_then_diffuse_take_the_square_of_the_time(force, word):
    """Walkers run a distance downhill, and then diffuse over it; with a force on the second way it is no square."""
    seen = {}
    for part, distance in zip(PARTS, (45, 35, 25, 18), strict=True):
        runs = np.full(80, float(distance))
        late = runs + passages(runs, force)
        seen[part] = [Arrivals(steps, np.zeros(80, bool), np.ones(80), "") for steps in (runs, late)]
    ratios = [
        sim.known_factor(late.time / soon.time**2, (soon, late), "ratio") for soon, late in seen.values()
    ]
    assert sim.is_square(seen, ratios).verdict.word == word


@pytest.mark.parametrize(
    ("law", "word"),
    [
        (lambda part: 1e6 * np.exp(-9 * part), HOLDS),
        (lambda part: 100 * np.exp(3 / part), WHERE),
        (lambda part: 100 * part**-12.0, WHERE),
        (lambda part: 1e5 * np.exp(-12 * part**2), FAILS),
        (lambda part: 10 * np.exp(5 * part), FAILS),
    ],
)
def test_the_form_of_the_growth_decides(law, word):
    assert sim.grows_exponentially(times(law)).verdict.word == word


def test_times_of_networks_that_never_memorised_decide_nothing():
    soon, late = arrivals(100.0, missing=1), arrivals(5000.0)
    assert not sim.known_factor(late.time / soon.time, (soon, late), "delay").mixed


def test_seeds_share_no_split():
    assert not set(sim.split_numbers(sim.FULL, 1)) & set(sim.split_numbers(sim.FULL, 2))
    one, other = (
        sim.modular_network(sim.QUICK, 0.8, sim.split_numbers(sim.QUICK, seed)[0]) for seed in (1, 2)
    )
    assert (np.asarray(one.train.inputs) != np.asarray(other.train.inputs)).any()


def tables(powers, networks=24):
    """Embeddings with these amplitudes of cosine and sine of several frequencies, and some noise."""
    generator, angle = np.random.default_rng(0), 2 * np.pi * np.arange(23) / 23
    for first in range(networks):
        waves = [
            wave((1 + first % 3 + 4 * i) * angle) for i in range(len(powers)) for wave in (np.cos, np.sin)
        ]
        table = np.stack(waves, axis=1) * np.ravel(powers)
        yield table + 0.01 * generator.normal(size=table.shape)


def circle(found):
    return sim.is_on_a_circle(circles.seen(np.array(list(found))), 24).verdict.word


def test_a_circle_is_told_from_a_cloud_and_from_several_frequencies():
    assert circle(tables([(1.0, 1.0), (0.2, 0.2)])) == HOLDS
    assert (
        circle(tables([(1.1, 0.9), (1.0, 0.8)])) == WHERE
    )  # the largest components are cosines of two frequencies
    assert circle(tables([(0.0, 0.0), (0.0, 0.0)])) == FAILS
    assert circle(tables([(1.0, 1.0), (0.2, 0.2)], networks=1)) == UNDECIDED
    assert sim.is_on_a_circle({}, 24).verdict.word == UNDECIDED


def test_transformers_without_decay_do_not_generalise_and_decide_nothing(monkeypatch):
    monkeypatch.setattr(circles, "DIALS", {"p": 19, "width": 16, "fraction": 0.6})
    monkeypatch.setattr(circles, "STEPS", 300)
    found = circles.transformers(3, seed=1, law=replace(modular.ADAM, weight_decay=0.0))
    assert not len(found)
    assert "none of 3 transformers generalised" in sim.is_on_a_circle({}, 3).number


def test_embeddings_of_transformers_that_were_not_trained_are_no_circles():
    model = modular.model(network="transformer", **circles.DIALS)
    starts = [np.asarray(model.init(key)["embedding"]) for key in jax.random.split(jax.random.key(1), 24)]
    assert circle(starts) == FAILS


def test_a_network_that_never_memorised_does_not_count():
    seen = {
        "train_accuracy": np.array([[0.1, 1.0], [0.1, 0.2]]),
        "test_accuracy": np.array([[0.0, 0.05], [0.9, 0.9]]),
    }
    one = SimpleNamespace(observables=seen)
    assert sim.known_when_memorised([one, one]).value == 0.05
    seen["train_accuracy"][:] = 0.1
    assert not sim.known_when_memorised([one]).mixed
