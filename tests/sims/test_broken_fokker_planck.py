"""The Fokker-Planck sim must notice walkers that follow the equation at another temperature."""

import pytest

import sims.fokker_planck as sim
from langevin.experiment.claims import FAILS, HOLDS

pytestmark = pytest.mark.statistical


def verdicts(monkeypatch, heat):
    monkeypatch.setattr(sim, "SIMULATED_THETA", heat * sim.THETA)
    monkeypatch.setattr(sim, "WALKERS", {True: 40_000})
    return [finding.verdict.word for finding in sim.answer(quick=True).findings]


def test_walkers_ten_per_cent_too_hot_lie_above_the_sampling_floor(monkeypatch):
    assert verdicts(monkeypatch, 1.0) == [HOLDS, HOLDS]
    assert verdicts(monkeypatch, 1.1) == [FAILS, FAILS]
