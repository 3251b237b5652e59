"""Mean first-passage times with and without censoring, and the coverage of their intervals."""

import math
from dataclasses import replace

import numpy as np
import pytest

from langevin.errors import UsageError
from langevin.measure import confidence_interval, critical_value, log_of, mean_first_passage_time
from langevin.types import Measurement, Status
from tests.synthetic import arrivals, brownian

MEAN, WALKERS, REPEATS = 2.0, 400, 300
#: A true coverage of 0.95 gives 285 of 300 covered with a standard deviation of 3.8: 4 of them are allowed.
SLACK = 4 * math.sqrt(REPEATS * 0.95 * 0.05)


def covered(cutoff, estimate=mean_first_passage_time, level=0.95):
    """The number of intervals that cover the true mean."""
    generator = np.random.default_rng(11)
    count = 0
    for _ in range(REPEATS):
        measured = estimate(arrivals(generator.exponential(MEAN, WALKERS), cutoff))
        low, high = confidence_interval(measured, level)
        count += low < MEAN < high
    return count


@pytest.mark.statistical
@pytest.mark.parametrize("cutoff", [math.inf, 2.0, 0.5])
def test_intervals_cover_as_often_as_they_say(cutoff):
    assert abs(covered(cutoff) - 0.95 * REPEATS) < SLACK


@pytest.mark.statistical
def test_ignoring_the_censored_walkers_is_caught():
    """Control: the mean over the walkers that arrived is much too short."""

    def naive(run):
        return mean_first_passage_time(run, run.events["status"] == Status.HIT)

    assert covered(2.0, naive) == 0


@pytest.mark.statistical
def test_an_error_too_small_by_a_third_is_caught():
    def bold(run):
        honest = mean_first_passage_time(run)
        return Measurement(honest.value, honest.error / 1.5, honest.n, honest.estimator)

    assert abs(covered(math.inf, bold) - 0.95 * REPEATS) > SLACK


@pytest.mark.statistical
def test_walkers_that_start_inside_count_as_zero():
    """A fifth starts inside; the mean is 0.8 x 2 with and without censoring, within 4 standard errors."""
    generator = np.random.default_rng(3)
    times = generator.exponential(MEAN, 4000) * (generator.random(4000) > 0.2)
    for cutoff in (math.inf, 0.5):
        measured = mean_first_passage_time(arrivals(times, cutoff))
        assert measured.mixed
        assert abs(measured.value - 0.8 * MEAN) < 4 * measured.error
    naive = arrivals(times, 0.5).events["time"].sum() / (times <= 0.5).sum()
    assert abs(naive - 0.8 * MEAN) > 4 * measured.error


def test_sample_mean_and_error_when_all_arrive():
    measured = mean_first_passage_time(arrivals([1.0, 2.0, 6.0]))
    assert measured.value == 3.0
    assert measured.error == pytest.approx(math.sqrt(7 / 3), rel=1e-15)
    assert (measured.n, measured.mixed, measured.note) == (3, True, "")


def test_a_mean_of_zero_says_why():
    measured = mean_first_passage_time(arrivals([0.0, 0.0, 0.0]))
    assert (measured.value, measured.note) == (0.0, "every walker starts at the target")


def test_censored_estimate_is_total_time_over_arrivals():
    measured = mean_first_passage_time(arrivals([0.5, 1.5, 1.0, 9.0], cutoff=2.0))
    assert measured.value == pytest.approx(5.0 / 3, rel=1e-15)
    assert measured.error == pytest.approx(5.0 / 3 / math.sqrt(3), rel=1e-15)
    assert "1 of 4 walkers censored" in measured.note
    assert "exponential" in measured.note


@pytest.mark.parametrize("shape", [0.5, 2.0])
def test_arrivals_that_are_not_exponential_are_noticed(shape):
    times = np.random.default_rng(4).gamma(shape, 1, 1000)
    measured = mean_first_passage_time(arrivals(times, 1.0))
    assert not measured.mixed
    assert "not exponential" in measured.note


def test_nobody_arrived_gives_a_lower_bound():
    measured = mean_first_passage_time(arrivals(np.full(30, 5.0), cutoff=1.0))
    assert not measured.mixed
    assert measured.value == pytest.approx(30 / math.log(20))
    assert measured.error == math.inf
    assert "lower bound" in measured.note


def test_diverged_walkers_are_left_out_and_counted():
    run = arrivals([1.0, 2.0, 6.0, 100.0, 50.0])
    run.events["status"][3:] = [Status.DIVERGED, Status.PROJECTION_FAILED]
    measured = mean_first_passage_time(run)
    assert measured.value == 3.0
    assert "1 walker diverged" in measured.note
    assert "1 walker failed" in measured.note


def test_one_walker_has_no_error():
    measured = mean_first_passage_time(arrivals([1.0, 2.0]), np.array([True, False]))
    assert (measured.value, measured.error, measured.mixed) == (1.0, math.inf, False)


@pytest.mark.parametrize(
    ("run", "where"),
    [
        (brownian(3, 5), None),
        (arrivals([1.0, 2.0]), np.array([True])),
        (arrivals([1.0, 2.0]), np.array([1, 0])),
        (arrivals([1.0, 2.0]), np.array([False, False])),
        (arrivals([1.0, 2.0], status=np.full(2, Status.DIVERGED)), None),
    ],
    ids=["no target", "short mask", "integer mask", "no walker", "all diverged"],
)
def test_runs_that_cannot_serve_are_refused(run, where):
    with pytest.raises(UsageError):
        mean_first_passage_time(run, where)


def test_log_of_carries_the_relative_error():
    log = log_of(Measurement(math.e, 0.1, 10, "mean", False, "why"))
    assert log == Measurement(1.0, 0.1 / math.e, 10, "log of mean", False, "why")
    with pytest.raises(UsageError):
        log_of(Measurement(0.0, 0.1, 10, "mean"))


def test_student_quantiles():
    """Tabled values: 12.706 and 2.2622 for 1 and 9 degrees of freedom, 1.9600 for the normal law."""
    for n, tabled in [(2, 12.7062), (10, 2.26216), (10**9, 1.95996)]:
        assert critical_value(0.05, n) == pytest.approx(tabled, abs=1e-4)
    assert critical_value(0.05, 1) == math.inf
    for level in (0.0, 1.0, math.nan):
        with pytest.raises(UsageError):
            critical_value(level, 10)


def test_time_counts_from_when_the_target_is_watched():
    run = arrivals([2.0, 3.0, 7.0])
    late = replace(run, meta={**run.meta, "watched_from": 1.5})
    assert mean_first_passage_time(late).value == pytest.approx(mean_first_passage_time(run).value - 1.5)
    with pytest.raises(UsageError, match="since when its target is watched"):
        mean_first_passage_time(replace(run, meta={**run.meta, "watched_from": "start"}))
