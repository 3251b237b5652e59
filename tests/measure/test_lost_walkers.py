"""If too many walkers were lost, no measure of the others is mixed, and its note gives the reason."""

import numpy as np
import pytest

from langevin import measure
from langevin.measure.networks.grokking import generalisation_times, mean_time, median_time
from langevin.measure.walkers import MOST_LOST, lost, too_many_lost
from langevin.types import Status
from tests.synthetic import arrivals, brownian, record

WALKERS = 2000


def with_lost(run, count, status=Status.DIVERGED):
    """The run with the last `count` walkers lost at the steps 70, 71 ..."""
    run.events["status"][-count:] = status
    run.events["step"][-count:] = 70 + np.arange(count)
    return run


def noise(lost_ones, status=Status.DIVERGED):
    """Independent normal values, for which every estimator of a stationary run is mixed."""
    states = np.random.default_rng(2).standard_normal((WALKERS, 40, 2))
    return with_lost(record(states, np.arange(40) * 0.1), lost_ones, status)


def waits(lost_ones, status=Status.DIVERGED):
    times = np.random.default_rng(3).exponential(1.0, WALKERS)
    return with_lost(arrivals(times, target=np.zeros(WALKERS, int)), lost_ones, status)


def first(states):
    return states[:, 0]


def right(states):
    return states[:, 0] > 0


WINDOW = {"first_time": 0.0}
STATIONARY = {
    "ensemble_mean": lambda run: measure.ensemble_mean(run, first),
    "time_mean": lambda run: measure.time_mean(run, first, 0.0),
    "occupation": lambda run: measure.occupation(run, right, **WINDOW),
    "mean_displacement": measure.mean_displacement,
    "drift_velocity": measure.drift_velocity,
    "late_diffusion": measure.late_diffusion,
    "integrated_autocorrelation_time": lambda run: measure.integrated_autocorrelation_time(run, first, **WINDOW),
    "effective_sample_size": lambda run: measure.effective_sample_size(run, first, **WINDOW),
    "split_r_hat": lambda run: measure.split_r_hat(run, first, **WINDOW),
    "stationary_density": lambda run: measure.stationary_density(run, first, [-1, 1], **WINDOW)[0],
    "area_rate": lambda run: measure.area_rate(run, first, lambda states: states[:, 1], **WINDOW),
    "mean_path_length": lambda run: measure.mean_path_length(run, **WINDOW)[0],
    "kramers_moyal": lambda run: measure.kramers_moyal_coefficients(
        run, lambda states: 1e-3 * states[:, 0], [-1, 1], lag=0.1, **WINDOW
    ).drift[0],
    "found": lambda run: measure.found_and_kept(run, right, after=1.0, **WINDOW)[0],
}  # fmt: skip
WAITS = {
    "mean_first_passage_time": measure.mean_first_passage_time,
    "arrival_rate": measure.arrival_rate,
    "coefficient_of_variation": measure.coefficient_of_variation,
    "exponential_score": measure.exponential_score,
    "waiting_variance": measure.waiting_variance,
    "waiting_quantile": lambda run: measure.waiting_quantile(run, 0.5),
    "waiting_distribution": lambda run: measure.waiting_distribution(run, [0.0, 1.0])[0],
    "capture_probabilities": lambda run: measure.capture_probabilities(run)["target 0"],
}
CASES = [(name, noise, estimate) for name, estimate in STATIONARY.items()] + [
    (name, waits, estimate) for name, estimate in WAITS.items()
]


@pytest.mark.parametrize("status", [Status.DIVERGED, Status.PROJECTION_FAILED])
@pytest.mark.parametrize(("name", "make", "estimate"), CASES)
def test_no_measure_of_the_survivors_is_mixed(name, make, estimate, status):
    few, many = int(MOST_LOST * WALKERS), int(MOST_LOST * WALKERS) + 1
    sound, spoilt = estimate(make(few, status)), estimate(make(many, status))
    if name != "kramers_moyal":  # the lag is too long for jumps, with any walkers
        assert sound.mixed, sound.note
    assert not spoilt.mixed
    assert "lost" in spoilt.note


def test_the_exponent_of_survivors_is_not_mixed():
    assert measure.local_exponent(brownian(), window="after arrival").mixed
    found = measure.local_exponent(with_lost(brownian(), 5), window="after arrival")
    assert not found.mixed
    assert "no fair sample" in found.note


def test_networks_that_diverged_spoil_the_mean_over_the_others():
    accuracy = np.zeros((8, 5))
    accuracy[:, 3:] = 1.0
    run = record(np.zeros((8, 5, 1)), np.arange(5.0), observables={"test_accuracy": accuracy})
    assert mean_time(generalisation_times(run)).mixed
    found = generalisation_times(with_lost(run, 1))
    assert not mean_time(found).mixed
    assert not median_time(found).mixed


def test_the_first_step_is_named_and_ensembles_are_counted_apart():
    run = noise(3)
    assert lost(run) == "3 of 2000 walkers were lost, the first at step 70"
    assert too_many_lost(run)
    assert not too_many_lost(noise(2))
    assert lost(brownian(chains=5)) == ""
    run = noise(2)
    run.events["samples"] = np.repeat([0, 1], WALKERS // 2)
    assert too_many_lost(run)


def test_a_share_that_is_tolerated_leaves_the_variance_of_a_gaussian():
    """The farthest 0.1 % of a Gaussian have 1.3 % of its variance, below the error of 4000 walkers, 2.2 %."""
    values = np.sort(np.random.default_rng(4).standard_normal(10**6) ** 2)
    kept = values[: int((1 - MOST_LOST) * len(values))].mean()
    assert 0.01 < 1 - kept < 0.022
    assert 1 - values[: int(0.99 * len(values))].mean() > 3 * 0.022  # with 1 % it would be excluded
