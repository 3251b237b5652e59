"""The planned number of walkers excludes the false theory with the stated power."""

import json
import math

import numpy as np
import pytest
from click.testing import CliRunner

from langevin.cli import main
from langevin.cli.plan import plan
from langevin.comparison import compare_all
from langevin.comparison.plan import walkers_needed
from langevin.errors import UsageError
from langevin.types import Curve, Measurement, Prediction

TRUE, FALSE, SPREAD = 1.0, 1.1, 2.0


def curves(remainder=0.0):
    return [
        Curve("true", lambda x: Prediction(TRUE, remainder), "", ""),
        Curve("false", lambda x: Prediction(FALSE, remainder), "", ""),
    ]


def measured(n, value=TRUE):
    return Measurement(value, SPREAD / math.sqrt(n), n, "mean")


def test_the_plan_has_the_power_it_promises():
    """2000 experiments of the planned size: 90 % exclude the false theory, within four binomial errors."""
    (need,) = walkers_needed(compare_all([0.0], [measured(100)], curves()))
    assert {need.first, need.second} == {"true", "false"}
    assert need.gap == pytest.approx(0.1)
    rng, n, trials = np.random.default_rng(2), int(need.walkers), 2000
    values = TRUE + SPREAD / math.sqrt(n) * rng.standard_normal(trials)
    excluded = sum(
        row.theory == "false" and row.verdict == "excluded"
        for value in values
        for row in compare_all([0.0], [measured(n, value)], curves())
    )
    assert abs(excluded / trials - 0.9) < 4 * math.sqrt(0.09 / trials)


def test_a_tenth_of_the_walkers_has_not_that_power():
    (need,) = walkers_needed(compare_all([0.0], [measured(100)], curves()))
    few = [measured(int(need.walkers / 10), TRUE)]
    assert all(row.verdict != "excluded" for row in compare_all([0.0], few, curves()))


def test_half_the_gap_takes_four_times_the_walkers_and_a_remainder_eats_the_gap():
    (whole,) = walkers_needed(compare_all([0.0], [measured(100)], curves()))
    (half,) = walkers_needed(compare_all([0.0], [measured(100)], curves(remainder=0.025)))
    assert half.walkers / whole.walkers == pytest.approx(4.0, rel=1e-3)
    (none,) = walkers_needed(compare_all([0.0], [measured(100)], curves(remainder=0.06)))
    assert none.walkers == math.inf


def test_two_walkers_are_the_fewest_for_an_error_and_theories_that_agree_are_never_told_apart():
    far = Curve("far", lambda point: Prediction(1e6), "everywhere", "none")
    same = Curve("same", lambda point: Prediction(1e6), "everywhere", "none")
    (need,) = walkers_needed(compare_all([1.0], [measured(100)], [far, curves()[0]]))
    assert need.walkers == 2
    (need,) = walkers_needed(compare_all([1.0], [measured(100)], [far, same]))
    assert need.walkers == math.inf


def test_theories_out_of_range_are_no_pair():
    out = [Curve("out", lambda x: Prediction(2.0, 0.0, in_range=False), "", ""), curves()[0]]
    assert walkers_needed(compare_all([0.0], [measured(10)], out)) == []
    with pytest.raises(UsageError, match="power"):
        walkers_needed([], power=1.0)


def test_the_command_plans():
    line = ["--potential", "double-well", "--walkers", "40", "--seed", "1", "--json", "-q"]
    done = CliRunner().invoke(plan, line, catch_exceptions=False, **main.context_settings)
    (need,) = json.loads(done.output)
    assert {need["first"], need["second"]} == {"exact quadrature", "Eyring-Kramers"}
    assert need["walkers"] > 100


def test_steps_are_those_of_all_walkers_together():
    (need,) = walkers_needed(compare_all([0.0], [measured(100)], curves()), steps=lambda point: 50.0 + point)
    assert need.steps == 50.0 * need.walkers
    assert math.isnan(walkers_needed(compare_all([0.0], [measured(100)], curves()))[0].steps)


def test_the_command_counts_the_steps_of_each_ensemble():
    """On the cube a walker with fewer samples walks longer: the steps of a walker are those of its ensemble."""
    line = "--manifold cube --dim 4 --samples 1:3 --walkers 100 --seed 1 --json -q --threads 1".split()
    needs = json.loads(CliRunner().invoke(plan, line, catch_exceptions=False, **main.context_settings).output)
    each = {
        need["point"]: need["steps"] / need["walkers"] for need in needs if math.isfinite(need["walkers"])
    }
    assert each[1.0] > 1.2 * each[2.0] > 0
