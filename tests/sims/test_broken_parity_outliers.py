"""A weight decay that is said to be raised and is not: no flipped label is corrected, and the verdict changes."""

from langevin.experiment.claims import FAILS, ONLY_IF
from models import parity
from sims import parity_outliers as sim

RAISED = 0.12


def test_a_decay_that_is_not_raised_corrects_nothing():
    model = parity.model(width=100, outliers=sim.COMPARED, data_seed=1)
    base, raised = sim.trained(model, [sim.DECAY, RAISED], 1500, 3, 1)
    runs, edges = {0.0: base, sim.COMPARED: base}, {sim.COMPARED: sim.thresholds(model)}
    right = sim.are_corrected(runs, {sim.COMPARED: {sim.DECAY: base, RAISED: raised}}, edges)
    wrong = sim.are_corrected(runs, {sim.COMPARED: {sim.DECAY: base, RAISED: base}}, edges)
    assert right.verdict.word.startswith(ONLY_IF)
    assert wrong.verdict.word == FAILS
