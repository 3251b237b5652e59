"""Density of a Gaussian process in bins."""

import math
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.coverage import normal
from benchmarks.known_processes import FROM, rotating, x
from langevin import measure
from langevin.errors import UsageError

EDGES = np.linspace(-2, 2, 9)


def run(walkers=50, draws=1000, seed=0):
    return rotating(np.random.default_rng(seed), walkers, draws)


@pytest.mark.statistical
def test_bins_of_a_normal_law():
    """Each of 8 bins within 4 standard errors; a law a tenth wider is not."""
    found = measure.stationary_density(run(), x, EDGES, **FROM)
    for scale, agrees in ((1.0, True), (1.1, False)):
        exact = np.diff([normal(edge / scale) for edge in EDGES]) / 0.5
        scores = [(each.value - value) / each.error for each, value in zip(found, exact)]
        assert (max(map(abs, scores)) < 4) == agrees
    assert all(each.mixed for each in found)
    assert "outside the bins" in found[0].note


def test_an_observable_by_name_and_bins_that_hold_all():
    whole = run(10, 100)
    named = replace(whole, observables={"place": whole.states[:, :, 0]})
    edges = [-9, 0, 9]
    found = measure.stationary_density(named, "place", edges, first_time=2.0, last_time=12.0)
    assert sum(each.value * 9 for each in found) == pytest.approx(1)
    assert "outside" not in found[0].note
    assert found == measure.stationary_density(whole, x, edges, first_time=2.0, last_time=12.0)


def test_rare_bins_and_chains_apart_are_said():
    never, rare, _ = measure.stationary_density(run(), x, [-9, -7, -3.7, 0], **FROM)
    assert (never.value, never.error, never.mixed) == (0.0, math.inf, False)
    assert not rare.mixed
    assert "run longer" in rare.note
    apart = run(8, 200)
    apart.states[:, :, 0] += 5 * np.arange(8)[:, None]
    assert "not stationary" in measure.stationary_density(apart, x, [0, 5], **FROM)[0].note
    with pytest.raises(UsageError, match="edges"):
        measure.stationary_density(apart, x, [0, 0], **FROM)
