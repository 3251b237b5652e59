"""Exponents of the displacement: Brownian 1, ballistic 2, before and after arrival."""

import math
from dataclasses import replace

import numpy as np
import pytest

from langevin.errors import UsageError
from langevin.measure import (
    arrival_frames,
    confidence_interval,
    displacement_exponents,
    local_exponent,
    mean_squared_displacement,
)
from langevin.measure.exponent import _slopes
from langevin.types import Status
from tests.synthetic import ballistic, brownian, record

AFTER, BEFORE = "after arrival", "before arrival"


def two_phases(chains=60, seed=0, irregular=False):
    """Flight at constant velocity until the loss reaches 0.1, each chain at its own time, then diffusion."""
    generator = np.random.default_rng(seed)
    steps = np.arange(0, 1001, 5)
    if irregular:
        steps = np.unique(np.concatenate([np.round(np.geomspace(1, 1000, 100)).astype(int), steps[::2]]))
    fine = np.arange(1001)
    arrival = generator.integers(250, 400, chains)
    velocity = generator.standard_normal((chains, 1, 3))
    flight = velocity * np.minimum(fine, arrival[:, None])[:, :, None] / 100
    kicks = 0.1 * generator.standard_normal((chains, 1001, 3))
    kicks[fine <= arrival[:, None]] = 0
    states = (flight + np.cumsum(kicks, axis=1))[:, steps]
    loss = np.clip(1 - fine / arrival[:, None], 0, None)[:, steps]
    return replace(
        record(
            states,
            steps * 1e-3,
            observables={"train_loss": loss, "train_accuracy": (loss <= 0.05).astype(float)},
            meta={"arrival": None, "arrival_loss": 0.0},
        ),
        steps=steps,
    )


@pytest.mark.statistical
def test_brownian_motion_has_exponent_one():
    """Coverage of the 95 % interval over 200 seeded runs of 40 walkers: 190 expected, sd 3.1, 4 sd allowed.

    The bootstrap over 40 walkers is a little narrow, by about one standard deviation here.
    """
    covered = curved = 0
    for seed in range(200):
        measured = local_exponent(brownian(40, 31, seed=seed), window=AFTER)
        curved += not measured.mixed
        low, high = confidence_interval(measured)
        covered += low < 1 < high
    assert abs(covered - 190) < 4 * math.sqrt(200 * 0.95 * 0.05)
    assert curved <= 4  # three errors: 0.5 expected


@pytest.mark.statistical
def test_subdiffusion_is_told_from_diffusion():
    """Control: displacements of exponent 0.9 (time t^0.9) must give 0.9 and not 1."""
    run = brownian(2000, times=np.linspace(0, 1, 101) ** 0.9)
    times = np.linspace(0, 1, 101)
    measured = local_exponent(replace(run, times=times, steps=np.arange(101)), window=AFTER)
    assert abs(measured.value - 0.9) < 4 * measured.error
    assert abs(measured.value - 1.0) > 4 * measured.error


def test_ballistic_motion_has_exponent_two_to_round_off():
    measured = local_exponent(ballistic(), window=AFTER)
    assert measured.value == pytest.approx(2, abs=1e-12)
    assert measured.mixed


@pytest.mark.statistical
@pytest.mark.parametrize("irregular", [False, True])
def test_both_phases_of_one_run(irregular):
    found = displacement_exponents(two_phases(irregular=irregular))
    assert list(found) == [BEFORE, AFTER]
    before, after = found.values()
    # the arrival frame lies up to one gap (2 % of the flight) late, and a parabola is interpolated linearly
    assert before.value == pytest.approx(2, abs=0.02)
    assert abs(after.value - 1) < 4 * after.error
    assert after.error < 0.1
    assert before.mixed
    assert after.mixed
    assert "left out" in after.note


def test_mistaking_the_arrival_is_caught():
    """Control: with times from the start of the run, the same motion is not a power law of exponent 1."""
    run = two_phases()
    wrong = local_exponent(replace(run, meta={"arrival": "start"}), window=AFTER)
    assert abs(wrong.value - 1) > 4 * wrong.error or not wrong.mixed


@pytest.mark.statistical
def test_saturation_is_said_and_not_averaged_away():
    """An Ornstein-Uhlenbeck process, stiff enough to saturate within the window."""
    generator = np.random.default_rng(2)
    states = np.zeros((400, 201, 1))
    for frame in range(200):
        states[:, frame + 1] = 0.9 * states[:, frame] + 0.1 * generator.standard_normal((400, 1))
    run = record(states, np.linspace(0, 20, 201))
    measured = local_exponent(run, window=AFTER)
    assert not measured.mixed
    assert "not one power law" in measured.note
    short = local_exponent(brownian(400, 201), window=AFTER, lags=(0.005, 0.05))
    assert short.mixed


def test_lags_choose_the_window():
    measured = local_exponent(brownian(), window=AFTER, lags=(0.05, 0.5))
    assert "lags 0.05 to 0.5" in measured.estimator
    with pytest.raises(UsageError, match="4 are needed"):
        local_exponent(brownian(), window=AFTER, lags=(0.05, 0.06))


