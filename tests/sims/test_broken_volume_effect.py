"""Valleys of equal width although theory assumes a wider one, or no constriction, change the verdicts."""

from dataclasses import replace

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


def easier(times):
    """Shares rise in every family; relaxation times change from 1 to these."""
    dims = dict.fromkeys((sim.SLOPE, sim.GATE, sim.ROOMS), (1, 4))
    share, time = Measurement(0.6, 0.01, 200, "share"), Measurement(1.0, 0.03, 200, "time")
    results = {
        family: [(share, time), (replace(share, value=0.9), replace(time, value=last, error=0.03 * last))]
        for family, last in zip(dims, times, strict=True)
    }
    return sim.gets_easier(dims, results).verdict.word


def test_times_that_fall_or_grow_everywhere_are_another_verdict():
    assert easier((0.5, 4.0, 2.0)) == WHERE
    assert easier((0.5, 0.5, 0.5)) == HOLDS
    assert easier((2.0, 4.0, 2.0)) == FAILS
