"""Motion under a wrong name changes the verdicts."""

from langevin.experiment.claims import FAILS, ONLY_IF
from langevin.types import Measurement
from sims import law_on_the_set as sim

NAME = "quartic torus"


def verdicts(motions=("shake", "flow")):
    place = sim.places()[NAME]
    rows = {(NAME, motion): sim.settled(NAME, place, motion, 500, 1, len(motions)) for motion in motions}
    drifted = {NAME: Measurement(sim.flattest(place), 0.01, 20, "moment")}
    known = {NAME: place}
    return [sim.is_uniform(rows, known).verdict.word, sim.flat_is_sought(rows, drifted, known).verdict.word]


def test_flow_and_shake_in_each_others_place_agree_with_no_law(monkeypatch):
    assert verdicts() == [ONLY_IF, ONLY_IF]
    right, other = sim.projected, {"shake": "flow", "flow": "shake"}
    monkeypatch.setattr(sim, "projected", lambda name, noise: right(other[name], noise))
    assert verdicts() == [FAILS, FAILS]
