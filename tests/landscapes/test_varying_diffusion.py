"""A diffusion that varies: both laws of motion settle in their own distribution and reach a target at its mean time."""

import math
from dataclasses import replace

import numpy as np
import pytest

import langevin
from langevin import Problem, integrators, potentials, simulate, theory
from langevin.errors import UsageError
from langevin.experiment.step_check import check_integrator
from langevin.landscapes.curvature import stiffness_under
from langevin.landscapes.evaluate import scalar_value
from langevin.theory.escape.varying_diffusion import mean_time_on_line
from langevin.theory.escape.varying_law import power_of_fall, slowest_rate, stationary_mean
from langevin.theory.quadrature import antiderivative
from langevin.types import Diffusion

LAWS = ("mobility", "ito-noise")
ACTS = {"mobility": Diffusion.MOBILITY, "ito-noise": Diffusion.NOISE}


def double_well(formula):
    return potentials.with_diffusion(potentials.double_well(), potentials.from_expression(formula))


@pytest.mark.parametrize("law", LAWS)
def test_a_constant_diffusion_has_the_times_of_the_plain_loss(law):
    # with the mobility 2 the clock runs twice as fast; noise alone doubles the temperature
    plain, landscape = scalar_value(potentials.double_well()), double_well("2 + 0 * x")
    speed, heat = (2.0, 1.0) if law == "mobility" else (1.0, 2.0)
    wanted = theory.escape.exact_escape_time(plain, -1.0, 1.0, 0.2 * heat).value / speed
    assert mean_time_on_line(landscape, ACTS[law], 0.2, -1.0, 1.0).value == pytest.approx(wanted, rel=1e-10)


def test_ito_noise_in_the_student_well_has_the_moments_and_the_power_of_student():
    stiffness, width, theta = 1.5, 2.0, 0.7
    well = potentials.student_well(stiffness, width)
    found = stationary_mean(well, ACTS["ito-noise"], theta, lambda places: places**2)
    assert found.value == pytest.approx(theta * width**2 / (stiffness * width**2 - theta), rel=1e-9)
    assert power_of_fall(well, ACTS["ito-noise"], theta) == pytest.approx(
        2.0 + stiffness * width**2 / theta, rel=1e-6
    )
    assert power_of_fall(well, ACTS["mobility"], theta) > 1e6


@pytest.mark.parametrize("law", LAWS)
def test_walkers_settle_in_the_law_of_their_motion_and_not_in_that_of_the_other(law):
    report = langevin.ask(
        potentials.student_well(width=1.5), dynamics=law, temperature=0.3, walkers=4000, seed=4, dt=0.002
    )
    assert {row.verdict for row in report.comparisons} == {"agrees"}
    square = report.measured["E |x|^2"]
    gibbs, student = 0.3, 0.3 * 2.25 / (2.25 - 0.3)
    own, other = (gibbs, student) if law == "mobility" else (student, gibbs)
    # bias of the step: below 1 %
    assert abs(square.value - own) < 4 * square.error + 0.01 * own
    assert abs(square.value - other) > 6 * square.error


@pytest.mark.parametrize("law", LAWS)
def test_the_mean_time_to_a_target_is_that_of_the_theory(law):
    landscape = double_well("1 + exp(-4 * x**2)")
    report = langevin.ask(landscape, dynamics=law, temperature=0.5, walkers=2000, seed=5)
    (row,) = report.comparisons
    assert row.verdict == "agrees"
    found = report.measured["mean escape time"]
    plain = theory.escape.exact_escape_time(scalar_value(potentials.double_well()), -1.0, 1.0, 0.5).value
    assert abs(found.value - plain) > 5 * found.error  # a theory without the varying diffusion is excluded


def test_an_infinite_moment_is_out_of_range():
    # k w^2 / theta = 2.25 / 1: the density falls as |x|^-4.25, so E x^4 is infinite
    report = langevin.ask(
        potentials.student_well(width=1.5),
        dynamics="ito-noise",
        temperature=1.0,
        walkers=200,
        seed=1,
        dt=0.01,
    )
    assert {row.verdict for row in report.comparisons} == {"out of range"}
    assert not report.measured["E |x|^2"].mixed
    assert "falls as |x|^-4.25 and E |x|^4 is infinite" in report.text


