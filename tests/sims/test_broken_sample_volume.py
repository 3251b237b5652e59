"""With random labels nothing is learned, and every sample removes the same fraction: the verdicts change."""

import numpy as np

from langevin.experiment.claims import FAILS, HOLDS, ONLY_IF
from langevin.types import Measurement
from sims import sample_volume as sim

SAMPLES = {sim.CUBE: (0, 6), sim.PLANE: (0, 8)}


def verdicts(shares):
    return [found(shares, SAMPLES).verdict.word for found in (sim.shares_are_equal, sim.entropy_is_linear)]


def walked():
    """The results for the cube and for the plane, whose errors are small."""
    return {name: [sim.share_left(name, k, 60, 10, 1) for k in ks] for name, ks in SAMPLES.items()}


def test_labels_by_a_coin_leave_equal_shares(monkeypatch):
    assert verdicts(walked()) == [ONLY_IF, ONLY_IF]
    right = sim.perceptron_share

    def by_coin(name, k, walkers, seed):
        share = right(name, k, walkers, seed)  # with the labels of a teacher
        heads = np.random.default_rng(seed).random(sim.NEXT) < 0.5
        return np.where(heads, share, 1 - share).mean()

    monkeypatch.setattr(sim, "perceptron_share", by_coin)
    assert verdicts(walked()) == [HOLDS, HOLDS]


def test_a_cube_whose_shares_rise_is_noticed():
    rising = [Measurement(value, 0.005, 40, "share") for value in (0.25, 0.5)]
    assert verdicts({name: rising for name in SAMPLES}) == [FAILS, FAILS]
