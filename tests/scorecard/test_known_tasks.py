"""Tasks whose delay is known: the law wins there by the paired gain, and loses where it is broken on purpose."""

from dataclasses import replace

import numpy as np
import pytest

from docs import delays_page
from langevin.scorecard.evaluate import Entry, evaluate
from langevin.scorecard.named import named_theories
from langevin.scorecard.report import pooled, scorecard
from langevin.scorecard.table import read_runs, select
from sims._known_delays import canal_delay


@pytest.fixture(scope="module")
def runs():
    """The kept trainings."""
    return read_runs(delays_page.TABLE)


def exact_on(runs, task):
    scores = evaluate(runs, named_theories()[0], task)
    entry = scores.entries["exact"]
    assert isinstance(entry, Entry)
    return scores, entry


@pytest.mark.parametrize("task", ["linear", "cube", "canal"])
def test_the_exact_law_wins(runs, task):
    scores, exact = exact_on(runs, task)
    assert exact.word == "better"
    others = [one for name, one in scores.entries.items() if isinstance(one, Entry) and name != "exact"]
    assert exact.filled.value > max(one.filled.value for one in others)
    # of 90 % in the centre, with the error of some thirty cells
    assert exact.own.coverage.value == pytest.approx(0.9, abs=0.12)


def laws(runs, amplitude=None):
    """The known delay of a walk of each cell of the canal by its dials, or with another amplitude, and its spread."""
    seen = select(runs, np.flatnonzero(runs.seen.task == "canal")[::3]).seen
    dials = zip(seen.samples, seen.scale, seen.temperature, seen.learning_rate)
    return seen, np.array(
        [canal_delay(int(m), a if amplitude is None else amplitude, theta, dt) for m, a, theta, dt in dials]
    )


def test_the_law_of_the_canal_is_that_of_its_dials(runs):
    seen, law = laws(runs)
    assert np.stack([seen.known, seen.known_sd], axis=1) == pytest.approx(
        law, abs=1e-3
    )  # four digits are kept


def test_a_canal_without_its_drift_loses(runs):
    """Broken on purpose: the law of a uniform canal, whose width does not vary."""
    canal = select(runs, runs.seen.task == "canal")
    broken = np.repeat(laws(runs, amplitude=0.0)[1], 3, axis=0)
    seen = replace(canal.seen, known=broken[:, 0], known_sd=broken[:, 1])
    assert exact_on(replace(canal, seen=seen), "canal")[1].word == "worse"


def test_known_tasks_are_in_no_mean_over_tasks(runs):
    theories, whether = named_theories()
    some = select(runs, np.isin(runs.seen.task, ["canal", "digits"]))
    card = scorecard(some, theories, whether)
    assert card.known == {"canal"}
    entry = card.tasks["digits"].entries["slow-clock"]
    assert isinstance(entry, Entry)
    assert pooled(card, "slow-clock").value == entry.filled.value
    assert card.timed[1] == int((some.held_out & some.timed & (some.seen.task == "digits")).sum())
