"""Mean first-passage times of laws that are not exponential, if a few of many walkers have not arrived."""

import math

import numpy as np
import pytest

from langevin.measure import confidence_interval, mean_first_passage_time
from tests.synthetic import arrivals

pytestmark = pytest.mark.statistical
WALKERS, REPEATS = 5000, 200

#: Law, mean, and a time that about two of 5000 walkers exceed.
LAWS = {
    "two exponential stages": (lambda g, n: g.exponential(1.0, n) + g.exponential(0.5, n), 1.5, 8.5),
    "inverse Gaussian": (lambda g, n: g.wald(1.0, 1.0, n), 1.0, 8.7),
    "gamma, spread": (lambda g, n: g.gamma(0.5, 1.0, n), 0.5, 6.4),
}


def runs(law, cutoff, seed=2):
    generator = np.random.default_rng(seed)
    return [mean_first_passage_time(arrivals(law(generator, WALKERS), cutoff)) for _ in range(REPEATS)]


def with_rest(found):
    """The means that describe the remaining walkers by the tail of an exponential."""
    return [mean for mean in found if mean.mixed and "expected rest" in mean.estimator]


@pytest.mark.parametrize("name", LAWS)
def test_a_few_stragglers_leave_the_mean(name):
    """The coverage is within 4 standard deviations of 95 %; in at least an eighth of the runs few walkers remain."""
    law, mean, cutoff = LAWS[name]
    found = with_rest(runs(law, cutoff))
    assert len(found) > REPEATS / 8
    held = sum(low < mean < high for low, high in map(confidence_interval, found))
    assert abs(held - 0.95 * len(found)) < 4 * math.sqrt(0.95 * 0.05 * len(found))
    assert all("they move the mean by" in one.note and "censored" in one.note for one in found)


def test_many_that_are_left_void_the_mean():
    law, _, _ = LAWS["two exponential stages"]
    assert all(not one.mixed for one in runs(law, 5.0))


def test_a_heavy_tail_is_no_exponential_one():
    """With the Pareto law of exponent 1.5, two of 5000 walkers contribute an eighth of the mean."""
    assert not with_rest(runs(lambda g, n: g.pareto(1.5, n), 180.0))


def test_one_that_is_caught_voids_the_mean():
    """One walker stays where no other walker has been: its time is not known, although it is only one."""
    generator = np.random.default_rng(5)
    for _ in range(20):
        times = generator.exponential(1.0, WALKERS) + generator.exponential(0.5, WALKERS)
        times[0] = math.inf
        assert not mean_first_passage_time(arrivals(times, 40.0)).mixed
