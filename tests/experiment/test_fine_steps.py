"""No theory is judged by a run with steps too coarse for it, with too small a box, or of another motion."""

import math
from dataclasses import replace

import numpy as np
import pytest

from langevin import manifolds, potentials, theory
from langevin.comparison import overall
from langevin.dynamics import dynamics_of
from langevin.experiment.late_times import late_share, note_of, with_late_times
from langevin.experiment.live_question import run
from langevin.experiment.question import Settings
from langevin.experiment.rare_escape import rare_escape
from langevin.experiment.theories import curves_of, theories_for
from langevin.integrators import (
    euler_maruyama,
    heun,
    leimkuhler_matthews,
    metropolis,
    projected,
    reflected,
    tangential,
)
from langevin.landscapes.starts import usual_point
from langevin.theory.passage.bodies import body_passage_curve
from langevin.theory.surfaces.fine_steps import coarse_along, coarse_for_time, coarse_in_body
from langevin.types import Box, Case, Curve, Effort, Facts, Prediction, Setting, Status, StepLaw, Trajectory
from tests.synthetic import record

ONE = Settings(seed=1, threads=1, walkers=60)
EMPTY = Trajectory(np.zeros(1), np.zeros(1, np.int64), np.zeros((0, 1, 1)), {}, {}, {})

#: Question, landscape, law of motion, step, temperature, a dt too coarse for theories, and a dt that is fine enough.
COARSE = {
    "law in a well": ("stationary law", potentials.quadratic(), "soft", euler_maruyama(), 1.0, 0.5, 0.05),
    "law on a line": ("stationary law", potentials.quartic(), "soft", euler_maruyama(), 1.0, 0.02, 0.002),
    "law in the plane": ("stationary law", potentials.quartic(2), "soft", euler_maruyama(), 1.0, 0.02, 0.001),
    "law by a step of second order": (
        "stationary law", potentials.quartic(), "soft", leimkuhler_matthews(), 1.0, 0.04, 0.02,
    ),
    "law of a step without properties": (
        "stationary law", potentials.quadratic(), "soft", replace(euler_maruyama(), law=None), 1.0, 0.5, 0.05,
    ),
    "two wells": ("first passage", potentials.double_well(), "soft", euler_maruyama(), 0.2, 0.02, 0.002),
    "wells in the plane": ("first passage", potentials.saddle(), "soft", heun(), 0.2, 0.1, 0.02),
    "spreading": ("spreading", potentials.periodic(), "soft", euler_maruyama(), 1.0, 0.5, 0.01),
    "a channel": ("first passage", manifolds.channel(), "reflected", reflected(), 1.0, 0.02, 2e-4),
    "chambers": ("first passage", manifolds.chambers(), "reflected", reflected(), 1.0, 0.02, 2e-4),
    "the cube": ("grokking time", manifolds.cube(3, 2), "reflected", reflected(), 1.0, 0.02, 2e-4),
    "a valley": ("drift", manifolds.canal(), "projected", projected("flow", "isotropic"), 0.1, 0.5, 0.05),
    "a valley by a step that may be refused": (
        "drift", manifolds.canal(), "projected", metropolis("gibbs"), 0.1, 0.05, 0.002,
    ),
    "a surface": ("flatness", manifolds.ellipsoid(3), "projected", projected(), 0.1, 0.02, 2e-4),
    "a sphere": ("displacement", manifolds.sphere(), "projected", projected(), 0.1, 0.5, 0.05),
}  # fmt: skip


@pytest.mark.parametrize("name", COARSE)
def test_coarse_steps_put_theories_out_of_range(name):
    question, landscape, motion, step, theta, coarse, fine = COARSE[name]
    watched = question == "first passage"
    case = Case(landscape, dynamics_of(motion), step.law, step.measure, watched=watched)
    point = {"drift": 0.01, "flatness": 0.001, "displacement": 0.01, "grokking time": 2}.get(question, theta)
    for dt, holds in ((coarse, False), (fine, True)):
        curves, reasons = curves_of(question, Setting(case, theta, dt, usual_point(landscape)))
        found = [curve.predict(point) for curve in curves]
        assert any(one.in_range for one in found) == holds
        assert all(math.isfinite(one.value) for one in found if one.in_range)
        assert any("use a smaller step" in reason for reason in reasons) != holds


@pytest.mark.parametrize("name", ["two wells", "the cube", "a surface"])
@pytest.mark.parametrize(("theta", "dt"), [(math.nan, 1.0), (1.0, math.nan), (1.0, math.inf)])
def test_nothing_is_said_of_a_step_or_temperature_that_is_not_known(name, theta, dt):
    """According to a file, which may have any content."""
    _, landscape, motion, step, *_ = COARSE[name]
    setting = Setting(
        Case(landscape, dynamics_of(motion), step.law, step.measure), theta, dt, usual_point(landscape)
    )
    assert (coarse_for_time(setting), coarse_in_body(setting), coarse_along(setting)) == ("", "", "")


