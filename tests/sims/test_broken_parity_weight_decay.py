"""The decay stays what it was instead of being raised: no power of w, nothing faster, and the verdicts change."""

from dataclasses import replace

from langevin.comparison import compare
from langevin.experiment.claims import FAILS, HOLDS, LEVEL
from models import parity
from sims import parity_weight_decay as sim

DECAYS = (0.01, 0.04)


def verdicts(model, watch):
    delays = {w: sim.delay(sim.decayed(model, w, 0, 3, 1, watch)) for w in DECAYS}
    slope = sim.exponent(DECAYS, delays)
    return sim.is_faster(delays).verdict.word, compare(slope, sim.INVERSE, level=LEVEL, yardstick=1.0).verdict


def test_a_decay_that_is_never_raised_is_noticed(monkeypatch):
    model = parity.model(30, samples=200, width=100, data_seed=1)
    watch = sim.observers(model)
    claim, law = verdicts(model, watch)
    assert claim == HOLDS
    assert law != "excluded"  # of three networks the power is too poor to agree with a law
    right = sim.train

    def unchanged(*args, protocol, **settings):
        return right(*args, protocol=replace(protocol, after_memorisation={"weight_decay": 0.01}), **settings)

    monkeypatch.setattr(sim, "train", unchanged)
    assert verdicts(model, watch) == (FAILS, "excluded")
