"""Control variates remove the variance that they explain from the error; a control of another mean is detected."""

from __future__ import annotations

import math

import numpy as np
import pytest

from langevin.measure.seeds import EACH, controlled_mean

N, RUNS = 1000, 400


def runs(shift=0.0):
    """(mean, error) of values of mean 1; two controls of the mean `shift` leave a hundredth of their variance."""
    generator = np.random.default_rng(1)
    for _ in range(RUNS):
        controls = generator.standard_normal((N, 2))
        values = 1.0 + controls @ [0.8, -0.6] + 0.1 * generator.standard_normal(N)
        yield controlled_mean(values, controls + shift)


def test_the_error_is_that_of_what_the_controls_leave():
    means, errors = np.array(list(runs())).T
    assert errors.mean() == pytest.approx(0.1 / math.sqrt(N), rel=0.01)  # a hundred runs tell it to .2 %
    assert abs(means.mean() - 1.0) < 4.0 * errors.mean() / math.sqrt(RUNS)
    covered = np.mean(np.abs(means - 1.0) < 1.96 * errors)
    assert 0.92 < covered < 0.98  # 95 % within 2.7 binomial errors


def test_controls_whose_mean_is_not_0_are_caught():
    """Broken on purpose: with a mean of .1 the coverage is below the tolerance of the test above."""
    means, errors = np.array(list(runs(shift=0.1))).T
    assert np.mean(np.abs(means - 1.0) < 1.96 * errors) < 0.05


def test_few_values_give_the_plain_mean():
    values = np.random.default_rng(3).standard_normal(EACH - 1)
    mean, error = controlled_mean(values, values[:, None])
    assert (mean, error) == (values.mean(), values.std(ddof=1) / math.sqrt(values.size))
    assert controlled_mean(values[:1], np.empty((1, 0)))[1] == math.inf


def test_of_many_controls_the_first_are_used():
    generator = np.random.default_rng(4)
    controls = generator.standard_normal((EACH, 5))
    values = controls[:, 0] + 0.1 * generator.standard_normal(EACH)
    assert controlled_mean(values, controls) == controlled_mean(values, controls[:, :1])
    assert controlled_mean(values, controls)[1] < 0.2 / math.sqrt(EACH)
