"""Without weight decay there is no sparsity, there are no clusters and no generalisation: the verdicts change."""

from dataclasses import replace

import numpy as np

from langevin.experiment.claims import FAILS, HOLDS, WHERE
from models import parity
from sims import parity_grokking as sim

EPOCHS = 220


def verdicts(model):
    run, looks, _ = sim.watched(model, 8, EPOCHS, 5, 1)
    times = np.column_stack([run.events[f"{what}_step"] for what in ("memorised", "generalised")]) / sim.EPOCH
    there = sim.at_epochs(run, looks, np.where(times < 0, EPOCHS, times))
    return (
        sim.is_delayed(times).verdict.word,
        sim.clusters_emerge(there, looks).verdict.word,
        sim.weights_thin_out(there, looks).verdict.word,
    )


def test_without_decay_the_network_stays_as_it_memorised(monkeypatch):
    model = parity.model(width=200, data_seed=1)
    delayed, clusters, thinned = verdicts(model)
    assert delayed == thinned == HOLDS
    assert clusters == WHERE
    monkeypatch.setattr(sim, "LAW", replace(sim.LAW, weight_decay=0.0))
    assert set(verdicts(model)) == {FAILS}


EVENTS = np.column_stack([np.full(10, 15.0), np.full(10, 150.0)])


def word_of_bends(first, second):
    """Verdict on curves with these inflections, the slowest and the steepest decline, of networks with `EVENTS`."""
    epochs = np.arange(0.0, 240.0)
    slow = 0.01 * (1 - np.exp(-(((epochs - first) / 4) ** 2)))
    steep = 0.02 * np.exp(-(((epochs - second) / 8) ** 2))
    curve = 3 - np.cumsum(slow + steep)
    norms = curve * (1 + 0.001 * np.arange(10)[:, None])
    return sim.norm_bends(EVENTS, *sim.inflections(norms, epochs, EVENTS)).verdict.word


def test_inflections_at_other_epochs_are_noticed():
    """The measured curve is broken here: no law of training puts the inflections at given epochs."""
    assert word_of_bends(15, 25) == WHERE  # as measured: both near memorising
    assert word_of_bends(15, 150) == HOLDS  # as the source says
    assert word_of_bends(60, 100) == FAILS


def test_a_decline_that_goes_on_is_noticed():
    """The measured norms are broken here: a network that shrinks as fast after generalising as before."""
    spread = 1 + 0.01 * np.arange(10)

    def word(last):
        looks = {"spectral norm": np.column_stack([2.5 * spread, 1.2 * spread, last * spread])}
        there = {"spectral norm": np.column_stack([2.2 * spread, 1.3 * spread])}
        return sim.norm_falls(there, looks, EVENTS, 240).verdict.word

    assert word(1.25) == HOLDS
    assert word(0.8) == FAILS