@pytest.mark.filterwarnings("ignore::langevin.ensemble.checks.StepSizeWarning")
def test_what_was_measured_by_coarse_steps_stands_beside_the_reason():
    report = run(potentials.double_well, {"barrier": 2.0}, replace(ONE, temperature=1.0, dt=0.01))
    assert set(overall(report.comparisons).values()) == {"out of range"}
    assert report.measured["mean escape time"].mixed
    assert (
        "wells (exact quadrature, Eyring-Kramers) is out of range: dt x largest curvature is 0.7, above 0.6: "
        "use a smaller step" in report.text
    )


def test_an_exact_law_has_no_coarse_step():
    report = run(potentials.quadratic, {}, replace(ONE, integrator="mala", dt=1.5, horizon=60.0))
    assert "out of range" not in overall(report.comparisons).values()


def test_a_rate_by_coarse_steps_is_not_judged():
    effort = Effort(100, replicas=10)
    coarse, fine = (
        rare_escape(potentials.double_well(), [0.2], seed=1, dt=dt, effort=effort, threads=1)
        for dt in (0.02, 0.002)
    )
    assert set(coarse.record["verdicts"].values()) == {"out of range"}
    assert "at 0.2 theories are out of range: dt x largest curvature is 0.5" in coarse.text
    assert "out of range" not in fine.record["verdicts"].values()


@pytest.mark.parametrize(("make", "hot"), [(potentials.mueller_brown, 400.0), (potentials.saddle, 20.0)])
def test_a_box_that_walkers_leave_is_no_reference(make, hot):
    case = Case(make(), dynamics_of("soft"), StepLaw(), watched=True)
    for temperature, holds in ((case.landscape.facts.barrier / 5, True), (hot, False)):
        curves, _ = curves_of("first passage", Setting(case, temperature, 1e-9))
        backward = next(curve for curve in curves if curve.name == "backward equation")
        assert backward.predict(temperature).in_range == holds


@pytest.mark.parametrize("law", [StepLaw(exponent=1.0), StepLaw(heat=0.5), StepLaw(pull=2.0)])
def test_laws_of_another_motion_are_not_laid_beside_it(law):
    other = replace(dynamics_of("soft"), name="other")
    for question, make, watched in (
        ("stationary law", potentials.quadratic, False),
        ("stationary law", potentials.quartic, False),
        ("spreading", potentials.periodic, False),
        ("first passage", potentials.double_well, True),
        ("first passage", potentials.mueller_brown, True),
    ):
        assert theories_for(question, Case(make(), dynamics_of("soft"), StepLaw(), watched=watched))
        assert not theories_for(question, Case(make(), other, law, watched=watched))
        assert not theories_for(question, Case(make(), other, None, watched=watched))


def test_a_body_with_a_loss_has_no_time_of_free_diffusion():
    body = manifolds.channel()
    assert "body-volumes" in theories_for("first passage", Case(body, dynamics_of("reflected"), None))
    sloped = replace(body, gradient=potentials.quadratic(dim=2).gradient)
    assert "body-volumes" not in theories_for("first passage", Case(sloped, dynamics_of("reflected"), None))


def test_starts_in_the_target_are_left_out_where_the_run_leaves_them_out():
    """For the cube with one free side, the time from starts outside the target is longer by 1 / (1 - eps)."""
    cube = manifolds.cube(2, 1, 0.25)
    box = Box((0.0, 0.0), (0.25, 1.0)) if cube.parameters is None else Box((0.0, 0.0), (1.0, 1.0))
    cube = replace(cube, facts=Facts(box=box))
    whole, outside = (
        body_passage_curve(cube, box.lower, box.upper, 0.25, flag).predict(1.0) for flag in (False, True)
    )
    assert outside.value / whole.value == pytest.approx(1 / 0.75, rel=0.01)


def test_a_periodic_loss_is_not_judged_before_a_period():
    report = run(potentials.periodic, {}, replace(ONE, horizon=2.0))
    assert overall(report.comparisons)["law of D of a coordinate"] == "not mixed"
    assert "for a period" in report.text


def test_the_sharpest_place_of_a_surface_decides_whether_a_law_holds_on_it():
    """The squared curvature at the inner equator of a fat torus is 25 times the one at the start."""
    thin, fat = manifolds.torus(minor=0.9), manifolds.torus(minor=1.8)
    for torus, holds in ((thin, True), (fat, False)):
        case = Case(torus, dynamics_of("projected"), projected().law, "surface")
        curves, _ = curves_of("moments", Setting(case, 0.1, 0.02))
        assert all(curve.predict(0.1).in_range == holds for curve in curves)


def test_uneven_noise_along_a_surface_makes_longer_kicks():
    """A stiffness of 100 makes a diffusion of 100 theta."""
    for power, holds in ((0.0, True), (1.0, False)):
        step = tangential("klimontovich", power=power)
        case = Case(manifolds.sphere(), dynamics_of("projected"), step.law, step.measure)
        curves, _ = curves_of("moments", Setting(case, 0.1, 0.01))
        assert curves
        assert all(curve.predict(0.1).in_range == holds for curve in curves)


