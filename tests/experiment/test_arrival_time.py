"""Bodies with walls and a target: the simulation is compared with finite volumes of the same body."""

from dataclasses import replace

import pytest

from langevin.dynamics import dynamics_of
from langevin.errors import UsageError
from langevin.experiment import Settings, run
from langevin.experiment.theories import curves_of
from langevin.manifolds import chambers, channel
from langevin.types import Case, Facts, Setting


def arrival_time(body, settings):
    return run(lambda: body, {}, settings)


def times_of(body):
    """The theories of the time to the body's target, divided by the temperature."""
    case = Case(body, dynamics_of("reflected"), law=None, watched=True)
    curves, _ = curves_of("first passage", Setting(case, temperature=1.0, dt=1e-4))
    return curves


def test_a_walk_through_a_channel_takes_the_time_that_finite_volumes_and_resistances_say():
    report = run(chambers, {"width": 0.4}, Settings(seed=3, precision=0.05, threads=1))
    assert [row.verdict for row in report.comparisons] == ["agrees", "agrees"]
    assert report.comparisons[0].predicted.remainder < 0.02 * report.comparisons[0].predicted.value
    assert "0 censored" in report.text


def test_a_wall_without_thickness_has_no_mesh_but_a_closed_form():
    (curve,) = times_of(chambers(length=0.0))
    assert curve.name == "resistances in series"
    assert [curve.name for curve in times_of(chambers(dim=3))] == ["finite volume", "resistances in series"]
    assert [curve.name for curve in times_of(chambers(dim=4))] == ["resistances in series"]


def test_a_walk_in_four_dimensions_takes_the_time_of_its_channel():
    """A channel of 0.4 in R^4: within 4 errors of the series of resistances; one of 0.5 is excluded."""
    body = chambers(dim=4, width=0.4)
    report = arrival_time(body, Settings(seed=3, walkers=400, dt=4e-4, threads=1))
    (row,) = report.comparisons
    measured = row.measured
    assert abs(measured.value - row.predicted.value) < 4 * measured.error + 0.05 * measured.value
    wider = times_of(chambers(dim=4, width=0.5))[0].predict(1.0)
    assert abs(measured.value - wider.value) > 4 * measured.error + 0.05 * measured.value


def test_another_body_is_told_apart():
    """The reference for a channel with narrows half as deep is excluded by a simulation with the deep ones."""
    body = channel()
    other = replace(channel(amplitude=0.4), facts=body.facts)
    report = arrival_time(other, Settings(seed=3, precision=0.05, threads=1))
    true = arrival_time(body, Settings(seed=3, walkers=40, threads=1))
    wrong = abs(report.comparisons[0].measured.value - true.comparisons[0].predicted.value)
    assert wrong > 5 * report.comparisons[0].measured.error


def test_a_body_refuses_other_laws_and_unknown_widths():
    with pytest.raises(UsageError, match="its dynamics may be reflected"):
        arrival_time(chambers(), Settings(seed=1, dynamics="soft"))
    with pytest.raises(UsageError, match="the width of the target of chambers is not known"):
        arrival_time(replace(chambers(), facts=Facts()), Settings(seed=1))
