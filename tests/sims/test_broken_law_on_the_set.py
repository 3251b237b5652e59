"""Motion that is not the one it is called: the verdicts change."""

from langevin.experiment.claims import FAILS, ONLY_IF
from sims import law_on_the_set as sim


def verdict(motions=("shake", "flow")):
    place = sim.places()["quartic torus"]
    rows = {
        ("quartic torus", motion): sim.settled("quartic torus", place, motion, 2500, 1, len(motions))
        for motion in motions
    }
    return sim.is_uniform(rows, {"quartic torus": place}).verdict.word


def test_flow_and_shake_in_each_others_place_agree_with_no_law(monkeypatch):
    assert verdict().startswith(ONLY_IF)
    right, other = sim.projected, {"shake": "flow", "flow": "shake"}
    monkeypatch.setattr(sim, "projected", lambda name, noise: right(other[name], noise))
    assert verdict() == FAILS
