"""The smallest difference that a run can exclude with a power of 80 %, given with every verdict."""

import json
import math

import numpy as np
import pytest

from langevin.comparison import compare, compare_all, comparison_record
from langevin.comparison.verdict import SHARP, detected
from langevin.measure import ensemble_mean
from langevin.store import load_theory, save
from langevin.types import Curve, Measurement, Prediction
from tests.synthetic import record

REPEATS = 4000


def excluded(n, level, shift):
    """Fraction of samples of n normal numbers whose mean, off by `shift` standard errors, is excluded."""
    values = np.random.default_rng(7).standard_normal((REPEATS, n))
    means, errors = values.mean(axis=1) + shift / math.sqrt(n), values.std(axis=1, ddof=1) / math.sqrt(n)
    found = [
        compare(Measurement(m, e, n, "mean"), Prediction(0.0), level=level) for m, e in zip(means, errors)
    ]
    return sum(row.verdict == "excluded" for row in found) / REPEATS


@pytest.mark.statistical
@pytest.mark.parametrize(("n", "level"), [(3, 0.05), (8, 0.01), (400, 0.05)])
def test_a_detectable_difference_is_excluded_in_80_percent_of_all_runs(n, level):
    """Within 4 standard errors of a share of 0.8 in 4000 samples; half of the difference is excluded less often."""
    slack = 4 * math.sqrt(0.8 * 0.2 / REPEATS)
    assert abs(excluded(n, level, detected(level, n)) - 0.8) < slack
    assert excluded(n, level, 0.5 * detected(level, n)) < 0.8 - slack


def test_agreement_that_could_not_have_seen_10_percent_is_inconclusive():
    """400 exponential times have an error of 5 %, so they can exclude 14 %; 1000 times can exclude 8.9 %."""
    for n, verdict in ((400, "inconclusive"), (1000, "agrees")):
        found = compare(Measurement(1.0, n**-0.5, n, "mean"), Prediction(1.0), logarithmic=True)
        assert found.verdict == verdict
        assert found.detectable == pytest.approx(2.8016 / math.sqrt(n), rel=1e-2)
        assert (found.detectable <= SHARP) == (verdict == "agrees")


def test_it_is_relative_to_the_yardstick_and_counts_the_family():
    measured = Measurement(1.0, 0.01, 400, "mean")
    alone = compare(measured, Prediction(1.0)).detectable
    assert compare(measured, Prediction(1.0), yardstick=0.5).detectable == pytest.approx(2 * alone)
    law = Curve("law", lambda point: Prediction(1.0), "everywhere", "none")
    family = compare_all([0.0, 1.0, 2.0], [measured] * 3, [law])
    assert family[0].detectable == pytest.approx(detected(0.05 / 3, 400) * 0.01)
    assert family[0].detectable > alone


def test_what_was_not_tested_has_none():
    for measured, law in (
        (Measurement(1.0, 0.1, 9, "mean", False), Prediction(1.0)),
        (Measurement(1.0, 0.1, 9, "mean"), Prediction(1.0, in_range=False)),
    ):
        found = compare(measured, law)
        assert found.detectable == math.inf
        assert comparison_record(found)["detectable"] is None
    assert compare(Measurement(1.0, 0.1, 1, "mean"), Prediction(1.0)).detectable == math.inf


def test_json_and_file_hold_it_with_the_law_of_the_number(tmp_path):
    from langevin.measure import mean_first_passage_time
    from tests.synthetic import arrivals

    run = arrivals([1.0, 2.0, 6.0, 0.5])
    rows = [compare(mean_first_passage_time(run), Prediction(2.0), logarithmic=True)]
    save(tmp_path / "run.h5", run, theory=rows)
    assert load_theory(tmp_path / "run.h5") == rows
    assert json.loads(json.dumps(comparison_record(rows[0])))["detectable"] == pytest.approx(
        detected(0.05, 10**9) / 2
    )


def test_lost_walkers_leave_no_verdict():
    run = record(np.random.default_rng(1).standard_normal((100, 2, 1)), [0.0, 1.0])
    run.events["status"][:3] = 3
    found = compare(ensemble_mean(run, lambda states: states[:, 0]), Prediction(9.0))
    assert found.verdict == "not mixed"
