"""The page of the scores agrees with the kept table."""

import re

import numpy as np
import pytest

from docs import delays_page
from langevin.scorecard.evaluate import Entry
from tests.project.documents import ROOT


@pytest.fixture(scope="module")
def card():
    """The scores of the kept table."""
    return delays_page.kept()


def test_the_scores_on_the_page_are_those_of_the_kept_table(card):
    """Words and verdicts agree exactly, and numbers to 2 %, since another version of an optimiser may end elsewhere."""
    page = delays_page.words_and_numbers(delays_page.shown(delays_page.PAGE.read_text()))
    now = delays_page.words_and_numbers(delays_page.text(card))
    assert page[0] == now[0]
    assert len(page[1]) == len(now[1])
    assert np.allclose(page[1], now[1], rtol=0.02, atol=0.02)


def test_the_readme_has_the_numbers_of_trainings_that_the_command_prints(card):
    readme = " ".join((ROOT / "README.md").read_text().split())
    said = re.search(r"to (\d+) trainings and scores them on (\d+) others", readme)
    assert said is not None
    assert tuple(map(int, said.groups())) == card.timed
    assert f"fitted to {card.timed[0]} runs and scored on {card.timed[1]} held-out" in delays_page.text(card)


def test_every_theory_gives_numbers_for_the_runs_to_which_it_applies(card):
    """A formula without a number on most runs of a task has nothing to fit: it must have no forecast there."""
    entries = {
        (task, name): one for task, scores in card.tasks.items() for name, one in scores.entries.items()
    }
    factors = {key: one.own.factor.value for key, one in entries.items() if isinstance(one, Entry)}
    assert [key for key, factor in factors.items() if not np.isfinite(factor)] == []


def test_another_number_is_seen():
    text = "parity  12  constant-ratio  1.27 +- 0.25"
    words, numbers = delays_page.words_and_numbers(text)
    assert words == ["parity", "constant", "ratio", "+"]
    assert numbers == [12, 1.27, 0.25]


def test_a_constant_that_the_runs_do_not_determine_has_no_number(card):
    entry = card.tasks["modular-adamw"].entries["decay-power"]
    assert isinstance(entry, Entry)
    assert entry.fitted.free == (False, True, False)  # the critical decay is far below all decays
    assert "log10 wd_c undetermined" in delays_page.text(card)