def two_wells(x, out, parameters):
    for lane in range(x.shape[1]):
        out[lane] = 4.0 * (x[0, lane] ** 2 - 1.0) ** 2 + 0.5 * x[0, lane]


def two_slopes(x, out, parameters):
    for lane in range(x.shape[1]):
        out[0, lane] = 16.0 * x[0, lane] * (x[0, lane] ** 2 - 1.0) + 0.5


def test_a_run_that_crosses_no_barrier_is_not_judged_by_the_gibbs_law():
    """Walkers stay for a time of about e^8 in a well of depth 8 theta, and seem to have settled there."""
    wells = potentials.potential(two_wells, two_slopes, 1, start=[1.0])
    case = Case(wells, dynamics_of("soft"), StepLaw())
    for duration, holds in ((20.0, False), (1e5, True), (math.inf, True)):
        curves, _ = curves_of("stationary law", Setting(case, 0.5, 1e-4, duration=duration))
        assert all(curve.predict(0.5).in_range == holds for curve in curves)
    report = run(lambda: wells, {}, replace(ONE, temperature=0.5, dt=1e-3, horizon=5.0, walkers=400))
    assert report.measured["E f"].mixed
    assert set(overall(report.comparisons).values()) == {"out of range"}


def test_times_to_a_target_watched_at_step_ends_are_laid_beside_no_theory_or_a_wider_one():
    """Steps of 0.14 and 0.01 to an end at 1: times are too long by up to 16 % and 1.2 %."""
    for dt, share in ((0.01, 0.165), (5e-5, 0.0117)):
        wells = Case(potentials.double_well(), dynamics_of("soft"), StepLaw(), watched=True)
        setting = Setting(wells, 1.0, dt, usual_point(wells.landscape) + np.array([1.0]))
        run_without = replace(EMPTY, meta={"target_shift": 0.0, "bridge": False})
        found = late_share(setting, run_without)
        assert found == pytest.approx(share, rel=0.01)
        told = with_late_times([Curve("one", lambda point: Prediction(2.0), "", "")], found)[0].predict(0.0)
        assert told.in_range == (share < 0.05)
        assert told.remainder == pytest.approx(2.0 * share, rel=0.01)
        assert "without a correction" in note_of(found)
    corrected = replace(EMPTY, meta={"target_shift": 0.01, "bridge": False})
    assert late_share(setting, corrected) == 0.0
    assert note_of(0.0) == ""


def test_a_small_target_is_as_wide_as_the_places_where_it_is_hit():
    """With a cap of half-angle 0.6 times are 2.3 % too long; an estimate from the distance to the target gave 1.4 %."""
    sphere = replace(manifolds.sphere(), target=lambda x, out, parameters: out.fill(2.5))
    states = np.zeros((3, 2, 3))
    states[:, 1] = [[0.6, 0.0, -0.8], [-0.6, 0.0, -0.8], [0.0, 0.6, -0.8]]
    events = {"status": np.full(3, Status.HIT), "step": np.ones(3), "time": np.ones(3)}
    meta = {"target_shift": 0.0, "bridge": False}
    hit = record(states, [0.0, 1.0], events=events, meta=meta)
    case = Case(sphere, dynamics_of("projected"), StepLaw(across=False), watched=True)
    setting = Setting(case, 1.0, 0.00045, np.array([0.0, 0.0, 1.0]))
    assert late_share(setting, hit) == pytest.approx(2 * 0.5826 * math.sqrt(2 * 0.00045) / 0.6, rel=1e-3)
    missed = replace(hit, events={**events, "status": np.full(3, Status.CENSORED)})
    assert late_share(setting, missed) == pytest.approx(late_share(setting, hit) * 0.6 / 2.5, rel=1e-6)


@pytest.mark.parametrize("correction", ["none", "shift"])
def test_what_is_not_corrected_is_said(correction):
    report = run(manifolds.cube, {"dim": 2, "samples": 1}, replace(ONE, dt=2e-4, correction=correction))
    assert ("without a correction: times are too long by up to" in report.text) == (correction == "none")


def test_one_rate_of_forgetting_is_that_of_heat_alone():
    """If walkers have a drift, correlations of coordinates do not decay at the rate of Brownian motion."""
    uneven = manifolds.ellipsoid(3, axes=(1.0, 1.01, 1.02))
    uneven = replace(uneven, facts=replace(uneven.facts, decay=2.0))
    start = theory.surfaces.on_surface(uneven, np.full((1, 3), 0.5))[0]
    for landscape, pull, known in ((uneven, 0.0, 1), (uneven, 1.0, 0), (manifolds.stiefel(), 1.0, 1)):
        law = StepLaw(across=False, pull=pull)
        place = start if landscape is uneven else usual_point(landscape)
        curves, _ = curves_of(
            "displacement", Setting(Case(landscape, dynamics_of("projected"), law), 0.1, 1e-3, place)
        )
        assert len(curves) == known
