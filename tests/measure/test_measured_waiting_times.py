"""The law of waiting times: exponential, more regular, more spread, censored or not."""

import math

import numpy as np
import pytest

from langevin import measure
from langevin.errors import UsageError
from langevin.types import Status
from tests.synthetic import arrivals, brownian


def waits(shape=1.0, walkers=2000, cutoff=math.inf, seed=0):
    return arrivals(np.random.default_rng(seed).gamma(shape, 2.0 / shape, walkers), cutoff)


@pytest.mark.statistical
@pytest.mark.parametrize("shape", [0.5, 1.0, 4.0])
def test_rate_and_variation_of_gamma_laws(shape):
    """Rate 1/2 and variation shape^(-1/2), within 4 standard errors; a third more is excluded."""
    rate, variation = measure.arrival_rate(waits(shape)), measure.coefficient_of_variation(waits(shape))
    for measured, exact in ((rate, 0.5), (variation, shape**-0.5)):
        assert measured.mixed
        assert abs(measured.value - exact) < 4 * measured.error
        assert abs(measured.value - 4 / 3 * exact) > 4 * measured.error


@pytest.mark.statistical
@pytest.mark.parametrize("cutoff", [math.inf, 1.5])
def test_the_score_tells_the_exponential_from_other_laws(cutoff):
    assert abs(measure.exponential_score(waits(cutoff=cutoff)).value) < 4
    assert measure.exponential_score(waits(2.0, cutoff=cutoff)).value > 4
    assert measure.exponential_score(waits(0.5, cutoff=cutoff)).value < -4


@pytest.mark.statistical
def test_leaving_the_censored_out_is_caught():
    """Control: the walkers that arrived before the cutoff, taken alone, are too regular and too fast."""
    run = waits(cutoff=1.5)
    hit = run.events["status"] == Status.HIT
    assert measure.exponential_score(run, hit).value > 4
    assert abs(measure.arrival_rate(run).value - 0.5) < 4 * measure.arrival_rate(run).error
    assert abs(measure.arrival_rate(run, hit).value - 0.5) > 4 * measure.arrival_rate(run, hit).error


def test_the_unit_of_time_does_not_matter():
    times = np.random.default_rng(1).exponential(1, 100)
    for estimate in (measure.exponential_score, measure.coefficient_of_variation):
        assert estimate(arrivals(times)).value == pytest.approx(estimate(arrivals(1e3 * times)).value)


def test_what_is_said_of_few_and_of_censored():
    few = waits(walkers=5)
    for estimate in (measure.exponential_score, measure.coefficient_of_variation):
        assert not estimate(few).mixed
        assert "20 are needed" in estimate(few).note
    assert "censored" in measure.exponential_score(waits(cutoff=1.5)).note
    started = arrivals([0.0, *np.random.default_rng(2).exponential(1, 30)])
    score = measure.exponential_score(started)
    assert score.n == 30
    assert "left out, at the target from the start" in score.note
    empty = measure.arrival_rate(arrivals(np.full(30, 5.0), cutoff=1.0))
    assert (empty.error, empty.mixed) == (math.inf, False)


def test_a_clock_has_no_variation():
    assert measure.coefficient_of_variation(arrivals(np.full(30, 2.0))).value == pytest.approx(0, abs=1e-7)


def test_misuse_is_refused():
    with pytest.raises(UsageError, match="censored"):
        measure.coefficient_of_variation(waits(cutoff=1.5))
    with pytest.raises(UsageError, match="no walker arrives"):
        measure.exponential_score(arrivals(np.full(30, 5.0), cutoff=1.0))
    at_target = arrivals([1.0, 2.0])
    at_target.events["time"][:] = 0
    for estimate in (measure.exponential_score, measure.coefficient_of_variation, measure.arrival_rate):
        with pytest.raises(UsageError):
            estimate(brownian(3, 5))
        with pytest.raises(UsageError):
            estimate(waits(), np.array([True]))
        with pytest.raises(UsageError):
            estimate(at_target)
