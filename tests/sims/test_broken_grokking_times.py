"""The verdicts on laws of the delay change if the law is broken on purpose."""

import numpy as np
import pytest

from langevin.experiment.claims import Word
from langevin.scorecard.named import named_theories
from langevin.scorecard.table import runs_of
from sims import grokking_times
from tests.synthetic import passages
from tests.trainings import happened, made_up


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


def rows_of_weights(grow, task):
    """Rows of trainings: 20 noisy weights decay at the rate lr wd until their norm is 5, or grow until it is 25."""
    rows, generator = made_up(task=task), np.random.default_rng(1)
    rates = np.array([row["learning_rate"] * row["weight_decay"] for row in rows])
    weights = generator.normal(size=(len(rows), 20))
    norms = np.array([row["norm"] for row in rows])
    weights *= (norms / np.linalg.norm(weights, axis=1))[:, None]
    delays, time = np.full(len(rows), np.inf), 0.0
    while (going := np.isinf(delays)).any():  # each step takes a fiftieth of 1 / rate
        time += 0.02
        weights *= np.exp(0.02 if grow else -0.02)
        weights += 0.02**0.5 * 0.5 * generator.normal(size=weights.shape)
        norms = np.linalg.norm(weights, axis=1)
        delays[going & (norms > 25 if grow else norms < 5)] = time
    return [row | happened(delay, np.inf) for row, delay in zip(rows, delays / rates, strict=True)]


@pytest.mark.parametrize(("grow", "word"), [(False, Word.HOLDS), (True, Word.FAILS)])
def test_weights_that_grow_to_a_norm_refute_the_laws_of_its_decay(grow, word):
    rows = rows_of_weights(grow, "modular-adamw")
    card = grokking_times.beside(runs_of(rows), named_theories()[0], "norm-rate", "slow-clock")
    assert grokking_times.passage(card).verdict.word is word
    claimed = grokking_times.separation(card, {"modular-adamw": not grow}).verdict.statements[0]
    assert (claimed.established, claimed.refuted) == (not grow, grow)


@pytest.mark.parametrize(("force", "word"), [(0.0, Word.HOLDS), (0.5, Word.FAILS)])
def test_the_square_of_the_time_to_memorise_turns_over(force, word):
    """Walkers run a distance and then diffuse over it, or are driven over it; a time is the mean over 40 walkers."""
    given = made_up(task="modular-noise")
    distances = np.array([2 * row["norm"] for row in given])  # 12 to 40 steps
    delays = passages(np.repeat(distances, 40), force).reshape(-1, 40).mean(axis=1)
    rows = []
    for row, memorised, delay in zip(given, distances, delays, strict=True):
        later = {"memorised_after": 0.97 * memorised, "memorised_by": memorised,
                 "generalised_after": 0.97 * (memorised + delay), "generalised_by": memorised + delay}  # fmt: skip
        rows.append(row | later | {"memorised_step": memorised})
    card = grokking_times.beside(runs_of(rows), named_theories()[0], "square-law", "constant-ratio")
    assert grokking_times.square(card).verdict.word is word
