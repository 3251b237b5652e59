"""Variance, quantiles and distribution of waiting times, all arrived or some censored.

How often their intervals cover is in `benchmarks.coverage`.
"""

import math

import numpy as np
import pytest
from scipy.stats import binom, gamma

from langevin import measure
from langevin.errors import UsageError
from langevin.measure.interval import exact_score
from langevin.types import Waits
from langevin.types.run import law_from, law_record
from tests.synthetic import arrivals, brownian


def waits(shape=1.0, walkers=2000, cutoff=math.inf, seed=0):
    """Times of a gamma law of the mean 2."""
    return arrivals(np.random.default_rng(seed).gamma(shape, 2.0 / shape, walkers), cutoff)


@pytest.mark.statistical
@pytest.mark.parametrize("shape", [0.5, 1.0, 4.0])
def test_variance_median_and_shares_of_gamma_laws(shape):
    """Within 4 standard errors of the exact values; the values for a mean that is 1.5 times as long are excluded."""
    law, run = gamma(shape, scale=2.0 / shape), waits(shape)
    for found, exact, other in [
        (measure.waiting_variance(run), law.var(), 2.25 * law.var()),
        (measure.waiting_quantile(run, 0.5), law.median(), 1.5 * law.median()),
        (measure.waiting_quantile(run, 0.9), law.ppf(0.9), 1.5 * law.ppf(0.9)),
        (measure.waiting_distribution(run, [0.0, 1.0, 2.0])[0], law.cdf(1.0), law.cdf(1.0 / 1.5)),
    ]:
        assert found.mixed, found.note
        assert abs(found.value - exact) < 4 * found.error
        assert abs(found.value - other) > 4 * found.error


@pytest.mark.statistical
def test_censored_walkers_count():
    """As above, for exponential times of which half are censored; for other times the variance is not reliable."""
    run = waits(cutoff=2 * math.log(2))
    for found, exact in [
        (measure.waiting_variance(run), 4.0),
        (measure.waiting_quantile(run, 0.25), 2 * math.log(4 / 3)),
        (measure.waiting_distribution(run, [0.5, 1.0])[0], math.exp(-0.25) - math.exp(-0.5)),
    ]:
        assert found.mixed, found.note
        assert abs(found.value - exact) < 4 * found.error
    bent = measure.waiting_variance(waits(4.0, cutoff=2.0))
    assert not bent.mixed
    assert "not exponential" in bent.note


def test_a_share_that_starts_at_the_target_is_in_the_variance():
    """Half at 0, half exponential of mean m: variance p (2 - p) m^2 = 3/4 m^2, with m = total time / arrivals."""
    times = np.concatenate([np.zeros(500), np.random.default_rng(1).exponential(1.0, 500)])
    whole, cut = measure.waiting_variance(arrivals(times)), measure.waiting_variance(arrivals(times, 1.0))
    for found in (whole, cut):
        assert abs(found.value - 0.75) < 4 * found.error


def test_without_censoring_every_share_is_that_of_all_walkers():
    """Counts of five walkers, one after the other; the variance of a share is that of a binomial law for five."""
    found = measure.waiting_distribution(arrivals([1.0, 2.0, 3.0, 4.0, 5.0]), [0.5, 1.5, 3.5, 4.5, 6.0])
    assert [one.value for one in found] == pytest.approx([0.2, 0.4, 0.2, 0.2])
    for one, count in zip(found, (1, 2, 1, 1)):
        assert (one.law.count, one.law.trials) == pytest.approx((count, 5))


def test_the_interval_of_a_quantile_is_that_of_ordered_times():
    """For n = 20 the median is between the 6th and the 15th time: binomial tails of 2.07 % each, below 2.5 %."""
    times = np.arange(1.0, 21.0)
    low, high = measure.waiting_quantile_interval(arrivals(times), 0.5)
    assert (low, high) == (6.0, 15.0)
    assert binom.cdf(5, 20, 0.5) < 0.025 < binom.cdf(6, 20, 0.5)
    assert measure.waiting_quantile(arrivals(times), 0.5).value == 10.5
    assert measure.waiting_quantile(arrivals(times[:19]), 0.5).value == 10.0


