"""A decay that is not raised makes no correction; labels that are not flipped cause no delay."""

from functools import cache

import numpy as np

from langevin.experiment.claims import FAILS, HOLDS, ONLY_IF, WHERE
from models import parity
from sims import parity_outliers as sim

RAISED, NETWORKS = 0.15, 8


@cache
def records(part):
    """Networks at this fraction of flipped labels, at the decay of the post and at a raised one."""
    models = [parity.model(width=100, outliers=part, data_seed=i) for i in range(NETWORKS)]
    return sim.trained(models, [sim.DECAY, RAISED], 1500, 1)


def test_a_decay_that_is_not_raised_corrects_nothing():
    base, raised = records(sim.COMPARED)
    runs, edges = {0.0: base, sim.COMPARED: base}, np.full((NETWORKS, 2), 0.1)
    pairs = ((base, raised), (base, base), (raised, raised))
    words = [
        sim.are_corrected(runs, {sim.DECAY: low, RAISED: high}, edges).verdict.word for low, high in pairs
    ]
    assert words == [ONLY_IF, FAILS, HOLDS]


def test_labels_that_are_not_flipped_slow_nothing_down():
    (_, plain), (flipped, _) = records(0.0), records(sim.COMPARED)
    judges = sim.is_slower, sim.has_threshold, sim.is_harder
    for runs, words in (
        ({0.0: plain, sim.COMPARED: flipped}, [HOLDS, WHERE, HOLDS]),
        ({0.0: plain, sim.COMPARED: plain}, [FAILS, FAILS, FAILS]),
    ):
        assert [judged(runs).verdict.word for judged in judges] == words
