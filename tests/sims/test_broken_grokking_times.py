"""The verdicts on laws of the delay change if the law is broken on purpose."""

import numpy as np
import pytest

from langevin.experiment.claims import Word
from langevin.scorecard.named import named_theories
from langevin.scorecard.table import runs_of
from sims import grokking_times
from tests.trainings import made_up


def clock_law(row):
    """The slow clock alone."""
    return 1 / (row["learning_rate"] * row["weight_decay"])


def rising_law(row):
    """A delay that is longer for smaller norms."""
    return (4 - np.log(row["norm"])) * clock_law(row)


def card_of(name, baseline, **laws):
    """The scores of a law on synthetic tasks, each with another law of the delay; 0.1 decades of scatter."""
    rows = [row for task, law in laws.items() for row in made_up(task=task, law=law, scatter=0.1)]
    return grokking_times.beside(runs_of(rows), named_theories()[0], name, baseline)


def test_a_law_of_the_norm_holds_where_the_norm_decides_and_not_where_it_has_no_say():
    falls = {"down": True, "up": False, "higher": False, "highest": False}
    laws = {name: None if down else rising_law for name, down in falls.items()}
    mixed = grokking_times.separation(card_of("norm-rate", "slow-clock", **laws), falls)
    assert mixed.verdict.word is Word.ONLY_IF
    assert mixed.verdict.condition == "the norm falls from memorising to generalising"
    true = card_of("norm-rate", "slow-clock", down=None)
    assert grokking_times.separation(true, {"down": True}).verdict.word is Word.HOLDS
    broken = card_of("norm-rate", "slow-clock", down=rising_law)
    assert grokking_times.separation(broken, {"down": True}).verdict.word is Word.FAILS
    silent = card_of(
        "norm-rate", "slow-clock", down=clock_law
    )  # the norm says nothing: the law fits its baseline
    assert grokking_times.separation(silent, {"down": True}).verdict.word is Word.UNDECIDED


@pytest.mark.parametrize(("law", "word"), [(None, Word.HOLDS), (rising_law, Word.FAILS)])
def test_a_law_of_first_passage_turns_over(law, word):
    card = card_of("norm-rate", "slow-clock", **{"modular-adamw": law})
    assert grokking_times.passage(card).verdict.word is word
    assert (card.tasks["modular-adamw"].entries["norm-rate"].word == "excluded") == (law is rising_law)


@pytest.mark.parametrize(("power", "word"), [(2, Word.HOLDS), (1, Word.FAILS)])
def test_the_square_of_the_time_to_memorise_turns_over(power, word):
    """Synthetic trainings whose delay is a power of the time to memorise."""
    rows = []
    for row in made_up(task="modular-noise", law=lambda row: 300.0, scatter=0.0):
        memorised = 10 * row["norm"]  # 60 to 200 steps
        delay = 5 * memorised**power / 10 ** (power - 1)
        later = {"memorised_after": 0.97 * memorised, "memorised_by": memorised,
                 "generalised_after": 0.97 * (memorised + delay), "generalised_by": memorised + delay}  # fmt: skip
        rows.append(row | later | {"memorised_step": memorised})
    card = grokking_times.beside(runs_of(rows), named_theories()[0], "square-law", "constant-ratio")
    assert grokking_times.square(card).verdict.word is word
