"""Times of memorisation and generalisation: criteria, censoring, errors."""

import math
from dataclasses import replace

import numpy as np
import pytest

from langevin.errors import UsageError
from langevin.measure import arrival_rate, networks
from langevin.sgld import Law, Recording, train
from langevin.types import Status
from tests.measure.networks.small import network, regression
from tests.synthetic import record

TIMES = np.array([0.0, 1, 2, 4, 8, 16])


def run(*accuracies, **events):
    accuracy = np.array(accuracies, dtype=float)
    return record(
        np.zeros((len(accuracy), 6, 1)),
        TIMES,
        observables={"train_accuracy": np.ones_like(accuracy), "test_accuracy": accuracy},
        events=events,
    )


UP_AND_DOWN = [0.5, 0.96, 1, 0.9, 0.97, 1]


@pytest.mark.parametrize(
    ("level", "sustained", "time", "gap"),
    [(1, False, 2, 1), (0.95, False, 1, 1), (1, True, 16, 8), (0.95, True, 8, 4)],
)
def test_level_and_persistence_decide_the_time(level, sustained, time, gap):
    found = networks.generalisation_times(run(UP_AND_DOWN), level=level, sustained=sustained)
    assert (found.time.tolist(), found.gap.tolist()) == ([time], [gap])
    assert not found.censored.any()
    assert ("sustained" if sustained else "first") in found.note


def test_who_falls_back_at_the_end_is_censored_by_the_sustained_criterion_only():
    runs = run([0, 1, 1, 1, 1, 0.99], [0] * 6)
    first = networks.generalisation_times(runs)
    assert first.censored.tolist() == [False, True]
    assert first.time.tolist() == [1, 16]
    assert networks.generalisation_times(runs, sustained=True).censored.all()
    assert networks.memorisation_times(runs).time.tolist() == [0, 0]


def test_mean_and_its_error_with_the_gap_of_the_record():
    times = networks.generalisation_times(run([0, 0, 1, 1, 1, 1], [0, 0, 0, 1, 1, 1]))
    mean = networks.mean_time(times)
    assert mean.value == 3
    assert mean.error == pytest.approx(math.hypot(1, 1.5))  # sd sqrt(2) over sqrt(2), gaps 1 and 2
    assert mean.mixed


def test_a_censored_mean_is_a_lower_bound():
    mean = networks.mean_time(networks.generalisation_times(run([0, 1, 1, 1, 1, 1], [0] * 6)))
    assert (mean.value, mean.error, mean.mixed) == (8.5, math.inf, False)
    assert "1 of 2 chains censored" in mean.note


def test_a_median_takes_censored_chains_as_late():
    late = [[0] * 6] * 1
    five = [[0, 1, 1, 1, 1, 1], [0, 0, 1, 1, 1, 1], [0, 0, 0, 1, 1, 1], [0, 0, 0, 0, 1, 1]]
    median = networks.median_time(networks.generalisation_times(run(*five, *late)))
    assert (median.value, median.mixed, median.n) == (4, True, 5)
    # Second and fourth of five cover the median with 1 - 2 x 6/32 = 0.625, 0.887 standard deviations each way.
    assert median.error == pytest.approx(math.hypot((8 - 2) / 2 / 0.8871, 2), rel=1e-3)
    upper = networks.median_time(networks.generalisation_times(run(*five[:3], *late, *late)))
    assert (upper.value, upper.error, upper.mixed) == (4, math.inf, False)
    bound = networks.median_time(networks.generalisation_times(run(*five[:2], *late, *late, *late)))
    assert (bound.value, bound.mixed) == (16, False)
    assert "at least" in bound.note
    assert not networks.median_time(networks.generalisation_times(run(five[0]))).mixed


@pytest.mark.statistical
def test_error_of_the_median_is_the_spread_of_medians():
    """Over 4000 samples of 15 exponential times: errors, which vary, exceed the spread in the mean square by 11 %."""
    generator = np.random.default_rng(0)
    medians = []
    for _ in range(4000):
        times = generator.exponential(size=15)
        arrivals = networks.grokking.Arrivals(times, times > 3, np.zeros(15), "")
        medians.append(networks.median_time(arrivals))
    spread = np.std([median.value for median in medians])
    stated = np.sqrt(np.mean([median.error**2 for median in medians if median.mixed]))
    assert 1 < stated / spread < 1.2
    # control: the error of the mean, times 1.25 as for Gaussian times, does not describe these medians
    assert 1.2533 / 15**0.5 / spread > 1.2


def test_diverged_chains_are_left_out_and_counted():
    runs = run([0, 1, 1, 1, 1, 1], [0] * 6, status=np.array([Status.FINISHED, Status.DIVERGED]))
    times = networks.generalisation_times(runs)
    assert times.time.tolist() == [1]
    assert "1 walker diverged" in times.note
    assert not networks.mean_time(times).mixed


def test_waits_run_from_memorised_to_generalised():
    """Waits 1, 3 and, censored, at least 14; statistics of waiting times take the run as it is."""
    runs = run(
        [0, 0, 0, 1, 1, 1],
        [0, 0, 1, 1, 1, 1],
        [0] * 6,
        [1] * 6,
        status=[Status.FINISHED] * 3 + [Status.DIVERGED],
    )
    runs.observables["train_accuracy"][:, :2] = [[0, 0], [0, 1], [0, 0], [0, 0]]
    waits = networks.grokking_waits(runs)
    assert waits.events["time"][:3].tolist() == [2, 1, 14]
    assert waits.events["status"].tolist() == [Status.HIT, Status.HIT, Status.CENSORED, Status.DIVERGED]
    assert runs.events["time"].tolist() == [16] * 4  # the run itself stays as it was
    assert arrival_rate(waits).value == pytest.approx(2 / 17)  # two arrivals in the time of all three


def test_a_network_that_generalises_first_has_no_wait():
    runs = run([1] * 6)
    runs.observables["train_accuracy"][:, 0] = 0
    with pytest.raises(UsageError, match="1 network generalised before it memorised"):
        networks.grokking_waits(runs)


def test_first_times_are_the_events_of_a_training():
    labels = np.sign(regression().train.targets)
    model = network(lambda w, x: x @ w, regression().train.inputs, labels)
    model = replace(model, init=lambda key: -np.ones((4, 1)))
    trained = train(model, Law(0.1), steps=300, chains=2, recording=Recording(range(0, 301, 5)))
    times = networks.memorisation_times(trained, level=0.95)
    steps = trained.events["memorised_step_95"]
    assert (steps > 0).all()
    np.testing.assert_allclose(times.time, 0.1 * steps)


def test_what_was_not_recorded_is_refused():
    toy = record(np.zeros((1, 6, 1)), TIMES)
    for call, message in [
        (lambda: networks.generalisation_times(toy), "did not record test_accuracy"),
        (lambda: networks.accuracy_times(toy, "tset"), "no part 'tset'"),
        (lambda: networks.accuracy_times(toy, "test", level=1.1), "level is 1.1"),
    ]:
        with pytest.raises(UsageError, match=message):
            call()
