"""A walk that is warmer than it says, and a start that is no narrow: the verdicts change."""

from langevin.comparison import compare_all, overall
from langevin.experiment.claims import FAILS, ONLY_IF
from sims import narrows_and_valleys as sim


def narrow_costs(heating):
    times = [sim.through(depth, sim.HEAT, 200, 1 + i) for i, depth in enumerate((0.0, sim.DEPTH))]
    cold = sim.through(sim.DEPTH, heating * sim.COLD, 200, 3)
    rows = compare_all((0.0, sim.DEPTH), times, sim.passage_curves(), logarithmic=True)
    return sim.narrow_costs((0.0, sim.DEPTH), times, times[1], cold, overall(rows)).verdict.word


def test_a_walk_at_twice_its_temperature_is_noticed():
    assert narrow_costs(1.0).startswith(ONLY_IF)
    assert narrow_costs(2.0) == FAILS


def test_a_walk_that_does_not_leave_the_valley_gains_no_entropy():
    runs = {name: sim.spreading(place, 500, 1) for name, place in (("valley", 0.0), ("narrow", 1.0))}
    assert sim.entropy_grows(runs).verdict.word.startswith(ONLY_IF)
    assert sim.entropy_grows({"valley": runs["valley"], "narrow": runs["valley"]}).verdict.word == FAILS
