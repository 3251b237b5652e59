"""Langevin noise of temperature 0 reduces nothing, and then there is no effect for minibatches to share."""

from langevin.experiment.claims import FAILS, HOLDS
from sims import minibatch as sim


def verdict(setting, model):
    final = {kind: sim.last(one, "test_accuracy") for kind, one in sim.trained(setting, model, 1).items()}
    gains = {kind: sim.paired(accuracy, final[sim.STILL]) for kind, accuracy in final.items()}
    return sim.reduces_overfitting(gains, len(model.train.inputs)).verdict.word


def test_noise_that_is_not_there_is_noticed():
    setting = sim.QUICK._replace(batches=(7,), frames=2)
    model = sim.network(setting)
    assert verdict(setting, model) == HOLDS
    assert verdict(setting._replace(heat=0.0, batches=(), networks=2, steps=500), model) == FAILS
