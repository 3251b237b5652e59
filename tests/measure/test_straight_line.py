"""The lack-of-fit test has its level on a line and detects a curve."""

import numpy as np
import pytest

from langevin.errors import UsageError
from langevin.measure.straight_line import straight_line

X = np.array([0.0, 1.0, 2.0, 4.0])


def fits(bend, runs=2000):
    generator = np.random.default_rng(1)
    for _ in range(runs):
        yield straight_line(X, [3 - 2 * x + bend * x**2 + generator.normal(size=5) for x in X])


def test_on_a_line_p_is_uniform_and_the_error_is_the_spread_of_slopes():
    found = list(fits(0.0))
    p = np.array([line.p for line in found])
    for level in (0.01, 0.1, 0.5):  # five standard errors of a binomial count
        assert abs((p < level).mean() - level) < 5 * np.sqrt(level * (1 - level) / len(p))
    slopes = np.array([line.slope.value for line in found])
    exact = 1 / np.sqrt(5 * ((X - X.mean()) ** 2).sum())
    assert abs(slopes.mean() + 2) < 5 * exact / np.sqrt(len(p))
    assert np.mean([line.slope.error for line in found]) == pytest.approx(exact, rel=0.02)  # bias 1/(4 dof)


def test_a_bend_is_seen():
    assert np.mean([line.p < 0.01 for line in fits(1.0, 200)]) > 0.9


def test_two_points_fit_any_line():
    line = straight_line([1, 3], [np.array([0.0, 0.2]), np.array([4.0, 4.2])])
    assert line.p == 1
    assert line.slope.value == pytest.approx(2)


@pytest.mark.parametrize(
    ("x", "columns"),
    [([1], [[1, 2]]), ([1, 1], [[1, 2], [1, 2]]), ([1, 2], [[1], [2]]), ([1, 2], [[1, np.nan], [2, 3]])],
)  # fmt: skip
def test_what_cannot_be_fitted_is_refused(x, columns):
    with pytest.raises(UsageError, match=r"line|scatter"):
        straight_line(x, columns)
