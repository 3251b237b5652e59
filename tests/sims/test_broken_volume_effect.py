"""Valleys of equal width where theory is told of a wider one: the verdict changes."""

import langevin
from langevin.comparison import compare_all
from langevin.experiment.claims import FAILS, HOLDS
from sims import volume_effect as sim


def verdict():
    share, _ = sim.measured(sim.SLOPE, 2, 40, 1)
    return sim.volumes_decide(compare_all([2], [share], [sim.share_curve(sim.SLOPE)])).verdict.word


def test_equal_volumes_are_told_from_unequal_ones(monkeypatch):
    assert verdict() == HOLDS

    def level(family, transverse):
        return langevin.manifolds.canal_with(
            sim.profile, sim.profile_slope, transverse, start=-1.5, parameters=(sim.STIFFNESS, 0.0, 0.0), period=6.3
        )  # fmt: skip

    monkeypatch.setattr(sim, "valleys", level)
    assert verdict() == FAILS
