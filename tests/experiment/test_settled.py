"""What one moment says of the others of its run."""

import numpy as np
from scipy.stats import t as student

from langevin.experiment.settled import LONGER, all_settled
from tests.synthetic import record


def run(drift):
    """Four frames of independent walkers by Student's law of 2.5 degrees, whose mean moves or does not."""
    states = student.rvs(2.5, size=(20_000, 4, 1), random_state=np.random.default_rng(1))
    return record(states + drift * np.arange(4.0)[:, None], np.arange(4.0))


FUNCTIONS = {"x": lambda states: states[:, 0], "x^2": lambda states: states[:, 0] ** 2}


def test_a_run_that_has_not_settled_voids_all_moments():
    found = all_settled(run(0.2), FUNCTIONS)
    assert not found["x"].mixed
    assert not found["x^2"].mixed
    assert LONGER in found["x^2"].note


def test_a_heavy_tail_voids_its_own_moment_only():
    found = all_settled(run(0.0), FUNCTIONS)
    assert found["x"].mixed
    assert not found["x^2"].mixed
    assert "variance is infinite" in found["x^2"].note
