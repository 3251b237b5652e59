"""The error of the steps is a part of the printed error of times and squared distances."""

import math
from dataclasses import replace

import numpy as np
import pytest

from langevin import manifolds, potentials
from langevin.comparison import compare, neighbour_differences
from langevin.dynamics import dynamics_of
from langevin.errors import UsageError
from langevin.experiment.live_question import run
from langevin.experiment.question import Settings
from langevin.experiment.rare_escape import rare_escape
from langevin.experiment.step_error import ROUND, SECOND, error_of_time
from langevin.experiment.time_scales import border
from langevin.landscapes.starts import all_at
from langevin.measure import confidence_interval
from langevin.measure.combined import difference, ratio, scaled, with_step_error
from langevin.measure.interval import log_of
from langevin.types import Case, Effort, Measurement, Prediction, Setting, StepLaw, Waits

QUICK = Settings(seed=1, threads=1, walkers=200)
TIME = Measurement(10.0, 0.1, 10_000, "sample mean", law=Waits(10_000, 100_000.0))


def error_of(landscape, settings):
    report = run(landscape, {}, settings)
    measured = next(iter(report.measured.values()))
    return measured.step_error / measured.value, report


@pytest.mark.parametrize(
    ("landscape", "settings", "power"),
    [
        pytest.param(potentials.double_well, {"integrator": "heun"}, 2.0, id="second order"),
        pytest.param(potentials.double_well, {"integrator": "euler-maruyama"}, 1.0, id="first order"),
        pytest.param(manifolds.channel, {}, 0.5, id="body"),
        pytest.param(
            manifolds.torus, {"dynamics": "projected", "question": "displacement"}, 1.0, id="surface"
        ),
    ],
)
def test_it_falls_with_the_step_as_the_order_says(uncompiled, landscape, settings, power):
    asked = replace(QUICK, walkers=20, horizon=0.2, temperature=0.2, **settings)
    coarse, report = error_of(landscape, replace(asked, dt=0.002))
    fine, _ = error_of(landscape, replace(asked, dt=0.001))
    assert coarse / fine == pytest.approx(2.0**power, rel=1e-3)
    assert f"contain that of the steps, {100 * coarse:.2g} % of the value" in report.text


def beyond_one(x, out, parameters):
    for lane in range(x.shape[1]):
        out[lane] = 1.0 - x[0, lane]


def test_a_target_on_a_slope_adds_half_the_square_of_the_rise(uncompiled):
    """At x = 1 in the well x^2 / 2 the loss rises by sqrt(2 theta dt) in a step: half the square over theta^2."""
    well = replace(potentials.quadratic(), target=beyond_one)
    asked = replace(QUICK, walkers=20, horizon=0.01, temperature=0.5, dt=1e-3, integrator="heun")
    share, _ = error_of(lambda: well, asked)
    assert share == pytest.approx(math.hypot(1e-3 / 0.5, SECOND * 1e-6))


def ball(x, out, parameters):
    for lane in range(x.shape[1]):
        out[lane] = math.sqrt((x[:, lane] ** 2).sum()) - 0.2


def box(x, out, parameters):
    """The distance to |x|, |y| <= 0.2 from outside."""
    for lane in range(x.shape[1]):
        aside, up = abs(x[0, lane]) - 0.2, abs(x[1, lane]) - 0.2
        out[lane] = math.hypot(aside, up) if min(aside, up) > 0.0 else max(aside, up)


def in_a_bowl(target, dim):
    start = (*np.zeros(dim - 1), 1.0)
    return replace(potentials.quadratic(dim=dim), target=target, start=all_at(np.array(start)))


def test_steps_longer_than_a_small_target_are_in_the_error():
    """T = int_a^1 r^-3 int_r^inf s^3 exp((r^2 - s^2) / 2) ds dr = int_a^1 (1 / r + 2 / r^3) dr, with a = 0.2."""
    exact = math.log(5.0) + 24.0
    asked = replace(QUICK, walkers=20_000, temperature=1.0, dt=0.08, horizon=1000.0, integrator="heun")
    share, report = error_of(lambda: in_a_bowl(ball, 4), asked)
    time = report.measured["mean escape time"]
    assert share == pytest.approx(ROUND * (0.4 * 3.0 / 0.2) ** 2, rel=0.01)
    assert abs(time.value - exact) < time.error
    assert compare(replace(time, error=time.scatter, step_error=0.0), Prediction(exact)).verdict == "excluded"


def test_a_corner_of_a_target_is_not_curved():
    for start in ((0.0, 1.0), (1.0, 1.0)):
        found = border(replace(in_a_bowl(box, 2), start=all_at(np.array(start))), 1.0)
        assert found.curvature == pytest.approx(0.0, abs=1e-5)


def high(x, out, parameters):
    for lane in range(x.shape[1]):
        out[lane] = 0.98 - x[1, lane]


def at_the_right(x, out, parameters):
    for lane in range(x.shape[1]):
        out[lane] = math.hypot(x[0, lane] - 1.0, x[1, lane]) - 0.3


