"""A force that varies in time: the mean follows its equation, and no stationary law is claimed."""

import math
from dataclasses import replace

import numpy as np
import pytest

import langevin
from langevin import Problem, integrators, potentials, simulate
from langevin.errors import UsageError
from langevin.experiment.step_check import check_integrator


def mean(time, stiffness=1.0, force=1.0, frequency=1.0):
    turn = stiffness * math.cos(frequency * time) + frequency * math.sin(frequency * time)
    return force * (turn - stiffness * math.exp(-stiffness * time)) / (stiffness**2 + frequency**2)


def test_without_noise_the_walk_follows_the_closed_form():
    well = potentials.driven_well(2.0, 0.7, 3.0)
    run = simulate(
        Problem(well, 0.0, "driven"), integrators.driven(), walkers=3, steps=4000, dt=1e-3, every=1000, seed=1
    )
    wanted = [mean(time, 2.0, 0.7, 3.0) for time in run.times]
    np.testing.assert_allclose(
        run.states[0, :, 0], wanted, atol=2e-6
    )  # order 2: dt^2 times a number of order 1


def test_walkers_follow_the_equation_of_the_mean_and_not_that_of_another_frequency():
    report = langevin.ask(potentials.driven_well(frequency=2.0), temperature=0.1, seed=2)
    assert {row.verdict for row in report.comparisons} == {"agrees"}
    found = [(float(name.rpartition(" ")[2]), one) for name, one in report.measured.items()]
    wrong = [abs(one.value - mean(time, frequency=2.3)) / one.error for time, one in found]
    assert max(wrong) > 10


def test_the_theory_is_that_of_the_closed_form():
    report = langevin.ask(potentials.driven_well(), temperature=1.0, walkers=100, seed=1, horizon=3.0)
    for row in report.comparisons:
        assert row.predicted.value == pytest.approx(mean(row.point), abs=1e-8)


def test_a_force_that_is_not_linear_has_no_theory():
    drive = potentials.from_expression("-0.3 * sin(x) * cos(y)")
    landscape = potentials.with_drive(potentials.quadratic(1), drive)
    report = langevin.ask(landscape, temperature=0.5, walkers=100, seed=1)
    assert not report.comparisons


def test_frames_change_no_bit():
    problem, step = Problem(potentials.driven_well(), 0.3, "driven"), integrators.driven()
    whole = simulate(problem, step, walkers=20, steps=600, dt=0.01, every=100, seed=4)
    fewer = simulate(problem, step, walkers=20, steps=600, dt=0.01, every=200, seed=4)
    np.testing.assert_array_equal(whole.states[:, ::2], fewer.states)


def test_no_stationary_law_is_asked_for():
    with pytest.raises(UsageError, match="stationary"):
        langevin.ask(potentials.driven_well(), question="stationary", walkers=10)
    with pytest.raises(UsageError, match="varies in time"):
        langevin.ask(potentials.driven_well(), dynamics="soft", walkers=10)


def test_a_drive_needs_the_time_as_one_coordinate_more():
    with pytest.raises(UsageError, match="one more for the drive"):
        potentials.with_drive(potentials.quadratic(2), potentials.quadratic(2))
    with pytest.raises(UsageError, match="no plain loss"):
        potentials.with_drive(potentials.driven_well(), potentials.quadratic(2))


def test_a_wrong_gradient_of_the_drive_is_found():
    well = potentials.driven_well()
    wrong = replace(well.drive, gradient=lambda x, out, parameters: out.__setitem__(slice(None), 0.0))
    with pytest.raises(UsageError, match="gradient of the drive"):
        langevin.ask(replace(well, drive=wrong), temperature=0.5, walkers=10, seed=1)


def test_the_step_keeps_its_contracts():
    assert all(found.passed for found in check_integrator(integrators.driven()))


def test_a_run_that_is_extended_has_the_bits_of_one_in_one_piece(tmp_path):
    problem, step = Problem(potentials.driven_well(), 0.3, "driven"), integrators.driven()
    whole = simulate(problem, step, walkers=20, steps=600, dt=0.01, every=100, seed=4)
    half = simulate(problem, step, walkers=20, steps=300, dt=0.01, every=100, seed=4)
    both = langevin.extend(half, problem, step, steps=600, dt=0.01)
    np.testing.assert_array_equal(whole.states[:, -1], both.states[:, -1])


@pytest.mark.parametrize("frequency", [30.0, 1000.0])
def test_the_default_step_resolves_a_fast_force(frequency):
    fast = potentials.driven_well(frequency=frequency)
    assert fast.stiffness(1.0) == pytest.approx(1.0 + frequency, rel=0.1)
    same = potentials.from_expression("-x * cos(w * y)", w=frequency)
    formula = potentials.with_drive(potentials.quadratic(1), same)
    assert formula.stiffness(1.0) == pytest.approx(fast.stiffness(1.0), rel=0.01)
    report = langevin.ask(fast, temperature=0.01, walkers=50, seed=1, horizon=0.1)
    assert report.trajectory.meta["dt"] * frequency < 0.03


def test_a_rate_under_a_force_that_varies_is_refused():
    drive = potentials.from_expression("-0.3 * x * cos(y)")
    with pytest.raises(UsageError, match="the same at all times"):
        langevin.ask_rate(potentials.with_drive(potentials.double_well(), drive), 0.2)


def test_the_curvature_of_a_drive_counts():
    trap = potentials.from_expression("20 * (x - sin(y))**2")
    assert potentials.with_drive(potentials.quadratic(1), trap).stiffness(1.0) == pytest.approx(
        41.0, rel=0.01
    )


@pytest.mark.parametrize(
    ("loss", "drive"),
    [
        ("x**4 / 4", "-x * cos(y)"),  # odd about the start
        ("x**2 / 2", "exp(-2 * (y - 5)**2) * (x**4 / 4 + x**3 - x)"),  # linear except for some time
    ],
)
def test_a_force_that_is_not_linear_somewhere_has_no_theory(loss, drive):
    f, U = potentials.from_expression(loss), potentials.from_expression(drive)
    report = langevin.ask(
        potentials.with_drive(f, U), temperature=0.5, walkers=50, seed=1, dt=0.01, horizon=8.0
    )
    assert not report.comparisons


def test_a_start_away_from_the_usual_one_has_its_own_mean():
    report = langevin.ask(
        potentials.driven_well(), temperature=0.05, walkers=4000, seed=1, start=[2.0], horizon=4.0
    )
    assert {row.verdict for row in report.comparisons} == {"agrees"}


def test_the_clock_of_a_force_begins_at_the_first_step():
    problem, step = Problem(potentials.driven_well(), 0.3, "driven"), integrators.driven()
    with pytest.raises(UsageError, match="its clock begins at 0 in every run"):
        simulate(
            problem,
            step,
            walkers=2,
            steps=10,
            dt=0.01,
            seed=4,
            start=langevin.Start(np.zeros((2, 1)), first_step=5),
        )


def test_temperature_0_is_no_question_of_a_driven_loss():
    with pytest.raises(UsageError, match="comes to no rest"):
        langevin.ask(potentials.driven_well(), temperature=0.0, walkers=10)


def test_a_start_that_is_no_state_is_one_sentence():
    for start in (3.0, "here", [[[0.0]]]):
        with pytest.raises(UsageError, match="start must be a state"):
            langevin.ask(potentials.driven_well(), start=start, walkers=2)
