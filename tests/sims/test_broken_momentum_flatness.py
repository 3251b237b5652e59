"""Without an effect of momentum there is no best momentum: the verdict changes."""

from langevin.experiment.claims import FAILS, ONLY_IF
from langevin.integrators import heavy_ball
from sims import momentum_flatness as sim


def test_without_momentum_there_is_no_optimum(monkeypatch):
    assert [one.verdict.word for one in sim.answer(quick=True).findings] == [ONLY_IF, ONLY_IF]
    monkeypatch.setattr(sim, "heavy_ball", lambda momentum: heavy_ball(0.0))
    for finding in sim.answer(quick=True).findings:
        assert finding.verdict.word == FAILS
