"""The interval agrees with published tables, and has its coverage."""

import numpy as np
import pytest

from langevin.errors import UsageError
from langevin.measure.poisson_interval import poisson_interval


@pytest.mark.parametrize(("count", "low", "high"), [(0, 0, 3.689), (1, 0.0253, 5.572), (10, 4.795, 18.39)])
def test_values_of_the_tables(count, low, high):
    assert poisson_interval(count) == pytest.approx((low, high), rel=2e-3)  # four printed digits


@pytest.mark.parametrize("mean", [0.5, 3.0, 20.0])
def test_it_covers(mean):
    counts = np.random.default_rng(1).poisson(mean, 2000)
    covered = np.mean([low <= mean <= high for low, high in map(poisson_interval, counts.tolist())])
    assert covered > 0.95 - 5 * np.sqrt(0.95 * 0.05 / len(counts))


@pytest.mark.parametrize(("count", "level"), [(-1, 0.95), (1, 1.0), (1, 0.0)])
def test_what_is_no_count_or_level_is_refused(count, level):
    with pytest.raises(UsageError, match="count"):
        poisson_interval(count, level)
