"""Conclusions from one moment of a run for the other moments."""

import numpy as np
from scipy.stats import t as student

from langevin.experiment.settled import LONGER, settled_means
from tests.synthetic import record


def run(drift):
    """Four frames of independent walkers by Student's law of 2.5 degrees, whose mean moves or does not."""
    states = student.rvs(2.5, size=(20_000, 4, 1), random_state=np.random.default_rng(1))
    return record(states + drift * np.arange(4.0)[:, None], np.arange(4.0))


FUNCTIONS = {"x": lambda states: states[:, 0], "x^2": lambda states: states[:, 0] ** 2}


def test_a_run_that_has_not_settled_voids_all_moments():
    found = settled_means(run(0.2), FUNCTIONS)
    assert not found["x"].mixed
    assert not found["x^2"].mixed
    assert LONGER in found["x^2"].note


def test_a_heavy_tail_voids_its_own_moment_only():
    found = settled_means(run(0.0), FUNCTIONS)
    assert found["x"].mixed
    assert not found["x^2"].mixed
    assert "variance is infinite" in found["x^2"].note


def test_a_mean_over_time_has_the_error_of_its_walkers():
    """Six frames after the first quarter have independent parts, which are averaged, and a part common to a walker."""
    generator = np.random.default_rng(2)
    values = 2.0 * generator.standard_normal((10_000, 1)) + generator.standard_normal((10_000, 9))
    found = settled_means(record(values[:, :, None], np.arange(9.0)), {"x": FUNCTIONS["x"]})["x"]
    assert abs(found.value - values[:, 3:].mean()) < 1e-12
    exact = np.sqrt((4.0 + 1.0 / 6.0) / 10_000)
    assert abs(found.error / exact - 1.0) < 0.03  # an error of n values is known to 1 / sqrt(2 n), .7 %
    assert not found.mixed  # walkers that have not moved have not settled
