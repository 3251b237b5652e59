"""The page of the verdicts under other seeds tells a flip from a run with too few numbers."""

import pytest

from tests.stability.page import page, rows_of


def record(word, quick=False, claim="it grows"):
    found = {"claim": claim, "word": word}
    return {"sim": "walk", "quick": quick, "wall_seconds": 36.0, "findings": [found]}


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
    records = [*(record(word) for word in full), *(record(word, True) for word in quick)]
    assert [row.flips for row in rows_of(records)] == [flips]
    assert ("1 flip: walk" in page(records, 2)) is flips


def test_the_page_counts_what_is_decided():
    records = [record("holds"), record("undecided"), record("holds", True), record("fails", claim="it falls")]
    text = page(records, 2)
    assert "Of 2 claims 1 are decided in full at every seed, and 1 with `--quick` at half\n" in text
    assert "| walk | it grows | 1 holds, 1 undecided | 1 holds |" in text
    assert "| walk | it falls | 1 fails | - |" in text
