"""Without noise no network generalises; other times, other forms and random points change the verdicts."""

import numpy as np
import pytest

from langevin.experiment.claims import FAILS, HOLDS, UNDECIDED, WHERE
from langevin.measure.networks.grokking import Arrivals
from langevin.types import Measurement
from sims import modular_addition as sim

PARTS, NETWORKS = (0.6, 0.7, 0.8, 0.9), 8


def arrivals(time, missing=0):
    spread = 1 + 0.01 * (np.arange(NETWORKS) - NETWORKS // 2)
    return Arrivals(time * spread, np.arange(NETWORKS) < missing, np.ones(NETWORKS), "")


def times(law):
    return {part: (arrivals(100.0), arrivals(law(part))) for part in PARTS}


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
    ratios = [sim.known_factor(late.time / soon.time**2, late, "ratio") for soon, late in seen.values()]
    assert sim.is_square(seen, ratios).verdict.word == word


@pytest.mark.parametrize(
    ("law", "word"),
    [
        (lambda part: 1e6 * np.exp(-9 * part), HOLDS),
        (lambda part: 100 * np.exp(3 / part), WHERE),
        (lambda part: 10 * np.exp(5 * part), FAILS),
    ],
)
def test_the_form_of_the_growth_decides(law, word):
    assert sim.grows_exponentially(times(law)).verdict.word == word


def test_a_circle_is_told_from_a_cloud_and_from_several_frequencies():
    generator, angle = np.random.default_rng(0), 2 * np.pi * np.arange(59) / 59

    def word(powers):
        """The verdict for tables with these amplitudes of cosine and sine of several frequencies, and some noise."""
        tables = []
        for first in range(1, 6):
            waves = [wave((first + 4 * i) * angle) for i in range(len(powers)) for wave in (np.cos, np.sin)]
            table = np.stack(waves, axis=1) * np.ravel(powers)
            tables.append(table + 0.01 * generator.normal(size=table.shape))
        planes = {name: np.array([plane(table) for table in tables]) for name, plane in sim.PLANES.items()}
        return sim.is_on_a_circle(planes).verdict.word

    assert word([(1.0, 1.0), (0.2, 0.2)]) == HOLDS
    assert word([(1.1, 0.9), (1.0, 0.8)]) == WHERE  # the largest components are cosines of two frequencies
    assert word([(0.0, 0.0), (0.0, 0.0)]) == FAILS
    assert sim.is_on_a_circle({}).verdict.word == UNDECIDED
