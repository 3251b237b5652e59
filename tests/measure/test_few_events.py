"""Intervals of few events: exact for exponential times, rates and shares, and never below zero."""

import math

import numpy as np
import pytest
from scipy.stats import binomtest, chi2

from langevin.comparison import compare
from langevin.measure import (
    arrival_rate,
    capture_probabilities,
    confidence_interval,
    exit_rate,
    mean_first_passage_time,
)
from langevin.measure.poisson_interval import poisson_interval
from langevin.types import Measurement, Prediction, Share, Waits
from tests.synthetic import arrivals, record

MEAN, REPEATS = 2.0, 2000
#: Of 2000 intervals at 95 % one standard deviation is 0.49 %; four of them are allowed.
SLACK = 4 * math.sqrt(0.95 * 0.05 / REPEATS)


def coverage(n, strip=False):
    """Fraction of intervals from n exponential times that contain their mean; `strip` leaves only Student's law."""
    generator, held = np.random.default_rng(n), 0
    for _ in range(REPEATS):
        found = mean_first_passage_time(arrivals(generator.exponential(MEAN, n)))
        if strip:
            found = Measurement(found.value, found.error, n, found.estimator)
        low, high = confidence_interval(found)
        held += low < MEAN < high
    return held / REPEATS


@pytest.mark.statistical
@pytest.mark.parametrize("n", [3, 5, 8, 12, 20])
def test_means_of_few_exponential_times_are_covered_as_often_as_is_said(n):
    """One sample in twenty of these appears not to be exponential, and gets the interval of its logarithm."""
    assert abs(coverage(n) - 0.95) < SLACK


@pytest.mark.statistical
def test_student_intervals_about_the_mean_are_caught():
    assert coverage(5, strip=True) < 0.95 - SLACK


def test_the_interval_of_all_times_is_that_of_the_gamma_law():
    found = mean_first_passage_time(arrivals([1.0, 2.0, 6.0]))
    total = 9.0
    exact = (2 * total / chi2.ppf(0.975, 6), 2 * total / chi2.ppf(0.025, 6))
    assert confidence_interval(found) == pytest.approx(exact, rel=1e-10)


def test_three_arrivals_of_four_hundred_have_the_interval_of_three_events():
    """An interval from the error alone would extend far below zero."""
    run = arrivals([500.0, 700.0, 900.0, *[1e9] * 397], cutoff=900.0)
    found = mean_first_passage_time(run)
    low, high = confidence_interval(found)
    total = run.events["time"].sum()
    few, many = poisson_interval(3)
    assert (low, high) == pytest.approx((total / many, total / few), rel=1e-10)
    assert low > 0
    rate = arrival_rate(run)
    assert confidence_interval(rate) == pytest.approx((few / total, many / total), rel=1e-10)


def test_nobody_arrived_has_a_lower_end_and_no_upper_one():
    found = mean_first_passage_time(arrivals([9.0] * 50, cutoff=2.0))
    low, high = confidence_interval(found)
    assert low == pytest.approx(100.0 / -math.log(0.025), rel=1e-10)
    assert high == math.inf
    assert not found.mixed


def test_shares_have_the_interval_of_clopper_and_pearson():
    run = arrivals(np.ones(20), target=np.r_[np.zeros(3, int), np.ones(17, int)])
    shares = capture_probabilities(run, targets=3)
    for name, count in (("target 0", 3), ("target 1", 17), ("target 2", 0)):
        exact = binomtest(count, 20).proportion_ci(0.95, "exact")
        assert confidence_interval(shares[name]) == pytest.approx((exact.low, exact.high), abs=1e-10)


def test_a_verdict_excludes_exactly_what_the_interval_does_not_hold():
    for law, value in (
        (Waits(4, 8.0), 2.0),
        (Waits(4, 8.0, True, -1), 0.5),
        (Share(3, 20), 0.15),
    ):
        measured = Measurement(value, 0.4 * value, 20, "few", law=law)
        low, high = confidence_interval(measured)
        for end, outside in ((low, 0.999), (high, 1.001)):
            assert compare(measured, Prediction(end * outside)).verdict == "excluded"
            assert compare(measured, Prediction(end / outside)).verdict != "excluded"
            score = compare(measured, Prediction(end)).z
            assert abs(score) == pytest.approx(1.959964, abs=1e-5)
            assert (score > 0) == (end == low)


def test_few_exits_of_a_region_have_an_interval_above_zero():
    """One jump in 40 frames: Garwood's interval for one event, over the time spent inside."""
    inside = np.zeros((1, 40, 1))
    inside[0, :20] = 1.0
    run = record(inside, np.arange(40) * 0.5)
    found = exit_rate(run, lambda states: states[:, 0] > 0.5, first_time=0.0)
    low, high = poisson_interval(1)
    assert confidence_interval(found) == pytest.approx((low / 10.0, high / 10.0), rel=1e-10)
