"""Where a coin tells the labels nothing is learned, and every sample removes an equal share: the verdict changes."""

import numpy as np

from langevin.experiment.claims import HOLDS, ONLY_IF
from sims import sample_volume as sim


def test_labels_by_a_coin_leave_equal_shares(monkeypatch):
    assert sim.answer(quick=True).findings[0].verdict.word.startswith(ONLY_IF)
    right = sim.perceptron_share

    def by_coin(name, k, walkers, seed):
        share = right(name, k, walkers, seed)  # of a teacher who is obeyed
        return share if np.random.default_rng(seed).random() < 0.5 else 1 - share

    monkeypatch.setattr(sim, "perceptron_share", by_coin)
    assert sim.shares_are_equal(*shares()).verdict.word == HOLDS


def shares():
    """Of the cube and of the plane, whose errors are small."""
    samples = {sim.CUBE: (0, 6), sim.PLANE: (0, 8)}
    found = {name: [sim.share_left(name, k, 60, 10, 1) for k in ks] for name, ks in samples.items()}
    return found, samples
