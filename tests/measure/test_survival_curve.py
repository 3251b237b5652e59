"""The fraction of walkers that have not arrived: by hand, with its band, and with censored walkers."""

import math

import numpy as np
import pytest
from scipy.stats import binomtest

from langevin.errors import UsageError
from langevin.measure import survival_curve
from langevin.types import Status
from tests.synthetic import arrivals, brownian

REPEATS = 1000
#: Coverage of an exact interval is at least 95 %; the tolerance is four standard deviations for 1000 intervals.
SLACK = 4 * math.sqrt(0.95 * 0.05 / REPEATS)


def test_the_product_of_those_at_risk_by_hand():
    """Arrivals at 1, 3 and 4, censored at 2 and 5: 4/5, then 2/3 of it, then 1/2 of that."""
    run = arrivals([1.0, 2.0, 3.0, 4.0, 5.0])
    run.events["status"][[1, 4]] = Status.CENSORED
    curve = survival_curve(run)
    assert curve.time.tolist() == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    np.testing.assert_allclose(curve.share, [1.0, 0.8, 0.8, 8 / 15, 4 / 15, 4 / 15], rtol=1e-14)
    assert curve.n == 5


def test_censored_walkers_do_not_make_it_fall_at_the_horizon():
    times = np.random.default_rng(1).exponential(1.0, 400)
    curve = survival_curve(arrivals(times, cutoff=0.5))
    assert curve.time[-1] == 0.5
    assert abs(curve.share[-1] - math.exp(-0.5)) < 4 * math.sqrt(0.25 / 400)
    assert curve.low[-1] < math.exp(-0.5) < curve.high[-1]


def test_without_censoring_the_band_is_exact_and_within_0_and_1():
    curve = survival_curve(arrivals(np.arange(1.0, 11.0)))
    for index, left in enumerate((10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)):
        exact = binomtest(left, 10).proportion_ci(0.95, "exact")
        assert curve.low[index] == pytest.approx(exact.low, abs=1e-10)
        assert curve.high[index] == pytest.approx(exact.high, abs=1e-10)
    assert curve.share[-1] == curve.low[-1] == 0.0


def covered(strip):
    """Fraction of bands at t = 0.7 that contain e^-0.7, for 12 walkers some of which are censored at random."""
    generator, held = np.random.default_rng(5), 0
    for _ in range(REPEATS):
        times, ends = generator.exponential(1.0, 12), generator.uniform(0.3, 3.0, 12)
        run = arrivals(np.minimum(times, ends))
        if not strip:
            run.events["status"][times > ends] = Status.CENSORED
        curve = survival_curve(run)
        place = np.searchsorted(curve.time, 0.7, side="right") - 1
        held += curve.low[place] <= math.exp(-0.7) <= curve.high[place]
    return held / REPEATS


@pytest.mark.statistical
def test_the_band_covers_with_censoring_and_not_if_it_is_ignored():
    assert covered(strip=False) > 0.95 - SLACK
    assert covered(strip=True) < 0.95 - SLACK


def test_walkers_without_a_target_are_refused():
    with pytest.raises(UsageError, match="without a target"):
        survival_curve(brownian(chains=5))
