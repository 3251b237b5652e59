"""Comparisons of several runs as one family: false alarms, and verdicts that a smaller level removes."""

import numpy as np
import pytest

from langevin.comparison import compare_all
from langevin.comparison.verdict import as_one_family
from langevin.types import Curve, Measurement, Prediction


def curve(value, in_range=True):
    return Curve("theory", lambda point: Prediction(value, 0.0, in_range), "everywhere", "none")


def run(values, errors, theory=1.0, n=1000):
    measured = [Measurement(value, error, n, "mean") for value, error in zip(values, errors)]
    return compare_all(range(len(measured)), measured, [curve(theory)])


def false_alarms(judge, seeds=400, runs=20):
    """Fraction of sweeps of true theories in which a theory is excluded."""
    found = 0
    for seed in range(seeds):
        values = 1.0 + 0.02 * np.random.default_rng(seed).standard_normal(runs)
        families = judge([run([value], [0.02]) for value in values])
        found += any(row.verdict == "excluded" for rows in families for row in rows)
    return found / seeds


def test_a_sweep_of_true_theories_is_charged_in_a_twentieth_of_all():
    """400 sweeps of 20 runs: 5 % +- 1.1 %. Control: without the family it would be 1 - .95^20 = 64 %."""
    assert false_alarms(as_one_family) < 0.05 + 4 * 0.011
    assert false_alarms(list) > 0.5


def test_a_false_theory_is_still_excluded_and_a_sharp_one_agrees():
    wrong, right = run([1.2], [0.02]), run([1.001], [0.005])
    (excluded,), (agrees,) = as_one_family([wrong, right])
    assert (excluded.verdict, agrees.verdict) == ("excluded", "agrees")
    assert agrees.detectable > right[0].detectable


@pytest.mark.parametrize(("value", "error"), [(1.05, 0.02), (1.0, 0.033)])
def test_what_holds_only_alone_is_inconclusive_among_many(value, error):
    alone = run([value], [error])
    many = as_one_family([alone] * 50)
    assert alone[0].verdict in {"excluded", "agrees"}
    assert many[0][0].verdict == "inconclusive"


def test_one_run_alone_and_what_is_not_tested_stay_as_they_were():
    rows = run([1.0, 1.1], [0.01, 0.02])
    assert as_one_family([rows]) == [rows]
    outside = compare_all([0.0], [Measurement(1.0, 0.1, 5, "mean")], [curve(1.0, in_range=False)])
    lost = compare_all([0.0], [Measurement(1.0, 0.1, 5, "mean", mixed=False)], [curve(1.0)])
    assert as_one_family([outside, lost, rows, rows])[:2] == [outside, lost]
