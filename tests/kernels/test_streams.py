"""Uniforms for starts, seeds derived from a seed."""

import numpy as np
import pytest
from scipy import stats

from langevin.kernels import streams as module
from langevin.kernels.streams import derived_seed, split_key, start_uniforms


def test_a_seed_splits_into_halves_low_first():
    assert split_key(0x0123456789ABCDEF) == (0x89ABCDEF, 0x01234567)


@pytest.mark.statistical
def test_start_uniforms_are_uniform_and_independent():
    """Three columns, three pairs of columns, next walker: seven p-values above 0.001 / 7."""
    uniforms = start_uniforms(3, np.arange(100_000, dtype=np.uint64), 3)
    assert uniforms.min() > 0
    assert uniforms.max() < 1
    chances = [stats.kstest(column, "uniform").pvalue for column in uniforms.T]
    pairs = [(0, 1), (0, 2), (1, 2)]
    chances += [stats.pearsonr(uniforms[:, a], uniforms[:, b]).pvalue for a, b in pairs]
    chances.append(stats.pearsonr(uniforms[:-1, 0], uniforms[1:, 0]).pvalue)
    assert min(chances) > 0.001 / len(chances)


def test_start_uniforms_have_52_bits():
    """2000 values of the twelve lowest bits have 4096 (1 - e^(-2000/4096)) = 1582 different values, +- 20."""
    scaled = start_uniforms(3, np.arange(1000, dtype=np.uint64), 2) * 2.0**52
    assert (scaled % 1 == 0.5).all()
    low = np.floor(scaled).astype(np.int64) & 0xFFF
    assert abs(np.unique(low).size - 1582) < 80


@pytest.mark.parametrize("word", [0, 2**32 - 1])
def test_the_ends_of_the_interval_are_never_reached(word, monkeypatch):
    """Their logarithms and inverse normal distributions are finite."""
    shape = np.ones((1, 1), np.uint64)
    monkeypatch.setattr(module, "philox", lambda *counter: (shape * np.uint64(word),) * 4)
    uniform = start_uniforms(0, np.zeros(1, np.uint64), 1)[0, 0]
    assert uniform == (2.0**-53 if word == 0 else 1 - 2.0**-53)


def test_a_row_depends_on_seed_and_walker_only():
    walkers = np.array([7, 2**32 - 1, 0], np.uint64)
    alone = [start_uniforms(5, walkers[[row]], 3)[0] for row in range(3)]
    np.testing.assert_array_equal(start_uniforms(5, walkers, 3), alone)
    np.testing.assert_array_equal(start_uniforms(5, walkers, 7)[:, :3], alone)
    assert (start_uniforms(6, walkers, 3) != alone).all()


def test_derived_seeds_differ_by_seed_and_label():
    seeds = {derived_seed(seed, label) for seed in (0, 1, 2**63) for label in range(2000)}
    assert len(seeds) == 6000
    assert all(0 <= seed < 2**64 for seed in seeds)
