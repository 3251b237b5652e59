"""Valleys of equal width although theory assumes a wider one, or no constriction, change the verdicts."""

import langevin
from langevin.comparison import compare_all
from langevin.experiment.claims import FAILS, HOLDS, UNDECIDED, WHERE
from langevin.types import Measurement
from sims import volume_effect as sim


def verdict():
    share, _ = sim.measured(sim.SLOPE, 2, 60, 1)
    return sim.volumes_decide(compare_all([2], [share], [sim.share_curve(sim.SLOPE)])).verdict.word


def test_equal_volumes_are_told_from_unequal_ones(monkeypatch):
    assert verdict() == HOLDS

    def level(family, transverse):
        return langevin.manifolds.canal_with(
            sim.profile, sim.profile_slope, transverse, start=-1.5, parameters=(sim.STIFFNESS, 0.0, 0.0), period=6.3
        )  # fmt: skip

    monkeypatch.setattr(sim, "valleys", level)
    assert verdict() == FAILS


def test_a_walk_that_has_not_mixed_leaves_the_shares_open():
    theory = sim.share_curve(sim.SLOPE)
    shares = [Measurement(theory.predict(dim).value, 0.005, 200, "share", dim == 2) for dim in (2, 4)]
    assert sim.volumes_decide(compare_all([2, 4], shares, [theory])).verdict.word == UNDECIDED


def measured(dims, walkers):
    """Shares and relaxation times of the two families of valleys, at the first and the last number of dimensions."""
    return {
        family: [sim.measured(family, dim, walkers, 1 + 10 * place + i) for i, dim in enumerate(ends)]
        for place, (family, ends) in enumerate(dims.items())
    }


def easier(dims, results):
    return sim.gets_easier(dims, results).verdict.word


def test_a_narrow_on_every_way_or_on_none_is_another_verdict(monkeypatch):
    dims = {sim.SLOPE: (1, 8), sim.GATE: (1, 3)}
    results = measured(dims, 40)
    assert easier(dims, results) == WHERE
    assert easier(dims, dict.fromkeys(dims, results[sim.GATE])) == FAILS
    monkeypatch.setattr(sim, "NARROW", 0.0)
    wider = dict.fromkeys(dims, (1, 8))
    assert easier(wider, measured(wider, 120)) == HOLDS
