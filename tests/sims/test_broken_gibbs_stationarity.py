"""The stationarity sim must notice walkers that are not at the temperature of the Gibbs law."""

import pytest

import sims.gibbs_stationarity as sim
from langevin.experiment.claims import FAILS, HOLDS, ONLY_IF

pytestmark = pytest.mark.statistical


def verdicts(monkeypatch, heat):
    monkeypatch.setattr(sim, "SIMULATED_THETA", heat * sim.THETA)
    monkeypatch.setattr(sim, "SIZES", {True: (1000, 400, (1, 1, 1))})
    return [finding.verdict.word for finding in sim.answer(quick=True).findings]


def test_walkers_too_hot_are_not_stationary(monkeypatch):
    whole = verdicts(monkeypatch, 1.0)
    assert whole[0] == HOLDS
    assert whole[1].startswith(ONLY_IF)
    assert verdicts(monkeypatch, 1.3)[:2] == [FAILS, FAILS]
