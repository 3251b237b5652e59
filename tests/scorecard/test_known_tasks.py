"""Tasks with a known delay: the law is best by the paired gain, and not if it is broken on purpose."""

from dataclasses import replace

import numpy as np
import pytest

from docs import delays_page
from langevin.scorecard.evaluate import Entry, added, decided, evaluate
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
    """Its gain on cube and canal has a p-value of 0.011 (28 and 32 cells): `level` at a significance of 1 %."""
    scores, exact = exact_on(runs, task)
    assert exact.word == ("better" if task == "linear" else "level")
    assert exact.against.value > 2.5 * exact.against.error
    others = [one for name, one in scores.entries.items() if isinstance(one, Entry) and name != "exact"]
    assert exact.filled.value > max(one.filled.value for one in others)
    # 90 % are in the centre, with the error of about thirty cells
    assert exact.own.coverage.value == pytest.approx(0.9, abs=0.12)


def test_the_exact_law_wins_on_the_mean_over_known_tasks(runs):
    gains = [exact_on(runs, task)[1].against for task in ("linear", "cube", "canal")]
    error, n = added([(gain.error, gain.n) for gain in gains])
    whole = replace(gains[0], value=sum(gain.value for gain in gains), error=error, n=n)
    assert decided(whole)
    assert whole.value > 5 * whole.error


def test_a_gain_of_few_calibration_cells_needs_more_errors(runs):
    """Student's quantile at a significance of 1 %: 9.9 errors for three cells, 2.6 for many."""
    gain = exact_on(runs, "cube")[1].against
    assert not decided(replace(gain, value=9.5, error=1.0, n=3))
    assert decided(replace(gain, value=10.0, error=1.0, n=3))
    assert decided(replace(gain, value=2.6, error=1.0, n=1000))
    assert not decided(replace(gain, value=100.0, error=1.0, n=1))
    assert added([(3.0, 4), (4.0, 4)]) == (5.0, 1 + int(625 / (81 / 3 + 256 / 3)))


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
