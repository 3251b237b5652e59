"""Free energy of a region, from the fraction of time that a telegraph process and a walk in a well spend there."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.special import erfc

import langevin
from benchmarks.known_processes import AGAIN, FROM, THETA, frames, heated, inside, telegraph
from langevin import measure
from langevin.errors import UsageError


def run(seed, walkers=40, draws=400):
    return heated(telegraph(np.random.default_rng(seed), walkers, draws))


def test_its_interval_covers_as_often_as_it_says():
    """95 % of 300 runs gives 92 to 98 % within 2.4 standard errors; an error that is too small by half is detected."""
    truth, honest, narrow = -THETA * math.log(AGAIN), 0, 0
    for seed in range(300):
        found = measure.free_energy(run(seed), inside, **FROM)
        honest += abs(found.value - truth) < measure.critical_value(0.05, found.n) * found.error
        narrow += abs(found.value - truth) < measure.critical_value(0.05, found.n) * found.error / 2
    assert 0.92 <= honest / 300 <= 0.98
    assert narrow / 300 < 0.92


def test_a_tail_of_a_parabola():
    """x > 1 in f = x^2 / 2: F = -theta log(erfc(1 / sqrt(2 theta)) / 2), within 4 errors; theta off by 5 % is not."""
    theta = 1.0
    walk = langevin.simulate(
        langevin.Problem(langevin.potentials.quadratic(), theta), walkers=400, steps=20_000, every=50, dt=0.01, seed=1,
        watch=langevin.Watch(threads=1),
    )  # fmt: skip
    exact = -theta * math.log(erfc(1 / math.sqrt(2 * theta)) / 2)
    found = measure.free_energy(walk, lambda states: states[:, 0] > 1, first_time=10.0)
    assert found.mixed, found.note
    assert abs(found.value - exact) < 4 * found.error
    assert found.error < 0.02
    hotter = replace(walk, meta={**walk.meta, "temperature": 1.05})
    wrong = measure.free_energy(hotter, lambda states: states[:, 0] > 1, first_time=10.0)
    assert abs(wrong.value - exact) > 4 * found.error


def test_what_cannot_be_measured_is_refused():
    with pytest.raises(UsageError, match="no walker is in the region"):
        measure.free_energy(run(0), lambda states: states[:, 0] > 9, **FROM)
    with pytest.raises(UsageError, match="temperature"):
        measure.free_energy(frames(np.ones((5, 50, 1))), inside, **FROM)


def test_doubts_of_the_share_are_kept():
    never = np.repeat(np.arange(10.0)[:, None, None] > 4, 100, axis=1).astype(float)
    apart = frames(never)
    found = measure.free_energy(replace(apart, meta={**apart.meta, "temperature": 1.0}), inside, **FROM)
    assert not found.mixed
    assert "not stationary" in found.note
