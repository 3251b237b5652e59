"""A decay that is never raised has no effect on times and networks: every verdict changes."""

from dataclasses import replace

from langevin.experiment.claims import FAILS, HOLDS, ONLY_IF
from models import parity
from sims import parity_weight_decay as sim

HIGH, SMALL = (sim.BACK, 0.38, 0.47), (0.01, 0.04)


def verdicts(model):
    watch = sim.observers(model)
    runs = {w: sim.decayed(model, w, 1500, 8, 1, watch) for w in (0.0, *SMALL, sim.FORWARD[1], *HIGH)}
    delays = {w: sim.delay(run) for w, run in runs.items()}
    lost = {pattern: sim.threshold(runs, HIGH, place) for place, pattern in enumerate(sim.PATTERNS)}
    shares = {w: sim.decay_alone(runs[w], w, delays[w]) for w in SMALL}
    return [
        sim.is_faster(delays).verdict.word,
        sim.has_threshold(delays, runs, HIGH, lost, dict.fromkeys(sim.PATTERNS, 0.354)).verdict.word,
        sim.decays_away(sim.exponent(SMALL, delays), shares, delays[0.0]).verdict.word,
    ]


def test_a_decay_that_is_never_raised_is_noticed(monkeypatch):
    model = parity.model(30, samples=200, width=100, data_seed=1)
    right, words = sim.train, verdicts(model)
    assert words[:2] == [ONLY_IF, HOLDS]
    assert words[2] != FAILS  # few small networks do not always determine the power to 15 %

    def unchanged(*args, protocol, **settings):
        return right(*args, protocol=replace(protocol, after_memorisation={"weight_decay": 0.01}), **settings)

    monkeypatch.setattr(sim, "train", unchanged)
    assert verdicts(model) == [FAILS, FAILS, FAILS]
