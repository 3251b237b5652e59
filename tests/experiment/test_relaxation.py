"""The decay of correlations on a surface, compared with the spectrum on its triangles, or without a spectrum."""

from dataclasses import replace

import pytest

from langevin import manifolds
from langevin.comparison import overall
from langevin.dynamics import dynamics_of
from langevin.experiment.answering import question_named
from langevin.experiment.live_question import run
from langevin.experiment.question import Settings
from langevin.experiment.recorded_question import answer_question
from langevin.experiment.theories import curves_of, theories_for
from langevin.integrators import euler_maruyama, projected, tangential
from langevin.types import Case, Setting
from langevin.types.step_meta import step_meta

ASKED = Settings(seed=1, threads=1, question="relaxation", walkers=400)
RUN = replace(ASKED, dynamics="projected", temperature=0.5, dt=0.001)


def with_walls(x, out, parameters):
    for lane in range(x.shape[1]):
        out[lane] = -x[0, lane]


@pytest.mark.statistical
@pytest.mark.filterwarnings("ignore::langevin.ensemble.checks.StepSizeWarning")
def test_a_walk_forgets_as_the_spectrum_says():
    report = run(manifolds.ellipsoid, {"dim": 3}, replace(RUN, walkers=4000, dt=0.002, horizon=20.0))
    verdicts = overall(report.comparisons)
    assert {"law of E x_1^2", "spectrum, x_1", "spectrum, x_3"} <= verdicts.keys()
    assert set(verdicts.values()) <= {"agrees", "inconclusive"}
    assert verdicts["spectrum, x_1"] == "agrees"
    slow = replace(report.trajectory, meta={**report.trajectory.meta, "temperature": 0.4})
    again, _ = answer_question(slow, manifolds.ellipsoid(3))
    assert overall(again.comparisons)["spectrum, x_1"] == "excluded"
    other = replace(
        report.trajectory, meta={**report.trajectory.meta, "step": step_meta(projected("flow", "isotropic"))}
    )
    again, _ = answer_question(other, manifolds.ellipsoid(3))
    assert overall(again.comparisons)["law of E x_1^2"] == "excluded"


@pytest.mark.parametrize(
    ("make", "motion", "step", "why"),
    [
        (
            lambda: replace(manifolds.sphere(3), walls=with_walls),
            "projected",
            projected(),
            "no theory gives the relaxation on sphere",
        ),
        (
            lambda: manifolds.ellipsoid(2),
            "projected",
            projected(),
            "relaxation on ellipsoid: it is known on surfaces of two dimensions",
        ),
        (lambda: manifolds.sphere(3), "soft", euler_maruyama(), "soft motion has a width about sphere"),
        (lambda: manifolds.ellipsoid(3), "projected", tangential(), "whose heat along the surface changes"),
        (lambda: manifolds.ellipsoid(3), "projected", replace(projected(), law=None), "is not known"),
    ],
)
def test_where_there_is_no_spectrum_a_sentence_says_why(make, motion, step, why):
    case = Case(make(), dynamics_of(motion), step.law)
    assert not theories_for("relaxation", case)
    assert why in question_named("relaxation").without_theory(case)


def test_a_surface_too_sharp_for_triangles_is_measured_all_the_same(uncompiled):
    report = run(
        manifolds.ellipsoid, {"dim": 3, "aspect": 8.0}, replace(RUN, walkers=50, horizon=1e-3, dt=1e-5)
    )
    assert "surface relaxation has no number here: the piece of ellipsoid" in report.text
    assert not report.comparisons
    assert "correlation of x_1 over t = 0.000" in report.text


def test_coarse_kicks_put_the_spectrum_out_of_range():
    case = Case(manifolds.sphere(3), dynamics_of("projected"), projected().law, "surface")
    for dt, holds in ((0.2, False), (0.002, True)):
        curves, _ = curves_of("relaxation", Setting(case, 0.5, dt))
        assert all(curve.predict(1.0).in_range == holds for curve in curves)
        assert len(curves) == 5


def test_it_is_asked_by_its_name_alone():
    report = run(manifolds.torus, {}, replace(RUN, question=None, walkers=10, horizon=0.1))
    assert report.record["question"] == "moments"


def test_a_run_that_still_remembers_its_start_is_not_judged():
    report = run(manifolds.torus, {}, replace(RUN, walkers=100, horizon=4.0))
    assert set(overall(report.comparisons).values()) == {"not mixed"}
    assert "a longer run is needed" in report.text
