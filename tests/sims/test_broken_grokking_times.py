"""The verdicts on laws of the delay turn over where the law is broken on purpose."""

import numpy as np
import pytest

from langevin.experiment.claims import Word
from langevin.scorecard.named import named_theories
from langevin.scorecard.report import scorecard
from langevin.scorecard.table import runs_of
from sims import grokking_times
from tests.trainings import made_up


def clock_law(row):
    """The slow clock alone."""
    return 1 / (row["learning_rate"] * row["weight_decay"])


def rising_law(row):
    """Longer for smaller norms."""
    return (4 - np.log(row["norm"])) * clock_law(row)


def card_of(**laws):
    """The scores of made-up tasks, each with its own law of the delay; 0.1 decades of scatter."""
    rows = [row for name, law in laws.items() for row in made_up(task=name, law=law, scatter=0.1)]
    return scorecard(runs_of(rows), *named_theories())


@pytest.fixture(scope="module")
def both():
    """A task in which the norm decides, and one in which it does not."""
    return card_of(down=None, up=rising_law)


def test_a_law_of_the_norm_holds_only_where_the_norm_falls(both):
    verdict = grokking_times.separation(both, {"down": True, "up": False}).verdict
    assert verdict.word in (Word.ONLY_IF, Word.HOLDS)


def test_it_fails_where_the_norm_has_no_say():
    broken = card_of(down=clock_law)
    found = grokking_times.finding(grokking_times.PASSAGE, broken, "norm-rate", ["down"])
    assert found.verdict.word is not Word.HOLDS


def test_it_holds_where_it_is_the_law():
    true = card_of(down=None)
    assert grokking_times.finding(grokking_times.PASSAGE, true, "norm-rate", ["down"]).verdict.word is Word.HOLDS


def test_the_square_of_the_memorisation_time_holds_where_it_is_the_law():
    """In made-up trainings all memorise at one step, so that the square is a constant and cannot be better."""
    assert (
        grokking_times.finding(grokking_times.SQUARE, card_of(down=None), "square-law", ["down"]).verdict.word
        is Word.FAILS
    )
