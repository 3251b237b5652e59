"""Correlation and relaxation times, effective sample size and R-hat of processes with known correlation times."""

import math
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.coverage import SUM
from benchmarks.known_processes import FROM, GAP, MEMORY, frames, rotating, x
from langevin import measure
from langevin.errors import UsageError
from langevin.measure.autocorrelation import _lags_between, effective_size, potential_scale_reduction
from langevin.measure.windows import window
from langevin.types import Status

TIMES = (measure.integrated_autocorrelation_time, measure.effective_sample_size, measure.split_r_hat)


def run(walkers=20, draws=2000, seed=0, **kwargs):
    return rotating(np.random.default_rng(seed), walkers, draws, **kwargs)


def stuck():
    """Chains that stay at different points."""
    free = run(8, 1000)
    places = 3 * np.random.default_rng(1).standard_normal((8, 1, 2))
    return replace(free, states=free.states + places)


@pytest.mark.statistical
def test_times_of_an_ornstein_uhlenbeck_process():
    """Within 4 standard errors of the exact values; half of each is excluded."""
    values = 20 * 2000
    for measured, exact in [
        (measure.integrated_autocorrelation_time(run(), x, **FROM), SUM),
        (measure.effective_sample_size(run(), x, **FROM), values * GAP / (2 * SUM)),
        (measure.relaxation_time(run(), x, lags=(0.4, 1.6), **FROM), 1.0),
    ]:
        assert measured.mixed
        assert abs(measured.value - exact) < 4 * measured.error
        assert abs(measured.value - exact / 2) > 4 * measured.error


@pytest.mark.statistical
def test_both_ways_to_count_independent_values_agree():
    """Sums by Sokal's window and by Geyer's pairs agree within 4 of their errors."""
    sokal = 20 * 2000 * GAP / (2 * measure.integrated_autocorrelation_time(run(), x, **FROM).value)
    geyer = measure.effective_sample_size(run(), x, **FROM)
    assert abs(sokal - geyer.value) < 4 * geyer.error


def test_effective_size_of_independent_and_of_alternating_values():
    """Independent values count once (within 5 %), alternating ones more, to the bound N log10 N."""
    noise = np.random.default_rng(0).standard_normal((4, 5000))
    assert effective_size(noise) == pytest.approx(20_000, rel=0.05)
    sign = (-1.0) ** np.arange(5000)
    assert effective_size(sign + 0.01 * noise) == pytest.approx(20_000 * math.log10(20_000))


def test_r_hat_by_hand():
    """Halves 0 2, 4 6: means 1 and 5, variance between 8, within 2, N = 2: sqrt(1/2 + 8/2)."""
    assert potential_scale_reduction(np.array([[0.0, 2.0, 4.0, 6.0]])) == pytest.approx(math.sqrt(4.5))
    assert potential_scale_reduction(np.array([[0.0, 0.0], [1.0, 1.0]])[:, [0, 0, 1, 1]]) == math.inf


def test_chains_that_keep_their_places_are_not_mixed():
    for estimate in TIMES:
        measured = estimate(stuck(), x, **FROM)
        assert not measured.mixed
        assert ("R-hat" if estimate is measure.split_r_hat else "stationary") in measured.note


def test_a_drift_through_the_record_is_seen_by_the_halves():
    """Control: unsplit chains, all with the same drift, agree with each other and would pass."""
    free = run(8, 2000)
    moving = replace(free, states=free.states + np.linspace(0, 3, 2000)[None, :, None])
    values = moving.states[:, :, 0]
    unsplit = math.sqrt(1 + values.mean(axis=1).var(ddof=1) / values.var(axis=1, ddof=1).mean())
    assert unsplit < 1.05
    assert not measure.split_r_hat(moving, x, **FROM).mixed


