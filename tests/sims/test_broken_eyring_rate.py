"""The rate sim must notice walkers that are not at the temperature of Eyring's formula."""

import pytest

import sims.eyring_rate as sim
from langevin.experiment.claims import FAILS, ONLY_IF

pytestmark = pytest.mark.statistical


def verdict(monkeypatch, heat):
    monkeypatch.setattr(sim, "HEAT", heat)
    monkeypatch.setattr(sim, "WAITED", {True: (2, 4)})
    monkeypatch.setattr(sim, "SPLIT", {True: (6, 24)})
    monkeypatch.setattr(sim, "PASS_BARRIER", 6)
    monkeypatch.setattr(sim, "WALKERS", {True: (1000, 100, 10)})
    return sim.answer(quick=True).findings[0].verdict.word


def test_walkers_ten_per_cent_too_hot_escape_too_soon(monkeypatch):
    assert verdict(monkeypatch, 1.0).startswith(ONLY_IF)
    assert verdict(monkeypatch, 1.1) == FAILS
