"""Refused steps slow the motion although the law is exact: no theory of times is judged by a run with many of them."""

from dataclasses import replace

import pytest

from langevin import potentials
from langevin.comparison import overall
from langevin.experiment.late_times import slow_note
from langevin.experiment.live_question import run
from langevin.experiment.question import Settings
from langevin.experiment.step_error import UNKNOWN
from langevin.theory.surfaces.stationary import TIGHT

WELL = Settings(seed=1, threads=1, walkers=1000, temperature=0.4, integrator="mala")
#: Mean time out of the double well at this temperature, by quadrature.
EXACT = 16.567


@pytest.fixture
def without_curvature(monkeypatch):
    """Make dt x curvature unknown, as for a loss without a known curvature."""
    monkeypatch.setattr("langevin.theory.surfaces.fine_steps.TIMES", 10.0)
    monkeypatch.setattr("langevin.questions.first_passage.error_of_time", lambda setting: UNKNOWN)


def test_no_time_is_judged_by_a_run_of_refused_steps(without_curvature, monkeypatch):
    """With dt = 0.1 a fraction of 15 % of the steps is refused, and times are 28 % too long."""
    report = run(potentials.double_well, {}, replace(WELL, dt=0.1))
    time = report.measured["mean escape time"]
    assert time.value - 5 * time.error > EXACT
    assert set(overall(report.comparisons).values()) == {"out of range"}
    assert "15.2% of all steps were refused" in report.text
    monkeypatch.setattr("langevin.questions.first_passage.slowed_share", lambda setting, trajectory: 0.0)
    blind = run(potentials.double_well, {}, replace(WELL, dt=0.1))
    assert overall(blind.comparisons)["exact quadrature"] == "excluded"


def test_few_refused_steps_are_in_the_remainder():
    """With dt = 0.003 a fraction of 0.09 % of the steps is refused."""
    report = run(potentials.double_well, {}, replace(WELL, dt=0.003))
    exact = next(row for row in report.comparisons if row.theory == "exact quadrature")
    assert exact.verdict in ("agrees", "inconclusive")
    assert exact.predicted.in_range
    assert exact.predicted.remainder == pytest.approx(4 * 0.0009 * EXACT, rel=0.1)
    assert "refused" not in report.text


def test_the_diffusion_of_a_slow_clock_is_not_judged(uncompiled, without_curvature):
    short = replace(WELL, temperature=None, walkers=60, horizon=30.0)
    for dt, holds in ((0.5, False), (0.05, True)):
        report = run(potentials.periodic, {}, replace(short, dt=dt))
        row = next(row for row in report.comparisons if row.quantity == "D of a coordinate")
        assert row.predicted.in_range == holds
        assert ("steps were refused" in report.text) != holds


def test_what_is_small_is_not_said():
    assert slow_note(0.0) == slow_note(TIGHT) == ""
    assert "2.0% of all steps" in slow_note(0.08)
