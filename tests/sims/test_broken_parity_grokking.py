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
