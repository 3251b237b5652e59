"""Steps and frames of many lengths: lags are in time, means are over time, and their errors hold."""

import numpy as np
import pytest

from langevin.errors import UsageError
from langevin.measure import (
    area_rate,
    exit_rate,
    integrated_autocorrelation_time,
    kramers_moyal_coefficients,
    local_exponent,
    mean_path_length,
    mean_squared_displacement,
    occupation,
    relaxation_time,
    stationary_density,
    time_mean,
)
from tests.synthetic import brownian, record

#: Sums of steps (1 + k / 20)^-0.6, 40 to a frame: gaps that fall by a factor of 5.
TIMES = np.concatenate([[0.0], np.cumsum((1 + np.arange(12_000) / 20) ** -0.6)[39::40]])


def first(states):
    return states[:, 0]


def right(states):
    return states[:, 0] > 0


def relaxing(chains, times=TIMES, memory=10.0, seed=0, dim=1):
    """Stationary dX = -X / memory dt + sqrt(2 / memory) dW at given times, exactly: correlation exp(-t / memory)."""
    generator = np.random.default_rng(seed)
    states = np.empty((chains, len(times), dim))
    states[:, 0] = generator.standard_normal((chains, dim))
    for frame, keep in enumerate(np.exp(-np.diff(times) / memory)):
        noise = generator.standard_normal((chains, dim))
        states[:, frame + 1] = keep * states[:, frame] + np.sqrt(1 - keep**2) * noise
    return record(states, times)


@pytest.mark.statistical
@pytest.mark.parametrize("origin", [0, 100])
def test_mean_squared_displacement_over_its_lag_is_two_theta(origin):
    """Within 4 standard errors, relatively sqrt(2 / walkers); lags as mean step x steps are off by a factor."""
    run = brownian(4000, dim=1, theta=0.5, times=TIMES)
    lags, squared = mean_squared_displacement(run, origin)
    np.testing.assert_allclose(lags, TIMES[origin + 1 :] - TIMES[origin], rtol=1e-12)
    ratio = squared.mean(axis=0) / lags
    assert np.abs(ratio[[0, -1]] - 1).max() < 4 * (2 / 4000) ** 0.5
    assert local_exponent(run, window="after arrival").value == pytest.approx(1, abs=0.05)
    even = (np.arange(origin + 1, len(TIMES)) - origin) * TIMES[-1] / (len(TIMES) - 1)
    assert np.abs(squared.mean(axis=0) / even - 1)[[0, -1]].max() > 0.3


def test_a_chain_that_starts_later_has_lags_in_its_own_time():
    """x = t: the displacement after the lag t is t^2, for a chain from the first frame and for one from the fifth."""
    run = record(np.stack([TIMES, TIMES])[:, :, None], TIMES)
    lags, squared = mean_squared_displacement(run, [0, 5])
    np.testing.assert_allclose(squared[0], lags**2, rtol=1e-9)
    known = np.isfinite(squared[1])
    np.testing.assert_array_equal(known[1:], lags[1:] <= TIMES[-1] - TIMES[5])
    # a straight line between lags is off by at most (gap / 2)^2, gaps being at most 40
    np.testing.assert_allclose(squared[1, known], lags[known] ** 2, atol=20.0**2)


def test_a_mean_over_time_weighs_frames_by_their_time():
    """x = t: the sum of the rectangles before each frame; the plain mean of the frames is far from it."""
    run = record(TIMES[None, :, None], TIMES)
    weights = np.diff(TIMES, prepend=TIMES[0] - TIMES[1])
    expected = (weights * TIMES).sum() / weights.sum()
    assert time_mean(run, first, 0.0).value == pytest.approx(expected, rel=1e-12)
    assert abs(TIMES.mean() / expected - 1) > 0.2
    half = record((TIMES[None, :, None] > TIMES[-1] / 2) - 0.5, TIMES)
    share = (weights * (TIMES > TIMES[-1] / 2)).sum() / weights.sum()
    assert occupation(half, right, first_time=0).value == pytest.approx(share, rel=1e-12)
    above = stationary_density(half, first, [-1.0, 0.0, 1.0], first_time=0)[1]
    assert above.value == pytest.approx(share, rel=1e-12)


def test_frames_all_alike_weigh_one():
    """A gap that differs by round-off of the sums changes no bit of a mean."""
    values = np.random.default_rng(0).standard_normal((3, 200, 1))
    times = np.cumsum(np.full(200, 0.1))
    assert time_mean(record(values, times), first, 0).value == values.mean()


@pytest.mark.statistical
@pytest.mark.parametrize("chains", [4, 50])
def test_errors_of_means_over_time_hold(chains):
    """The mean of x is 0: over 150 runs z has the standard deviation 1, within 4 errors of 1 / sqrt(300) and 10 %."""
    found = {"mean": [], "share": [], "area": []}
    for seed in range(150):
        run = relaxing(chains, seed=seed, dim=2)
        for name, measured, truth in (
            ("mean", time_mean(run, first, 0), 0.0),
            ("share", occupation(run, right, first_time=0), 0.5),
            ("area", area_rate(run, first, lambda x: x[:, 1], first_time=0), 0.0),
        ):
            found[name].append((measured.value - truth) / measured.error)
    for name, z in found.items():
        assert np.std(z) == pytest.approx(1, abs=4 / 300**0.5 + 0.1), name


def test_the_time_in_a_region_is_that_of_its_gaps():
    """One walker is right of 0 in the first half of the frames, and leaves once."""
    middle = len(TIMES) // 2
    states = np.where(np.arange(len(TIMES)) < middle, 1.0, -1.0)
    measured = exit_rate(record(states[None, :, None], TIMES), right, first_time=0)
    assert measured.value == pytest.approx(1 / TIMES[middle], rel=1e-12)


def test_what_depends_on_one_lag_is_refused_where_frames_are_uneven():
    run = relaxing(4)
    for measured in (
        lambda: integrated_autocorrelation_time(run, first, first_time=0),
        lambda: relaxation_time(run, first, lags=(1, 30), first_time=0),
        lambda: mean_path_length(run, first_time=0),
        lambda: kramers_moyal_coefficients(run, first, [-1, 0, 1], lag=1.0, first_time=0),
    ):
        with pytest.raises(UsageError, match="not evenly spaced in time"):
            measured()
