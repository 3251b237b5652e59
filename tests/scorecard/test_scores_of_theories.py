"""Forecasts, fits and scores, on trainings whose law is known."""

from dataclasses import fields, replace

import numpy as np
import pytest

from langevin.delays.constant_delay import constant_delay
from langevin.delays.log_linear import log_linear
from langevin.delays.norm_rate import norm_rate
from langevin.delays.norm_threshold import norm_threshold
from langevin.delays.slow_clock import slow_clock
from langevin.scorecard.evaluate import Entry, NoForecast, evaluate
from langevin.scorecard.fit import fit
from langevin.scorecard.forecast import DOUBT, forecast, log_probability
from langevin.scorecard.named import named_theories
from langevin.scorecard.report import pooled, scorecard, summary_text, task_text
from langevin.scorecard.table import runs_of, select
from langevin.types import Constant, DelayTheory, Forecast
from tests.trainings import made_up

THEORIES = {
    "constant-delay": constant_delay, "slow-clock": slow_clock, "norm-threshold": norm_threshold,
    "norm-rate": norm_rate,
}  # fmt: skip


def test_probabilities_of_intervals_sum_to_one():
    edges = np.concatenate([[-np.inf], np.linspace(0, 8, 200), [np.inf]])
    said = Forecast(np.full(201, 3.3), np.full(201, 0.4))
    total = np.exp(log_probability(said, edges[:-1], edges[1:])).sum()
    assert total == pytest.approx(
        1, abs=1e-3
    )  # the two outer intervals have a thousandth of the uniform part each


def test_far_from_the_median_the_uniform_part_is_left():
    said = Forecast(np.array([3.0, np.nan]), np.array([0.1, 0.1]))
    found = log_probability(said, np.array([6.0, 6.0]), np.array([6.1, 6.1]))
    assert found == pytest.approx(np.log(DOUBT * 0.1 / 8), abs=0.02)


def test_the_true_law_is_found_and_is_better_than_every_baseline():
    scores = evaluate(runs_of(made_up()), THEORIES, "made-up")
    threshold, rate = scores.entries["norm-threshold"], scores.entries["norm-rate"]
    assert isinstance(threshold, Entry)
    assert isinstance(rate, Entry)
    assert scores.baseline == "slow-clock"
    assert threshold.word == rate.word == "better"
    assert threshold.fitted.constants[0] == pytest.approx(np.log(5), abs=0.05)
    assert rate.fitted.constants == pytest.approx([1, np.log(5)], abs=0.15)
    # scatter of .05 decades, and intervals of .02 decades
    assert threshold.own.factor.value == pytest.approx(10 ** (0.6745 * 0.05), abs=0.03)
    assert threshold.own.coverage.value == pytest.approx(0.93, abs=0.06)
    assert threshold.own.rank.value > 0.95


def test_a_norm_that_has_no_say_is_not_better():
    """Broken on purpose: the delay depends on the clock and not on the norm."""
    rows = made_up(law=lambda row: 1 / (row["learning_rate"] * row["weight_decay"]), scatter=0.2)
    scores = evaluate(runs_of(rows), THEORIES, "made-up")
    for name in ("norm-threshold", "norm-rate"):
        entry = scores.entries[name]
        assert isinstance(entry, Entry)
        assert entry.word != "better"


def test_a_constant_of_the_wrong_sign_excludes_a_law():
    law = lambda row: (4 - np.log(row["norm"])) / (row["learning_rate"] * row["weight_decay"])  # noqa: E731
    entry = evaluate(runs_of(made_up(law=law)), THEORIES, "made-up").entries["norm-rate"]
    assert isinstance(entry, Entry)
    assert entry.word == "excluded"
    assert "a = -1" in entry.fitted.excluded or "a = -0.9" in entry.fitted.excluded


def test_runs_that_have_not_generalised_count_as_longer():
    """Many runs end before; if their ends counted as delays, the threshold would be a tenth too high."""
    rows = made_up(cells=200, horizon=8_000)
    runs = runs_of(rows)
    assert 0.2 < (runs.outcome == "censored").mean() < 0.6
    found = fit(norm_threshold, runs)
    assert found is not None
    assert found.constants[0] == pytest.approx(np.log(5), abs=0.03)
    broken = fit(
        norm_threshold, replace(runs, high=np.where(np.isinf(runs.high), runs.low + 0.02, runs.high))
    )
    assert broken is not None
    assert abs(broken.constants[0] - np.log(5)) > 0.06


def test_nothing_later_reaches_a_forecast():
    """With permuted held-out delays, and without numbers in every later column of held-out runs: the same bits."""
    rows = made_up()
    random = np.random.default_rng(1)
    held_out = [i for i, row in enumerate(rows) if row["split"] == "held out"]
    later = ("outcome", "memorised_after", "generalised_after", "generalised_by")
    moved = dict(zip(held_out, random.permutation(held_out)))
    other = [
        row | {name: rows[moved[i]][name] for name in later} if i in moved else row
        for i, row in enumerate(rows)
    ]
    without = dict.fromkeys(later[1:], np.nan)
    gone = [row | without if i in moved else row for i, row in enumerate(rows)]
    theories, _ = named_theories()
    for name, theory in theories.items():
        said = []
        for table in (rows, other, gone):
            runs = runs_of(table)
            fitted = fit(theory, select(runs, ~runs.held_out))
            if fitted is not None:
                said.append(forecast(theory, runs.seen, fitted.constants, fitted.spread))
        for one in said[1:]:
            assert np.array_equal(one.median, said[0].median, equal_nan=True), name
            assert np.array_equal(one.sd, said[0].sd, equal_nan=True), name


