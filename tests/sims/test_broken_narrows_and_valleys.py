"""A walk at another temperature, a start outside the narrow, or a channel without narrows changes the verdicts."""

import langevin
from langevin.comparison import compare, compare_all
from langevin.experiment.claims import FAILS, HOLDS, ONLY_IF, WHERE
from langevin.measure import time_mean
from langevin.types import Measurement, Prediction
from sims import narrows_and_valleys as sim

DEPTHS = (0.0, sim.DEPTH)


def narrow_costs(times):
    rows = compare_all(DEPTHS, times, sim.passage_curves(), logarithmic=True)
    return sim.narrow_costs(DEPTHS, times, rows).verdict.word


def walked():
    return [sim.through(depth, 300, 1 + i) for i, depth in enumerate(DEPTHS)]


def test_a_walk_at_half_its_temperature_takes_longer_than_the_formula_with_a_prefactor_says(monkeypatch):
    assert narrow_costs(walked()) == WHERE
    right = langevin.Problem
    monkeypatch.setattr(langevin, "Problem", lambda landscape, heat, name: right(landscape, heat / 2, name))
    assert narrow_costs(walked()) == FAILS


def test_times_of_the_formula_alone_would_make_it_hold():
    """No walk has such times: the widths of every channel enter its prefactor."""
    alone = [Measurement(sim.math.exp(2 * depth), 0.02, 300, "time") for depth in DEPTHS]
    assert narrow_costs(alone) == HOLDS


def test_a_walk_that_does_not_leave_the_valley_gains_no_entropy():
    runs = {name: sim.spreading(place, 500, 1) for name, place in (("valley", 0.0), ("narrow", 1.0))}
    share = time_mean(runs["narrow"], sim.place_entropy, sim.SPREADING / 2)
    assert sim.entropy_grows(runs, share).verdict.word == ONLY_IF
    assert (
        sim.entropy_grows({"valley": runs["valley"], "narrow": runs["valley"]}, share).verdict.word == FAILS
    )


def test_a_channel_of_one_width_keeps_no_walker_in_its_valleys(monkeypatch):
    law = Prediction(sim.DEPTH * sim.mean_cosine(sim.DEPTH))

    def kept():
        run = sim.spreading(1.0, 500, 1)
        return sim.wide_is_kept(
            compare(time_mean(run, sim.place_entropy, sim.SPREADING / 2), law)
        ).verdict.word

    assert kept() == HOLDS
    straight = sim.channel(0.0)
    monkeypatch.setattr(sim, "channel", lambda depth: straight)
    assert kept() == FAILS
