"""Ranks: the correlation is Spearman's, and its error is the scatter over samples."""

import math

import numpy as np
import pytest
from scipy.stats import spearmanr

from langevin.errors import UsageError
from langevin.measure.rank_correlation import rank_correlation


def test_it_is_spearmans_with_ties():
    generator = np.random.default_rng(1)
    first = generator.integers(0, 6, 40)
    second = first + generator.integers(0, 6, 40)
    assert rank_correlation(first, second).value == pytest.approx(spearmanr(first, second).statistic)


def test_its_error_is_the_scatter_over_samples():
    generator = np.random.default_rng(1)
    found = []
    for _ in range(60):
        first, noise = generator.normal(size=(2, 50))
        found.append(rank_correlation(first, first + 1.5 * noise))
    values, errors = np.array([(m.value, m.error) for m in found]).T
    # 60 samples determine their scatter to 9 %
    assert errors.mean() == pytest.approx(values.std(ddof=1), rel=0.3)


def test_what_has_no_ranks_is_refused():
    with pytest.raises(UsageError, match="needs two finite numbers"):
        rank_correlation([1.0, math.nan], [1.0, 2.0])