@pytest.mark.statistical
def test_two_time_scales_are_not_one_exponential():
    """x at rate 1 and a fast part at rate 10: the logarithm is curved at short lags, and straight at long ones."""
    free = run(40, 2000)
    generator = np.random.default_rng(5)
    fast = np.zeros((40, 2000))
    fast[:, 0] = generator.standard_normal(40)
    for frame in range(1, 2000):
        kick = math.sqrt(1 - MEMORY**20) * generator.standard_normal(40)
        fast[:, frame] = MEMORY**10 * fast[:, frame - 1] + kick
    mixture = replace(free, states=free.states + fast[:, :, None])
    early = measure.relaxation_time(mixture, x, lags=(0.0, 1.2), **FROM)
    assert not early.mixed
    assert "not one exponential" in early.note
    late = measure.relaxation_time(mixture, x, lags=(0.6, 1.6), **FROM)
    assert late.mixed
    assert abs(late.value - 1) < 4 * late.error
    assert abs(early.value - 1) > 4 * early.error


def test_lags_in_the_noise_are_said():
    measured = measure.relaxation_time(run(4, 400), x, lags=(5.0, 12.0), **FROM)
    assert not measured.mixed


def test_one_chain_has_times_but_no_bootstrap():
    alone = run(1, 4000)
    assert measure.integrated_autocorrelation_time(alone, x, **FROM).mixed
    relaxed = measure.relaxation_time(alone, x, lags=(0.4, 1.6), **FROM)
    assert relaxed.error == math.inf
    assert not relaxed.mixed


def test_the_window_chooses_frames_and_counts_walkers():
    whole = run(4, 100)
    whole.events["status"][0] = Status.DIVERGED
    part = window(whole, 2.0, 6.0)
    assert part.run.states.shape == (3, 21, 2)
    assert part.spacing == pytest.approx(GAP)
    assert "diverged" in part.note
    whole.events["status"][1], whole.events["step"][1] = Status.HIT, whole.steps[30]
    assert window(whole, 2.0, 6.0).moving
    assert not window(whole, 2.0, 6.2).moving
    assert "stopped" in measure.split_r_hat(whole, x, **FROM).note


def test_runs_that_cannot_serve_are_refused():
    whole = run(4, 100)
    uneven = replace(whole, times=whole.times**2)
    constant = frames(np.ones((3, 50, 1)))
    for bad, what, first in [
        (whole, "nothing", 0.0),
        (whole, x, 19.5),
        (whole, x, math.nan),
        (uneven, x, 0.0),
        (constant, x, 0.0),
        (whole, lambda states: np.full(len(states), np.nan), 0.0),
    ]:
        for estimate in TIMES:
            with pytest.raises(UsageError):
                estimate(bad, what, first_time=first)
    for lags in ((0.2, 0.4), (math.nan, 1.0), (math.inf, math.inf), (2.0, 1.0)):
        with pytest.raises(UsageError, match="4 are needed"):
            measure.relaxation_time(whole, x, lags=lags, **FROM)


@pytest.mark.parametrize(("lags", "expected"), [((0.1, 0.55), [1, 2, 3, 4, 5]), ((0.3, 0.6), [3, 4, 5, 6])])
def test_lags_of_a_window_are_all_of_few(lags, expected):
    assert _lags_between(lags, 0.1, 40).tolist() == expected


def test_lags_of_a_long_window_are_thirty_evenly_spread():
    found = _lags_between((0.1, 40.0), 0.1, 1000)
    assert (len(found), found[0], found[-1]) == (30, 1, 400)
    assert np.ptp(np.diff(found)) <= 1
    with pytest.raises(UsageError, match="recorded lags lie between"):
        _lags_between((0.1, 0.25), 0.1, 1000)


def test_intervals_of_a_correlation_time_and_a_size_are_those_of_positive_numbers():
    for estimate in (measure.integrated_autocorrelation_time, measure.effective_sample_size):
        found = estimate(run(4, 500), x, **FROM)
        low, high = measure.confidence_interval(found)
        assert low > 0
        assert low * high == pytest.approx(found.value**2)
