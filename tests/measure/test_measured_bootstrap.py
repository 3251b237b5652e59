"""Resampling of walkers and of blocks, against errors known exactly."""

import math

import numpy as np
import pytest

from benchmarks.known_processes import MEMORY, rotating
from langevin import measure
from langevin.errors import UsageError
from langevin.measure.bootstrap import block_means, bootstrap_error, mean_over_blocks, resampled_means


def identity(means):
    return means[:, 0]


@pytest.mark.statistical
def test_error_of_a_mean():
    """The bootstrap error of a mean is the standard error, within 4 x 1/sqrt(2 x 400) of it."""
    values = np.random.default_rng(0).standard_normal((50, 1))
    measured = measure.bootstrap_walkers(values, identity, "a mean")
    assert measured.value == pytest.approx(values.mean(), rel=1e-12)
    exact = values.std(ddof=1) / math.sqrt(50)
    assert abs(measured.error / exact - 1) < 4 / math.sqrt(800)


def test_the_name_is_the_seed():
    values = np.random.default_rng(0).standard_normal((50, 1))
    first = measure.bootstrap_walkers(values, identity, "a mean")
    assert first == measure.bootstrap_walkers(values, identity, "a mean")
    assert first.error != measure.bootstrap_walkers(values, identity, "another mean").error
    assert measure.seed_of("a mean") != measure.seed_of("another mean")


def test_resampling_in_portions_draws_the_same(monkeypatch):
    values = np.random.default_rng(0).standard_normal((30, 2, 3))
    whole = resampled_means(values, "name")
    monkeypatch.setattr("langevin.measure.bootstrap.DRAWS_AT_ONCE", 100)
    np.testing.assert_allclose(whole, resampled_means(values, "name"), rtol=0, atol=1e-14)  # order of the sum
    assert whole.shape == (400, 2, 3)


def test_a_statistic_that_often_does_not_exist_has_no_error():
    values = np.concatenate([np.ones((2, 1)), np.zeros((48, 1))])
    measured = measure.bootstrap_walkers(values, lambda means: np.log(means[:, 0]), "log")
    assert (measured.error, measured.mixed) == (math.inf, False)
    alone = measure.bootstrap_walkers(values[:1], identity, "mean", "before")
    assert alone.error == math.inf
    assert alone.note.startswith("before; ")
    assert bootstrap_error(values[:1], identity, "mean") == math.inf


@pytest.mark.statistical
def test_blocks_know_the_correlation_that_frames_do_not():
    """Variance of the mean of an AR(1) of memory m over N frames: (1 + m) / (1 - m) / N; 20 % for the blocks."""
    values = rotating(np.random.default_rng(4), 4, 20_000).states[:, :, :1]
    exact = math.sqrt((1 + MEMORY) / (1 - MEMORY) / 80_000)
    for block, agrees in ((200, True), (1, False)):
        measured = measure.bootstrap_blocks(values, identity, "mean", block)
        assert (abs(measured.error / exact - 1) < 0.2) == agrees
    _, error, n = mean_over_blocks(values[:, :, 0], 5.0)
    assert n == 40
    assert error == pytest.approx(exact, rel=4 / math.sqrt(2 * 40))


def test_blocks_by_hand():
    values = np.arange(10.0).reshape(2, 5)
    np.testing.assert_array_equal(block_means(values, 2), [1.5, 3.5, 6.5, 8.5])
    assert mean_over_blocks(values, 5.0) == (4.5, pytest.approx(2.5), 2)
    assert mean_over_blocks(values[:1], 5.0)[1] == math.inf
    for block in (0, 6):
        with pytest.raises(UsageError):
            block_means(values, block)


def test_misuse_is_refused():
    for values in (np.empty((0, 1)), np.array([[1.0], [math.nan]])):
        with pytest.raises(UsageError):
            measure.bootstrap_walkers(values, identity, "mean")
