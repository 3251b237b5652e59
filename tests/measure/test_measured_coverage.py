"""The 95 % interval of every estimator covers the true value in 95 % of runs of known laws."""

import math
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.coverage import CASES, HIGH, LOW, TABLE, coverage
from benchmarks.known_processes import FROM, inside, x
from langevin import measure
from langevin.types import Share, Status

#: With 300 runs a true coverage of 95 % gives 92 to 98 % within 2.4 standard errors.
RUNS = 300


@pytest.mark.statistical
@pytest.mark.parametrize("name", CASES)
def test_intervals_cover_as_often_as_they_say(name):
    found = coverage(name, RUNS)
    assert LOW <= found.share <= HIGH
    assert found.alarms <= 0.05


def test_every_estimator_has_a_row_of_the_table():
    rows = [line.split("|")[1].strip() for line in TABLE.read_text().splitlines()[4:]]
    assert rows == list(CASES)
    no_estimators = {
        "KramersMoyal",
        "Phase",
        "phases",
        "arrival_frames",
        "confidence_interval",
        "critical_value",
        "log_of",
        "seed_of",
    }
    of_other_names = {
        "displacement_exponents": "local_exponent",
        "found_and_kept": "found",
        "wilson_interval": "capture_probabilities",
    }
    per_walker = {"mean_squared_displacement"}
    for name in set(measure.__all__) - no_estimators - per_walker:
        assert any(case.startswith(of_other_names.get(name, name)) for case in CASES), name


def forgetful_mean(run):
    """Every frame counts as an independent value: the correlation in time is neglected."""
    values = run.states[:, :, 0]
    return replace(measure.time_mean(run, x, 0.0), error=values.std() / math.sqrt(values.size))


def forgetful_occupation(run):
    honest = measure.occupation(run, inside, **FROM)
    members = inside(run.states.reshape(-1, 1))
    return replace(honest, error=members.std() / math.sqrt(members.size))


def short_sum(run):
    """The correlations summed up to the lag 2 only."""
    honest = measure.integrated_autocorrelation_time(run, x, **FROM)
    values = run.states[:, :, 0]
    lagged = [(values[:, : 400 - lag] * values[:, lag:]).mean() / values.var() for lag in (1, 2)]
    return replace(honest, value=0.2 * (0.5 + sum(lagged)))


def one_lag_only(run):
    """Diffusion at the lag itself, not extrapolated to lag 0."""
    honest = CASES["kramers_moyal_coefficients, diffusion"].estimate(run)
    start, end = run.states[:, :-2, 0], run.states[:, 1:-1, 0]
    here = (start >= 0.5) & (start < 1.0)
    return replace(honest, value=((end - start)[here] ** 2).mean() / 0.4)


def ignoring_cut_stays(run):
    """Mean of the complete stays only: long stays are more often cut off by the end of the record."""
    within = inside(run.states.reshape(-1, 1)).reshape(20, 400)[:, :60]
    lengths = []
    for row in within.astype(int):
        jumps = np.diff(row)
        starts, ends = np.flatnonzero(jumps == 1), np.flatnonzero(jumps == -1)
        lengths += [0.2 * (ends[ends > start][0] - start) for start in starts if (ends > start).any()]
    honest = measure.residence_time(run, inside, first_time=0.0, last_time=0.2 * 59)
    return replace(honest, value=float(np.mean(lengths)))


def short_blocks(run):
    squares = run.states[:, :, :1] ** 2
    return measure.bootstrap_blocks(squares, lambda means: np.sqrt(means[:, 0]), "root mean square", 4)


def arrived_only(estimate):
    """Only the walkers that arrived, as if there were no others."""
    return lambda run: estimate(run, where=run.events["status"] == Status.HIT)


def bold_share(run):
    honest = measure.capture_probabilities(run)["target 1"]
    bold = 2.25 * honest.law.trials  # as if there were this number of walkers
    return replace(honest, law=Share(honest.value * bold, bold))


BROKEN = {
    "time_mean": forgetful_mean,
    "occupation": forgetful_occupation,
    "integrated_autocorrelation_time": short_sum,
    "kramers_moyal_coefficients, diffusion": one_lag_only,
    "residence_time": ignoring_cut_stays,
    "bootstrap_blocks": short_blocks,
    "capture_probabilities": bold_share,
    "waiting_variance, half censored": arrived_only(measure.waiting_variance),
    "waiting_quantile, watched for different times": arrived_only(
        lambda run, where: measure.waiting_quantile(run, 0.5, where)
    ),
    "waiting_distribution, watched for different times": arrived_only(
        lambda run, where: measure.waiting_distribution(run, [1.0, 2.0], where)[0]
    ),
}


@pytest.mark.statistical
@pytest.mark.parametrize("name", BROKEN)
def test_a_wrong_treatment_is_caught(name):
    found = coverage(name, RUNS // 2, BROKEN[name])
    assert not LOW <= found.share <= HIGH