def test_a_wrong_gradient_of_the_diffusion_is_found():
    well = potentials.student_well()
    wrong = replace(well.diffusion, gradient=lambda x, out, parameters: out.__setitem__(slice(None), 0.0))
    with pytest.raises(UsageError, match="gradient of the diffusion"):
        langevin.ask(replace(well, diffusion=wrong), temperature=0.5, walkers=10, seed=1)


def test_a_diffusion_in_two_dimensions_keeps_the_gibbs_law():
    factor = potentials.from_expression("1 + 0.8 * sin(x) * cos(y)")
    landscape = potentials.with_diffusion(potentials.quadratic(2), factor)
    settings = {"temperature": 0.5, "walkers": 4000, "seed": 2, "dt": 0.004}
    right = langevin.ask(landscape, **settings)
    assert {row.verdict for row in right.comparisons} == {"agrees"}
    assert not langevin.ask(landscape, dynamics="ito-noise", **settings).comparisons  # its law is not known


@pytest.mark.parametrize(
    ("potential", "factor", "said"),
    [
        (langevin.manifolds.sphere(), potentials.quadratic(3), "no plain loss"),
        (potentials.quadratic(2), potentials.quadratic(1), "the same number"),
        (potentials.quadratic(1), potentials.quadratic(1), "above 0"),
        (potentials.student_well(), potentials.quadratic(1), "no plain loss"),
    ],
)
def test_what_cannot_vary_is_refused(potential, factor, said):
    with pytest.raises(UsageError, match=said):
        potentials.with_diffusion(potential, factor)


def test_other_laws_of_motion_refuse_a_diffusion_that_varies():
    with pytest.raises(UsageError, match="varies, which soft motion does not use"):
        langevin.ask(potentials.student_well(), dynamics="soft", walkers=10)
    with pytest.raises(UsageError, match="does not vary"):
        langevin.ask(potentials.quadratic(), dynamics="mobility", walkers=10)


@pytest.mark.parametrize("make", [integrators.mobility, integrators.ito_noise])
def test_the_steps_keep_their_contracts(make):
    assert all(found.passed for found in check_integrator(make()))


def test_a_walker_where_the_diffusion_is_negative_has_diverged():
    landscape = potentials.with_diffusion(potentials.quadratic(1), potentials.from_expression("0.5 - x"))
    run = simulate(
        Problem(landscape, 0.5, "ito-noise"),
        integrators.ito_noise(),
        walkers=200,
        steps=2000,
        dt=0.002,
        seed=1,
    )
    assert run.counts["diverged"] > 50


def test_an_antiderivative_is_exact_near_and_far():
    integral = antiderivative(lambda x: np.cos(3.0 * x) * np.exp(-0.1 * x), 0.5)

    def exact(x):
        return np.exp(-0.1 * x) * (3.0 * np.sin(3.0 * x) - 0.1 * np.cos(3.0 * x)) / 9.01

    places = np.array([-7.0, 0.5, 0.51, 3.0, 40.0])
    np.testing.assert_allclose(integral(places), exact(places) - exact(0.5), atol=1e-12)


@pytest.mark.parametrize(("law", "speed", "heat"), [("mobility", 0.3, 1.0), ("ito-noise", 1.0, 0.3)])
def test_the_slowest_rate_is_that_of_the_plain_loss_at_another_speed_or_temperature(law, speed, heat):
    plain = scalar_value(potentials.double_well())
    wanted = speed * theory.fokker_planck.slowest_rate_on_line(plain, 0.4 * heat)
    found = slowest_rate(double_well("0.3 + 0 * x"), ACTS[law], 0.4)
    assert found == pytest.approx(wanted, rel=1e-3)


def test_a_run_that_is_short_for_its_barrier_is_out_of_range():
    landscape = double_well("0.2 + 0 * x")
    report = langevin.ask(
        landscape,
        dynamics="ito-noise",
        question="stationary",
        temperature=0.3,
        horizon=20.0,
        walkers=100,
        seed=1,
    )
    assert {row.verdict for row in report.comparisons} <= {"out of range", "not mixed"}


