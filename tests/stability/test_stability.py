"""The page of the verdicts under other seeds distinguishes a flip from a run with too few numbers."""

import pytest

from tests.stability.outcomes import Outcome, Run, keep, known, tidy
from tests.stability.page import page, rows_of


def outcome(word, quick=False, claim="it grows", seed=1, seconds=36.0):
    return Outcome(Run("walk", quick, seed, "hash"), {claim: word}, seconds)


@pytest.mark.parametrize(
    ("full", "quick", "flips"),
    [
        (("holds", "holds"), ("holds", "undecided"), False),
        (("holds", "fails"), (), True),
        (("holds", "undecided"), ("holds where",), True),
        (("undecided", "undecided"), ("fails", "fails"), False),
    ],
)
def test_two_decided_verdicts_that_differ_are_a_flip(full, quick, flips):
    outcomes = [*map(outcome, full), *(outcome(word, quick=True) for word in quick)]
    assert [row.flips for row in rows_of(outcomes)] == [flips]
    assert ("1 flip: walk" in page(outcomes)) is flips


@pytest.mark.parametrize(
    ("full", "quick", "needs_data"),
    [
        (("undecided", "undecided"), ("fails", "undecided"), True),
        (("undecided", "fails"), ("fails",), True),
        (("holds", "holds"), ("undecided",), False),
        (("undecided",), ("undecided",), False),
    ],
)
def test_the_page_names_a_claim_that_not_every_full_run_decides(full, quick, needs_data):
    text = page([*map(outcome, full), *(outcome(word, quick=True) for word in quick)])
    assert ("too few numbers for 1 claim that other runs decide: walk, 'it grows'" in text) is needs_data


def test_the_page_counts_what_is_decided():
    outcomes = [
        outcome("holds"),
        outcome("undecided"),
        outcome("holds", True),
        outcome("fails", claim="it falls"),
    ]
    text = page(outcomes)
    assert (
        "Of 2 claims 1 are decided in full at every seed\nthat was run, and 1 with `--quick` at half" in text
    )
    assert "Numbers of full runs: 1 of 1 claim, 2 of 1 claim." in text
    assert "| walk | it grows | 1 holds, 1 undecided | 1 holds |" in text
    assert "| walk | it falls | 1 fails | - |" in text
    assert "| walk | 36 | 36 |" in text


def test_a_kept_outcome_needs_no_other_run_until_its_sim_changes(tmp_path):
    (tmp_path / "results").mkdir()
    late, early = outcome("holds", seed=2), outcome("fails")
    keep(tmp_path, late)
    keep(tmp_path, early)
    assert known(tmp_path) == {late.run: late, early.run: early}
    tidy(tmp_path, [late])
    assert list(known(tmp_path)) == [late.run]
    assert Run("walk", False, 2, "another hash") not in known(tmp_path)