def test_same_seed_same_error_and_frame_thinning_is_stable():
    run = brownian(50, 2001)
    first = local_exponent(run, window=AFTER)
    assert first == local_exponent(run, window=AFTER)
    assert first.error != local_exponent(run, window=AFTER, seed=1).error


def test_arrival_by_loss_by_accuracy_and_at_the_start():
    run = two_phases(5)
    loss = run.observables["train_loss"]
    expected = [int(np.flatnonzero(row <= 0)[0]) for row in loss]
    assert arrival_frames(run).tolist() == expected
    by_accuracy = arrival_frames(replace(run, meta={"arrival": "train accuracy 1"}))
    assert (by_accuracy <= expected).all()
    assert arrival_frames(replace(run, meta={"arrival": "start"})).tolist() == [0] * 5
    assert arrival_frames(replace(run, meta={"arrival_loss": -1.0})).tolist() == [-1] * 5


def test_runs_that_do_not_define_arrival_are_refused():
    for run in (
        record(np.zeros((2, 3, 1)), [0, 1, 2.0], meta={"arrival": None}),
        brownian(meta={"arrival_loss": 1}),
    ):
        with pytest.raises(UsageError, match=r"arrival"):
            displacement_exponents(run)


def test_a_stretch_that_is_not_there_is_reported_not_guessed():
    never = displacement_exponents(replace(two_phases(5), meta={"arrival_loss": -1.0}))
    assert never[BEFORE].n == 5
    assert (never[AFTER].n, never[AFTER].mixed) == (0, False)
    assert "no chain arrives" in never[AFTER].note
    start = displacement_exponents(brownian(5))
    assert "starts on the zero-loss set" in start[BEFORE].note
    frozen = displacement_exponents(record(np.zeros((3, 9, 2)), np.arange(9.0)))
    assert "zero" in frozen[AFTER].note


def test_one_chain_has_a_value_but_no_error():
    measured = local_exponent(brownian(1), window=AFTER)
    assert measured.error == math.inf
    assert not measured.mixed


def test_stopped_and_diverged_walkers_do_not_flatten_the_curve():
    run = brownian(200, 101)
    status, step = run.events["status"].copy(), run.events["step"].copy()
    status[:20], step[:20] = Status.HIT, run.steps[50]
    states = run.states.copy()
    states[:20, 51:] = states[:20, 50:51]
    status[20:30] = Status.DIVERGED
    states[20:30, 60:] = np.nan
    spoilt = replace(run, states=states, events={**run.events, "status": status, "step": step})
    lags, squared = mean_squared_displacement(spoilt)
    assert np.isnan(squared[:20, 50:]).all()
    assert np.isfinite(squared[:20, :50]).all()
    assert np.isnan(squared[20:30]).all()
    assert len(lags) == 100
    measured = local_exponent(spoilt, window=AFTER)
    assert measured.n == 170
    assert abs(measured.value - 1) < 4 * measured.error


@pytest.mark.statistical
def test_mean_squared_displacement_is_two_d_theta_t():
    """Within 4 standard errors at each of ten lags."""
    run = brownian(1000, 11, dim=3, theta=0.5, seed=8)
    lags, squared = mean_squared_displacement(run)
    error = squared.std(axis=0) / math.sqrt(1000)
    assert (np.abs(squared.mean(axis=0) - 2 * 3 * 0.5 * lags) < 4 * error).all()
    assert (np.abs(squared.mean(axis=0) - 3 * 0.5 * lags) > 4 * error).all()


def test_displacement_from_an_origin_of_each_chain():
    run = ballistic(3, 11)
    lags, squared = mean_squared_displacement(run, [0, 4, -1])
    speed = (run.states[:, -1] ** 2).sum(axis=-1)
    np.testing.assert_allclose(squared[0], speed[0] * lags**2, rtol=1e-12)
    np.testing.assert_allclose(squared[1, :6], speed[1] * lags[:6] ** 2, rtol=1e-12)
    assert np.isnan(squared[1, 6:]).all()
    assert np.isnan(squared[2]).all()
    for origin in (11, -2, 10):
        with pytest.raises(UsageError):
            mean_squared_displacement(run, origin)


@pytest.mark.parametrize("origin", [-2, 11])
def test_an_origin_outside_the_record_is_refused(origin):
    with pytest.raises(UsageError, match="outside the record: frames go from 0 to 10"):
        mean_squared_displacement(brownian(4, 11), origin)


def test_a_half_without_two_lags_takes_the_nearest():
    """Lags are 0, 1, 2 and 10: the upper half has only 10, and the slope from 2 to 10."""
    whole, lower, upper = _slopes(np.array([0.0, 1.0, 2.0, 10.0])) @ np.array([5.0, 6.0, 7.0, 31.0])
    assert (lower, upper) == pytest.approx((1.0, 3.0))
    assert whole == pytest.approx(np.polyfit([0, 1, 2, 10], [5, 6, 7, 31], 1)[0])