def test_targets_that_meet_a_curve_at_different_angles_add_nothing():
    """Each target has its shift; one shift for both would make the time 1.6 +- 0.4 % too short with kicks of 0.03."""

    def share(*targets):
        circle = replace(manifolds.sphere(dim=2), target=targets, start=all_at(np.array((-1.0, 0.0))))
        case = Case(circle, dynamics_of("projected"), StepLaw(across=False, pull=0.0), watched=True)
        return error_of_time(Setting(case, 1.0, 4.5e-4)).share

    assert share(high, at_the_right) < 0.003
    assert share(high) == pytest.approx(share(at_the_right), rel=1e-6)
    assert share(high) < 0.003


def residual(x, out, parameters):
    for lane in range(x.shape[1]):
        out[0, lane] = x[0, lane] ** 4 + x[1, lane] ** 4 - 1.0


def jacobian(x, out, parameters):
    for lane in range(x.shape[1]):
        out[0, 0, lane], out[0, 1, lane] = 4.0 * x[0, lane] ** 3, 4.0 * x[1, lane] ** 3


def test_a_flat_start_on_a_bent_curve_does_not_hide_the_error():
    """Along x^4 + y^4 = 1 from (-1, 0), whose curvature is 0, times are 1.8 +- 0.15 % too short with kicks of 0.1."""

    curve = manifolds.constraint(
        residual, jacobian, 2, 1, start=(-1.0, 0.0), stiffness=16.0, target=beyond_one
    )
    case = Case(curve, dynamics_of("projected"), StepLaw(across=False, pull=0.0), watched=True)
    coarse, fine = (error_of_time(Setting(case, 1.0, dt)).share for dt in (5e-3, 5e-4))
    assert 0.0175 < coarse < 0.05
    assert coarse / fine == pytest.approx(10.0, rel=0.05)


def test_the_error_is_that_of_scatter_and_steps_together():
    both = with_step_error(TIME, 0.03)
    assert both.step_error == pytest.approx(0.3)
    assert both.error**2 == pytest.approx(0.1**2 + 0.3**2)
    assert both.scatter == pytest.approx(0.1)
    assert with_step_error(both, 0.0) == replace(TIME, error=both.scatter)
    assert scaled(both, 2.0).scatter == pytest.approx(0.2)


def test_differences_ratios_and_logarithms_keep_both_parts():
    both = with_step_error(TIME, 0.03)
    assert log_of(both).step_error == pytest.approx(0.03)
    assert log_of(both).scatter == pytest.approx(0.01)
    apart, over = difference(both, both, "apart"), ratio(both, both, "over")
    slope = neighbour_differences([0, 1], [both, both])[1][0]
    assert apart.scatter == pytest.approx(0.1 * math.sqrt(2.0))
    assert over.scatter == slope.scatter == pytest.approx(0.01 * math.sqrt(2.0))


def test_interval_and_score_widen():
    both = with_step_error(TIME, 0.03)
    low, high = confidence_interval(both)
    assert low == pytest.approx(10.0 - 1.96 * 0.3162, rel=0.01)
    assert high == pytest.approx(10.0 + 1.96 * 0.3162, rel=0.01)
    truth = Prediction(10.4)
    assert compare(TIME, truth, logarithmic=True).verdict == "excluded"
    blunt = compare(both, truth, logarithmic=True)
    assert blunt.verdict == "agrees"
    assert blunt.z == pytest.approx(-0.0392 / 0.03162, rel=0.02)


def test_a_wrong_theory_is_still_excluded():
    assert compare(with_step_error(TIME, 0.03), Prediction(11.5), logarithmic=True).verdict == "excluded"


def test_precision_is_that_of_both_together():
    report = run(potentials.double_well, {}, replace(QUICK, temperature=0.5, precision=0.02))
    time = report.measured["mean escape time"]
    assert time.scatter < time.error <= 0.02 * time.value
    with pytest.raises(UsageError, match=r"the steps alone cause an error of about 0\.49 %"):
        run(potentials.double_well, {}, replace(QUICK, temperature=0.5, precision=0.004))


def test_it_is_unknown_of_a_step_with_inertia(uncompiled):
    asked = replace(QUICK, walkers=20, horizon=0.1, temperature=0.5, integrator="underdamped")
    share, report = error_of(potentials.double_well, asked)
    assert share == 0.0
    assert "which is not known here: `langevin simulate --check-dt`" in report.text


def test_rates_have_it_too():
    found = rare_escape(
        potentials.double_well(), [0.2], seed=1, threads=1, effort=Effort(walkers=20, replicas=10)
    )
    run_ = found.runs[0]
    assert run_.rate.step_error / run_.rate.value == pytest.approx(0.0025)
    assert run_.mean_time.step_error / run_.mean_time.value == pytest.approx(0.0025)
    assert "0.25 % of the value" in found.text


@pytest.mark.slow
@pytest.mark.parametrize(("integrator", "share"), [("heun", 0.0049), ("euler-maruyama", 0.001)])
def test_the_time_is_right_within_scatter_and_steps(integrator, share):
    """Out of the double well over 4 theta, with 300 000 walkers: their scatter is 0.18 %."""
    asked = Settings(seed=2, walkers=300_000, temperature=0.25, integrator=integrator)
    report = run(potentials.double_well, {}, asked)
    row = next(row for row in report.comparisons if row.theory == "exact quadrature")
    assert abs(row.ratio - 1.0) < 2.0 * row.measured.error / row.measured.value
    assert row.measured.step_error / row.measured.value == pytest.approx(share, rel=0.05)
