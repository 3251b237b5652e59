"""The sim of wide and narrow wells must detect wells of another width than stated, and a wrong temperature."""

import pytest

import langevin
import sims.wide_and_narrow_wells as sim
from langevin.experiment.claims import FAILS, HOLDS, ONLY_IF, WHERE
from langevin.types import Measurement

pytestmark = pytest.mark.statistical


@pytest.fixture(autouse=True)
def few(monkeypatch):
    monkeypatch.setattr(sim, "RATIOS", (1.0, 5.0))
    monkeypatch.setattr(sim, "WALKERS", {True: (5000, 120)})


@pytest.fixture
def unwaited(monkeypatch):
    monkeypatch.setattr(sim, "cold_stays", lambda *numbers: Measurement(5.0, 0.05, 6000, "ratio"))


def verdicts():
    return [finding.verdict.word for finding in sim.answer(quick=True).findings]


def test_wells_of_another_width_do_not_hold_the_walkers_that_gibbs_says(monkeypatch, unwaited):
    assert verdicts()[:2] == [HOLDS, ONLY_IF]
    problem, other = langevin.Problem, sim.two_wells(4.0)
    monkeypatch.setattr(langevin, "Problem", lambda well, theta: problem(other, theta))
    assert verdicts()[0] == FAILS


def test_walkers_that_start_inside_the_wide_well_are_captured_by_it_in_both_ways(monkeypatch, unwaited):
    start = langevin.Start
    monkeypatch.setattr(langevin, "Start", lambda place, first_step: start([2.5], first_step=first_step))
    assert verdicts()[:2] == [HOLDS, HOLDS]


def test_hot_walkers_do_not_stay_as_the_formula_says(monkeypatch):
    assert verdicts()[2] == WHERE
    monkeypatch.setattr(sim, "SIMULATED_THETA", 3.0 * sim.THETA)
    found = verdicts()
    assert found[0] == HOLDS  # entropy alone divides the walkers, at any temperature
    assert found[2] == FAILS
