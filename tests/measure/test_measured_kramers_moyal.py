"""Drift and diffusion of an Ornstein-Uhlenbeck process, bin by bin."""

import math

import numpy as np
import pytest

from benchmarks.coverage import drift_law
from benchmarks.known_processes import FROM, GAP, rotating, x
from langevin import measure
from langevin.errors import UsageError
from langevin.types import Status

EDGES = np.linspace(-2, 2, 9)


def dense(walkers=200, draws=400):
    return rotating(np.random.default_rng(0), walkers, draws, gap=0.02)


@pytest.mark.statistical
def test_drift_and_diffusion_bin_by_bin():
    """Chi-square of 8 bins within 4 standard deviations of 8; no drift and half the diffusion are excluded."""
    found = measure.kramers_moyal_coefficients(dense(), x, EDGES, lag=0.02, **FROM)
    scores = [(a.value + place) / a.error for a, place in zip(found.drift, found.position)]
    spread = [(d.value - 1) / d.error for d in found.diffusion]
    for each in (scores, spread):
        assert abs(np.square(each).sum() - 8) < 4 * math.sqrt(16)
    assert np.square([a.value / a.error for a in found.drift]).sum() > 100
    assert np.square([(d.value - 0.5) / d.error for d in found.diffusion]).sum() > 100
    assert all(each.mixed for each in (*found.drift, *found.diffusion))
    assert (np.diff(found.position) > 0).all()


@pytest.mark.statistical
def test_one_lag_without_extrapolation_is_caught():
    """Control: at the lag 0.2 alone the drift is 9 % too small; the error of the extrapolation is 1 %."""
    run = rotating(np.random.default_rng(0), 400, 1000)
    found = measure.kramers_moyal_coefficients(run, x, [0.5, 1.5], lag=GAP, **FROM)
    measured, place = found.drift[0], found.position[0]
    start, step = run.states[:, :-2, 0], np.diff(run.states[:, :-1, 0], axis=1)
    naive = step[(start >= 0.5) & (start < 1.5)].mean() / GAP
    assert abs(measured.value - drift_law(place)) < 4 * measured.error
    assert abs(naive + place) > 4 * measured.error
    assert abs(naive + place) > 2 * abs(measured.value + place)


def test_a_lag_that_is_too_long_is_said():
    run = rotating(np.random.default_rng(0), 400, 1000)
    found = measure.kramers_moyal_coefficients(run, x, [0.5, 1.5], lag=5 * GAP, **FROM)
    assert not found.diffusion[0].mixed
    assert "lag is too long" in found.diffusion[0].note


@pytest.mark.parametrize(("draws", "enough"), [(12, True), (11, False)])
def test_a_hundred_steps_from_a_bin_are_enough(draws, enough):
    """Ten walkers, each with a step from every frame that is followed by two more."""
    found = measure.kramers_moyal_coefficients(dense(10, draws), x, [-9, 9], lag=0.02, first_time=0.0)
    assert found.drift[0].n == 10
    assert ("are needed" not in found.drift[0].note) == enough


@pytest.mark.parametrize("unit", [1e-3, 1e3])
def test_whether_a_lag_is_too_long_has_no_unit(unit):
    def notes(scale):
        run = rotating(np.random.default_rng(0), 100, 400)
        return [
            measure.kramers_moyal_coefficients(
                run, lambda states: scale * states[:, 0], [0.5 * scale, 1.5 * scale], lag=lag * GAP, **FROM
            ).diffusion[0].mixed
            for lag in (1, 5)
        ]  # fmt: skip

    assert notes(unit) == notes(1.0) == [True, False]


def test_empty_and_rare_bins_and_single_walkers():
    found = measure.kramers_moyal_coefficients(dense(20, 100), x, [-9, -8, 0, 3.0, 9], lag=0.02, **FROM)
    assert [a.mixed for a in found.drift] == [False, True, True, False]
    assert found.drift[0].error == math.inf
    assert "too few walkers" in found.drift[0].note
    alone = measure.kramers_moyal_coefficients(dense(1, 1000), x, [-1, 1], lag=0.02, **FROM)
    assert alone.drift[0].error == math.inf


def test_an_interval_of_a_diffusion_is_that_of_a_positive_number():
    found = measure.kramers_moyal_coefficients(dense(4, 60), x, [-9, 9], lag=0.02, **FROM)
    low, high = measure.confidence_interval(found.diffusion[0])
    assert low > 0
    assert low * high == pytest.approx(found.diffusion[0].value ** 2)
    least, most = measure.confidence_interval(found.drift[0])
    assert least + most == pytest.approx(2 * found.drift[0].value)


def test_misuse_is_refused():
    run = dense(5, 50)
    for lag in (0.0, 0.03, -0.02, math.nan, math.inf, 0.5):
        with pytest.raises(UsageError, match="lag"):
            measure.kramers_moyal_coefficients(run, x, EDGES, lag=lag, **FROM)
    for edges in ([0], [1, 0], [0, math.nan], [[0, 1]]):
        with pytest.raises(UsageError, match="edges"):
            measure.kramers_moyal_coefficients(run, x, edges, lag=0.02, **FROM)
    run.events["status"][0], run.events["step"][0] = Status.HIT, 1
    found = measure.kramers_moyal_coefficients(run, x, [-1, 1], lag=0.02, **FROM)
    assert not found.drift[0].mixed