def test_a_narrow_place_of_the_diffusion_makes_the_step_small():
    bump = potentials.from_expression("1 + 50 * exp(-1000 * (x - 0.5)**2)")
    plain = potentials.with_diffusion(potentials.quadratic(1), potentials.from_expression("1 + 0 * x"))
    narrow = potentials.with_diffusion(potentials.quadratic(1), bump)
    assert plain.stiffness(0.5) < 2.0
    assert narrow.stiffness(0.5) > 1000.0


def test_a_hot_place_that_noise_alone_never_reaches_leaves_its_step_as_it_is():
    # int x dx / D is 200 at x = 2 and the temperature 1: walkers with noise alone reach it with probability exp(-200)
    def rates(formula):
        made = potentials.with_diffusion(potentials.quadratic(1), potentials.from_expression(formula))
        return [stiffness_under(made, 1.0, ACTS[law]) for law in LAWS]

    with_mobility, alone = rates("0.01 + 1e6 * exp(-100 * (x - 2)**2)")
    assert alone == pytest.approx(1.0, rel=1e-6)
    assert with_mobility > 1e6  # walkers with the Gibbs law reach the target
    # int x dx / D is 2 at x = 2: now walkers reach it
    assert rates("1 + 1e6 * exp(-100 * (x - 2)**2)")[1] > 1e6


def test_a_run_of_noise_alone_takes_the_step_of_its_own_rates():
    landscape = potentials.with_diffusion(
        potentials.quadratic(1), potentials.from_expression("0.01 + 1e6 * exp(-100 * (x - 2)**2)")
    )
    report = langevin.ask(landscape, dynamics="ito-noise", temperature=1.0, walkers=2000, seed=1)
    assert report.trajectory.meta["dt"] > 1e-3
    square = next(row for row in report.comparisons if row.quantity == "E |x|^2")
    assert square.verdict == "agrees"
    assert report.measured["E |x|^2"].value == pytest.approx(0.01, rel=0.1)
    with pytest.raises(UsageError, match="unstable"):
        langevin.ask(landscape, dynamics="mobility", temperature=1.0, walkers=10, seed=1, dt=0.02)


@pytest.mark.parametrize("law", LAWS)
def test_a_diffusion_that_touches_zero_gets_no_verdict(law):
    well = potentials.from_expression("(x - 1)**2 / 2")
    landscape = potentials.with_diffusion(well, potentials.from_expression("x**2"))
    report = langevin.ask(landscape, dynamics=law, temperature=0.5, walkers=100, seed=1, dt=0.01, horizon=5.0)
    assert not {row.verdict for row in report.comparisons} & {"agrees", "excluded"}


def test_a_loss_of_infinite_variance_is_out_of_range():
    # the density falls as |x|^-6: E f of f = x^4 / 4 is finite, and E f^2 is infinite
    quartic = potentials.from_expression("x**4 / 4")
    landscape = potentials.with_diffusion(quartic, potentials.from_expression("1 + x**4"))
    report = langevin.ask(
        landscape, dynamics="ito-noise", temperature=0.5, walkers=200, seed=1, dt=0.001, horizon=10.0
    )
    (row,) = (one for one in report.comparisons if one.quantity == "E f")
    assert row.verdict in ("out of range", "not mixed")
    assert not report.measured["E f"].mixed


def test_a_density_that_falls_faster_than_every_power_has_no_power():
    for formula in ("exp(x**2 / 8)", "exp(-x**2 / 2)", "1 - x**2 / 4"):
        landscape = potentials.with_diffusion(potentials.quadratic(1), potentials.from_expression(formula))
        assert power_of_fall(landscape, ACTS["ito-noise"], 0.5) == math.inf


@pytest.mark.parametrize("make", [potentials.student_well, potentials.driven_well])
def test_weight_decay_is_no_part_of_it(make):
    with pytest.raises(UsageError, match="with which weight decay cannot be combined"):
        potentials.with_weight_decay(make(), 0.5)