def test_a_theory_sees_no_column_of_what_happened():
    runs = runs_of(made_up(cells=4))
    known = {one.name for one in fields(runs.seen)}
    assert not known & {
        "outcome",
        "generalised_by",
        "end_step",
        "horizon",
        "network",
        "cell",
        "split",
        "end_norm",
    }


def test_the_split_and_the_dials_of_a_cell_do_not_change():
    from langevin.scorecard.cells import Cell, Draw

    draw = Draw("parity", 3)
    assert (draw.number(0.05, 0.2), draw.count(220, 600), draw.share(0.5, 0.9)) == (0.081, 509, 0.54)
    assert [Cell("parity", i, {"lr": 0.1 * i}).split for i in range(40)].count("calibration") == 10
    assert Cell("parity", 0, {"lr": 0.1}).seed != Cell("parity", 1, {"lr": 0.1}).seed


def test_missing_forecasts_are_those_of_the_best_baseline():
    """A theory that predicts half of the runs, exactly, has half of its gain on these runs."""
    half = replace(norm_threshold, applies=lambda seen: seen.norm > 12)
    scores = evaluate(runs_of(made_up()), {**THEORIES, "half": half}, "made-up")
    entry = scores.entries["half"]
    assert isinstance(entry, Entry)
    assert 0.3 < entry.share < 0.8
    assert entry.filled.value == pytest.approx(entry.share * entry.against.value, rel=1e-6)


def test_a_baseline_can_be_named():
    scores = evaluate(runs_of(made_up()), THEORIES, "made-up", baseline="constant-delay")
    entry = scores.entries["slow-clock"]
    assert scores.baseline == "constant-delay"
    assert isinstance(entry, Entry)
    assert entry.against.value > 0


def test_the_best_baseline_has_the_forecasts_that_a_named_one_lacks():
    """If a named theory has no forecast for half of the runs, others have no gain from this there."""
    speaking = lambda seen: seen.norm > 12  # noqa: E731
    half = replace(
        norm_threshold,
        applies=speaking,
        predict=lambda seen, it: np.where(speaking(seen), norm_threshold.predict(seen, it), np.nan),
    )
    runs = runs_of(made_up())
    scores = evaluate(runs, {**THEORIES, "half": half}, "made-up", baseline="half")
    clock, same = scores.entries["slow-clock"], scores.entries["half"]
    assert isinstance(clock, Entry)
    assert isinstance(same, Entry)
    assert scores.baseline == "half"
    # The clock is the best baseline: its gain is 0 on one half, and minus the gain of the law on the other.
    usual = evaluate(runs, {**THEORIES, "half": half}, "made-up").entries["half"]
    assert isinstance(usual, Entry)
    assert same.against.value == 0
    assert clock.filled.value == pytest.approx(-usual.filled.value, rel=1e-9)


def test_a_theory_that_applies_to_no_run_has_no_forecast():
    nowhere = replace(norm_threshold, applies=lambda seen: seen.norm < 0)
    assert isinstance(
        evaluate(runs_of(made_up()), {**THEORIES, "x": nowhere}, "made-up").entries["x"], NoForecast
    )


def test_constants_of_other_tasks():
    rows = made_up(task="one") + made_up(task="two", seed=5)
    runs = runs_of(rows)
    scores = evaluate(runs, THEORIES, "two", others=True)
    assert scores.cells[1] == len(np.unique(runs.cell[(runs.seen.task == "one") & ~runs.held_out]))
    entry = scores.entries["norm-threshold"]
    assert isinstance(entry, Entry)
    assert entry.fitted.constants[0] == pytest.approx(np.log(5), abs=0.05)
    assert entry.word == "better"


def test_a_theory_that_knows_its_spread():
    sure = DelayTheory(
        "x", "a test",
        predict=lambda seen, it: Forecast(norm_threshold.predict(seen, it), np.full(len(seen.norm), 0.05)),
        constants=(Constant("log w_c", 1.5),),
    )  # fmt: skip
    entry = evaluate(runs_of(made_up()), {**THEORIES, "sure": sure}, "made-up").entries["sure"]
    assert isinstance(entry, Entry)
    assert entry.word == "better"


def test_the_tables_name_every_theory_with_errors():
    theories, whether = named_theories()
    card = scorecard(runs_of(made_up()), theories, whether)
    text = summary_text(card)
    assert all(name in text for name in theories)
    assert "norm-threshold" in task_text(card, "made-up")
    assert pooled(card, "norm-threshold").value > 0


def test_the_log_linear_baseline_finds_powers():
    rows = made_up(
        cells=100, law=lambda row: 300 * (row["learning_rate"] * row["weight_decay"] * 1000) ** -0.5
    )
    runs = runs_of(rows)
    found = fit(log_linear, runs)
    assert found is not None
    assert found.constants[1] == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("start", [-6.0, -4.0, 4.0, 6.0])
def test_a_poor_start_does_not_leave_the_spread_at_its_limit(start):
    """Far from the delays the first search increases the spread to its limit; the second must return."""
    runs = runs_of(made_up())
    far = fit(replace(slow_clock, constants=(Constant("log10 c", start),)), runs)
    near = fit(slow_clock, runs)
    assert far is not None
    assert near is not None
    assert far.constants == pytest.approx(near.constants, abs=0.01)  # the simplex ends at 0.001
    assert far.spread == pytest.approx(near.spread, abs=0.01)
