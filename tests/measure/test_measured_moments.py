"""Means over walkers and over time, and drift."""

import math
from dataclasses import replace

import numpy as np
import pytest

from langevin.errors import UsageError
from langevin.measure import drift_velocity, ensemble_mean, mean_displacement, time_mean
from langevin.measure.moments import correlation_time
from langevin.types import Status
from tests.synthetic import brownian, record


def correlated(chains, frames, memory, seed=0, spread=0.0):
    """A stationary Gaussian AR(1) of variance 1, plus a shift that each chain keeps."""
    generator = np.random.default_rng(seed)
    noise = generator.standard_normal((frames, chains))
    values = np.empty((frames, chains))
    values[0] = noise[0]
    for frame in range(1, frames):
        values[frame] = memory * values[frame - 1] + math.sqrt(1 - memory**2) * noise[frame]
    values += spread * generator.standard_normal(chains)
    return record(values.T[:, :, None].copy(), np.arange(frames, dtype=float))


def first(states):
    return states[:, 0]


@pytest.mark.statistical
@pytest.mark.parametrize("memory", [0.0, 0.5, 0.9])
def test_correlation_time_of_an_autoregression(memory):
    """Exact: 1/2 + memory / (1 - memory); the estimate from 2e5 frames has an error of a few per cent."""
    values = correlated(4, 50_000, memory).states[:, :, 0]
    exact = 0.5 + memory / (1 - memory)
    assert correlation_time(values) == pytest.approx(exact, rel=0.06)


@pytest.mark.statistical
def test_time_mean_covers_zero_as_often_as_it_says():
    """z-scores over 200 runs have mean square 1 within 4 standard errors, sqrt(2/200) each."""
    scores, naive, alarms = [], [], 0
    for seed in range(200):
        run = correlated(4, 1000, 0.8, seed)
        measured = time_mean(run, first, burn_in=0)
        alarms += not measured.mixed
        scores.append(measured.value / measured.error)
        naive.append(measured.value / (run.states.std() / math.sqrt(run.states.size)))
    assert abs(np.mean(np.square(scores)) - 1) < 4 * math.sqrt(2 / 200)
    assert alarms <= 5  # of 200; one in a hundred is expected
    # control: the square of an error that neglects the correlation is nine times too small
    assert np.mean(np.square(naive)) > 5


def test_chains_stuck_in_different_places_are_not_mixed():
    measured = time_mean(correlated(8, 500, 0.5, spread=10.0), first, burn_in=0)
    assert not measured.mixed
    assert "effective" in measured.note
    assert measured.error > 1


def test_time_mean_of_an_observable_after_the_burn_in():
    run = correlated(4, 400, 0.0)
    values = run.states[:, :, 0]
    run = replace(run, observables={"loss": values})
    measured = time_mean(run, "loss", burn_in=100.0)
    assert measured.value == pytest.approx(values[:, 100:].mean(), rel=1e-12)
    assert measured.value == time_mean(run, first, burn_in=100.0).value
    assert measured.n <= 1200


def test_time_mean_refuses_what_it_cannot_average():
    run = correlated(3, 10, 0.0)
    for bad, what, burn_in in [
        (run, "nothing", 0),
        (run, first, 9.0),
        (run, lambda x: np.full(len(x), np.nan), 0),
        (run, lambda x: x, 0),
    ]:
        with pytest.raises(UsageError):
            time_mean(bad, what, burn_in)


def test_a_constant_has_no_error():
    assert time_mean(record(np.ones((3, 50, 1)), np.arange(50.0)), first, burn_in=0).error == 0


@pytest.mark.statistical
def test_ensemble_mean_of_a_known_moment():
    """E |x|^2 = 2 dim theta t, within 4 standard errors; half of it is excluded."""
    measured = ensemble_mean(brownian(2000, 3, dim=2, theta=0.5), lambda x: (x**2).sum(axis=1))
    assert abs(measured.value - 2.0) < 4 * measured.error
    assert abs(measured.value - 1.0) > 4 * measured.error
    assert measured.n == 2000


def test_ensemble_mean_leaves_diverged_walkers_out():
    run = brownian(5, 3)
    run.states[0] = np.nan
    with pytest.raises(UsageError, match="not finite"):
        ensemble_mean(run, first)
    run.events["status"][0] = Status.DIVERGED
    measured = ensemble_mean(run, first)
    assert measured.n == 4
    assert "diverged" in measured.note
    for frame in (3, -4):
        with pytest.raises(UsageError):
            ensemble_mean(run, first, frame)


@pytest.mark.statistical
def test_drift_is_measured_and_its_absence_too():
    free = brownian(1000, 11)
    pushed = replace(free, states=free.states + 0.5 * free.times[None, :, None])
    for run, drift in ((free, 0.0), (pushed, 0.5)):
        velocity = drift_velocity(run, coordinate=1)
        assert abs(velocity.value - drift) < 4 * velocity.error
        half = mean_displacement(run, coordinate=1, frame=5)
        assert abs(half.value - drift / 2) < 4 * half.error
    assert abs(velocity.value) > 4 * velocity.error


def test_a_velocity_is_the_way_over_the_time():
    """Displacements of 2 and 4 in a time of 5: 3/5, with the error 1/5."""
    states = np.array([[[0.0], [2.0]], [[1.0], [5.0]]])
    velocity = drift_velocity(record(states, [2.0, 7.0]))
    assert (velocity.value, velocity.error) == pytest.approx((0.6, 0.2))


def test_drift_refuses_and_warns():
    run = brownian(4, 5)
    for arguments in ({"coordinate": 2}, {"frame": 5}):
        with pytest.raises(UsageError):
            mean_displacement(run, **arguments)
    with pytest.raises(UsageError):
        drift_velocity(run, frame=0)
    run.events["status"][0], run.events["step"][0] = Status.HIT, 1
    stopped = mean_displacement(run)
    assert not stopped.mixed
    assert "stopped" in stopped.note
    assert mean_displacement(brownian(1, 5)).error == math.inf
