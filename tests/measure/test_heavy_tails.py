"""Means of values without a variance: how often this is detected, and how often values with a variance are refused.

The seeds are fixed. Values with a variance are refused in at most one of a hundred cases, so more than 3 of 100 are a
fault. With a tolerance of three standard deviations, a power of 90 % gives at least 80 of 100, one of 50 % at least 35.
"""

import math

import numpy as np
import pytest
from scipy.stats import laplace, norm
from scipy.stats import t as student

from benchmarks.known_processes import frames, rotating
from langevin import measure
from langevin.measure.moments import correlation_time
from langevin.measure.stationarity import ENOUGH, PARTS, _close_together, heavy_tailed, tail_shape
from tests.synthetic import arrivals

pytestmark = pytest.mark.statistical
RUNS = 100


def well(uniforms):
    """A double well with the barrier 3 theta."""
    x = np.linspace(-2.5, 2.5, 4001)
    below = np.cumsum(np.exp(-3 * (x**2 - 1) ** 2))
    return np.interp(uniforms, below / below[-1], x)


def second_place(uniforms):
    """A distant point with the probability 0.01: a cluster, and not a tail."""
    return np.where(uniforms < 0.01, 5.0 + uniforms, 0.2 * norm.ppf(uniforms))


LIGHT = {
    "Gaussian": norm.ppf,
    "its square": lambda uniforms: norm.ppf(uniforms) ** 2,
    "double well": well,
    "exponential": laplace.ppf,
    "square of an exponential": lambda uniforms: laplace.ppf(uniforms) ** 2,
    "share": lambda uniforms: 1.0 * (uniforms > 0.98),
    "second place": second_place,
    "Student, 3 degrees": lambda uniforms: student.ppf(uniforms, 3),
}
HEAVY = {
    "square of Student, 3 degrees": (lambda uniforms: student.ppf(uniforms, 3) ** 2, 35),
    "square of Student, 2.5 degrees": (lambda uniforms: student.ppf(uniforms, 2.5) ** 2, 60),
    "Cauchy": (lambda uniforms: student.ppf(uniforms, 1), 80),
}


def refusals(law, make):
    """How many runs of a law, given by its quantiles, are refused by the rule."""
    generator, count = np.random.default_rng(11), 0
    for _ in range(RUNS):
        values = law(make(generator))
        count += bool(heavy_tailed(values, correlation_time(values) if values.shape[1] > 1 else 0.5))
    return count


def independent(generator):
    return generator.random((1000, 1))


def correlated(generator):
    return norm.cdf(rotating(generator).states[:, :, 0])


@pytest.mark.parametrize("make", [independent, correlated])
@pytest.mark.parametrize("name", LIGHT)
def test_what_has_a_variance_is_seldom_refused(name, make):
    assert refusals(LIGHT[name], make) <= 3


@pytest.mark.parametrize("make", [independent, correlated])
@pytest.mark.parametrize("name", HEAVY)
def test_what_has_no_variance_is_seen(name, make):
    law, least = HEAVY[name]
    assert refusals(law, make) >= least


def test_the_shape_is_that_of_the_tail():
    """With 2000 values of a Pareto law the error of the estimate is (1 + k) / sqrt(2000), about 3 %."""
    uniforms = np.random.default_rng(3).random(40_000)
    for shape in (0.25, 1.0):
        error = (1 + shape) / math.sqrt(2000)
        assert abs(tail_shape(uniforms**-shape, 2000) - shape) < 4 * error
    assert tail_shape(np.round(uniforms), 2000) == -math.inf


def test_every_mean_asks_the_rule():
    uniforms = np.random.default_rng(5).random((40, 100))
    heavy, light = student.ppf(uniforms, 1), norm.ppf(uniforms)

    def first(states):
        return states[:, 0]

    for values, mixed in ((heavy, False), (light, True)):
        found = (
            measure.time_mean(frames(values[:, :, None]), first, 0.0),
            measure.ensemble_mean(frames(values.reshape(-1, 1, 1)), first),
            measure.mean_first_passage_time(arrivals(np.abs(values).ravel())),
        )
        for mean in found:
            assert mean.mixed == mixed, mean.note
            assert ("variance is infinite" in mean.note) != mixed


def test_few_values_are_not_judged():
    few = student.ppf(np.random.default_rng(5).random((ENOUGH - 1, 1)), 1)
    assert not heavy_tailed(few)
    assert heavy_tailed(np.concatenate([few, few]))


@pytest.mark.parametrize(("far", "alike"), [([3], False), ([3, 8], False), ([3, 8, 9], True)])
def test_the_largest_of_a_walker_counts_once(far, alike):
    """Four frames of each of these walkers are at this distance; three walkers are a cluster."""
    sizes = np.ones((PARTS, 50))
    sizes[far, 10:14] = 100.0
    assert _close_together(sizes) == alike


def test_few_walkers_count_by_parts_of_their_records_if_they_have_so_many_frames():
    """Two walkers: by the halves of two frames, and by many parts of a hundred."""
    assert not _close_together(np.array([[9.0, 1.0], [9.0, 1.0]]))
    assert _close_together(np.array([[9.0, 9.0], [9.0, 1.0]]))
    far = np.ones((2, 100))
    far[:, :50] = 9.0
    assert _close_together(far)
