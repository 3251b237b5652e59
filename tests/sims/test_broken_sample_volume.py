"""Samples that tell nothing about the next one remove the same fraction each: the verdicts change."""

from langevin.experiment.claims import FAILS, HOLDS, ONLY_IF
from langevin.types import Measurement
from sims import sample_volume as sim

SAMPLES = {sim.CUBE: (0, 6), sim.PLANE: (0, 8)}


def verdicts(shares):
    return [found(shares, SAMPLES).verdict.word for found in (sim.shares_are_equal, sim.entropy_is_linear)]


def walked():
    """The results for the cube and for the plane, whose errors are small."""
    return {name: [sim.share_left(name, k, 60, 10, 1) for k in ks] for name, ks in SAMPLES.items()}


def test_a_next_sample_of_an_unrelated_teacher_leaves_equal_shares(monkeypatch):
    """The teacher of the next samples is orthogonal to that of the earlier ones: these tell nothing about the next."""
    assert verdicts(walked()) == [ONLY_IF, ONLY_IF]
    teacher_of = sim.teacher_of
    monkeypatch.setattr(sim, "teacher_of", lambda perceptron: teacher_of(perceptron)[::-1] * [1, -1])
    assert verdicts(walked()) == [HOLDS, HOLDS]


def test_a_cube_whose_shares_rise_is_noticed():
    rising = [Measurement(value, 0.005, 40, "share") for value in (0.25, 0.5)]
    assert verdicts({name: rising for name in SAMPLES}) == [FAILS, FAILS]
