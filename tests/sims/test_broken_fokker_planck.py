"""The Fokker-Planck sim must detect walkers that follow the equation at another temperature."""

import pytest

import sims.fokker_planck as sim
from langevin.experiment.claims import FAILS, HOLDS

pytestmark = pytest.mark.statistical


def verdicts(monkeypatch, heat):
    monkeypatch.setattr(sim, "SIMULATED_THETA", heat * sim.THETA)
    return [finding.verdict.word for finding in sim.answer(quick=True).findings]


def test_walkers_a_quarter_too_hot_are_told_from_the_law(monkeypatch):
    assert verdicts(monkeypatch, 1.0) == [HOLDS, HOLDS]
    assert verdicts(monkeypatch, 1.25) == [FAILS, FAILS]