@pytest.mark.statistical
def test_the_interval_of_a_quantile_covers_whatever_the_law():
    """Two laws, 12 walkers: at least 95 % of 200 samples, less 2.5 of their errors; a level of 50 % covers less."""
    for shape in (0.3, 5.0):
        law = gamma(shape, scale=2.0 / shape)
        runs = [waits(shape, 12, seed=seed) for seed in range(200)]
        for level, least, most in ((0.95, 0.911, 1.0), (0.5, 0.41, 0.85)):
            ends = [measure.waiting_quantile_interval(run, 0.5, level=level) for run in runs]
            covered = np.mean([low < law.median() < high for low, high in ends])
            assert least <= covered <= most


def test_shares_of_bins_are_counts_if_all_arrived():
    run = waits(walkers=50)
    times, edges = run.events["time"], [0.0, 0.5, 2.0, 100.0]
    bins = measure.waiting_distribution(run, edges)
    for found, low, high in zip(bins, edges, edges[1:]):
        count = int(((times >= low) & (times < high)).sum())
        assert found.value == pytest.approx(count / 50)
        assert found.law.count == pytest.approx(count)
        assert found.law.trials == pytest.approx(50)
    assert sum(found.value for found in bins) == pytest.approx(1)
    assert measure.waiting_distribution(arrivals([0.0, 1.0]), [0.0, 0.5])[0].value == 0.5


def test_what_nobody_saw_is_said():
    cut = waits(cutoff=1.0)
    late = measure.waiting_quantile(cut, 0.9)
    assert (late.value, late.error, late.mixed) == (1.0, math.inf, False)
    assert "lower bound" in late.note
    assert measure.waiting_quantile_interval(cut, 0.9)[1] == math.inf
    seen, unseen = measure.waiting_distribution(cut, [0.0, 0.5, 2.0])
    assert seen.mixed
    assert not unseen.mixed
    assert "watched until 1 only" in unseen.note
    few = measure.waiting_variance(waits(walkers=10))
    assert not few.mixed
    assert "20 are needed" in few.note
    assert measure.waiting_variance(arrivals([1.0])).error == math.inf


def test_few_events_have_an_exact_interval_of_the_variance():
    """It is the square of the interval of the mean: 5 arrivals in a time T, by the Gamma law."""
    run = arrivals(np.concatenate([[0.1, 0.3, 0.5, 0.7, 0.9], np.full(20, 9.0)]), 1.0)
    low, high = measure.confidence_interval(measure.mean_first_passage_time(run))
    assert measure.confidence_interval(measure.waiting_variance(run)) == pytest.approx((low**2, high**2))


def test_a_law_of_a_variance_survives_the_file_and_its_score_meets_its_interval():
    law = Waits(5.0, 20.0, watched=True, power=2)
    assert law_from(law_record(law)) == law
    found = measure.waiting_variance(arrivals(np.linspace(0.1, 9.0, 30), 2.0))
    low, high = measure.confidence_interval(found)
    assert exact_score(found.law, low) == pytest.approx(1.959964, abs=1e-5)
    assert exact_score(found.law, high) == pytest.approx(-1.959964, abs=1e-5)


def test_misuse_is_refused():
    run = waits(walkers=30)
    for share in (0.0, 1.0, -1.0, math.nan):
        with pytest.raises(UsageError, match="between 0 and 1"):
            measure.waiting_quantile(run, share)
    with pytest.raises(UsageError, match="increasing"):
        measure.waiting_distribution(run, [1.0, 0.0])
    for empty in (arrivals(np.zeros(5)), waits(walkers=5, cutoff=1e-9)):
        with pytest.raises(UsageError, match="no walker arrives"):
            measure.waiting_variance(empty)
    for free in (measure.waiting_variance, lambda moved: measure.waiting_distribution(moved, [0.0, 1.0])):
        with pytest.raises(UsageError, match="without a target"):
            free(brownian(3, 5))
