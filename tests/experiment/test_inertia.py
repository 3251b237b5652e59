"""Motion with inertia is compared with stationary laws, and with no theory of overdamped times."""

from dataclasses import replace

import pytest

from langevin import integrators, potentials, registry
from langevin.comparison import overall
from langevin.dynamics import dynamics_of
from langevin.experiment import Settings, run
from langevin.experiment.recorded_question import answer_question
from langevin.experiment.step_check import case_of, kept_in_well
from langevin.experiment.theories import left_out, theories_for
from langevin.integrators import underdamped
from langevin.types import Case, StepLaw, step_meta


def case(landscape, law):
    return Case(landscape, dynamics_of("soft"), law, watched=landscape.target is not None)


@pytest.mark.parametrize(
    ("make", "question", "none"),
    [
        (potentials.double_well, "first passage", True),
        (potentials.mueller_brown, "first passage", True),
        (potentials.periodic, "spreading", False),
    ],
)
def test_no_theory_of_overdamped_times_applies(make, question, none):
    plain, inert = (case(make(), StepLaw(inertia=inertia)) for inertia in (0.0, 1.0))
    here, others = theories_for(question, inert), theories_for(question, plain)
    assert here.keys() < others.keys()
    assert (not here) == none
    assert all(theory.stationary for theory in here.values())
    assert left_out(question, plain) == ""
    said = left_out(question, inert)
    assert said.startswith(
        "walkers keep their velocity for a time of 1, so their times are not compared with theories"
    )
    assert all(name.replace("_", " ") in said for name in others.keys() - here.keys())


def test_laws_in_the_long_run_apply_to_all_soft_motion():
    for make in (potentials.quadratic, potentials.quartic):
        plain, inert = (case(make(), StepLaw(inertia=inertia)) for inertia in (0.0, 1.0))
        assert theories_for("stationary law", inert).keys() == theories_for("stationary law", plain).keys()
        assert theories_for("stationary law", inert)
        assert left_out("stationary law", inert) == ""


def test_only_theories_of_laws_in_the_long_run_say_that_they_are():
    said = {name for name, theory in registry.entries("theories").items() if theory.stationary}
    assert said == {
        "curve-shares", "field-means", "gibbs-line", "gibbs-quadratic", "gibbs-sampled", "known-moments",
        "known-soft-moments", "periodic-means", "varying-diffusion-means",
    }  # fmt: skip


@pytest.mark.statistical
@pytest.mark.parametrize("name", ["mala", "underdamped"])
def test_both_references_settle_in_the_law_of_a_quartic_well(name):
    """A run and its own record agree with quadrature; at a temperature 30 % off, the law is excluded."""
    settings = Settings(seed=1, threads=1, integrator=name, dt=0.02)
    report = run(potentials.quartic, {}, settings)
    assert set(overall(report.comparisons).values()) <= {"agrees", "inconclusive"}
    hot = replace(report.trajectory, meta={**report.trajectory.meta, "temperature": 1.3})
    assert "excluded" in overall(answer_question(hot, potentials.quartic())[0].comparisons).values()


@pytest.mark.statistical
def test_an_escape_with_inertia_is_measured_and_no_theory_is_judged():
    """With the defaults of the command, without an overshoot correction; a file that hides the inertia is judged."""
    settings = Settings(seed=1, threads=1, walkers=200, temperature=0.4, integrator="underdamped")
    report = run(potentials.double_well, {}, settings)
    assert report.trajectory.counts["hit"] == 200
    assert not report.comparisons
    assert "so their times are not compared with theories of overdamped motion: wells" in report.text
    said = {**report.trajectory.meta, "step": step_meta(integrators.euler_maruyama())}
    hidden, _ = answer_question(replace(report.trajectory, meta=said), potentials.double_well())
    assert overall(hidden.comparisons)["exact quadrature"] == "excluded"


def test_defaults_are_stable_at_strong_friction():
    settings = Settings(
        seed=1, threads=1, walkers=20, integrator="underdamped", integrator_dials={"friction": 300.0}
    )
    report = run(potentials.quadratic, {}, replace(settings, horizon=1.0))
    dt, limit = report.trajectory.meta["dt"], underdamped(300.0).stability_at(1.0)
    assert dt == pytest.approx(0.25 * limit)


@pytest.mark.parametrize("inertia", [0.01, 0.24, 0.25, 0.26, 4.0])
def test_what_is_left_of_the_start_solves_its_equation(inertia):
    """It solves inertia x'' + x' + x = 0, tested by differences with an error of 1e-6, and x'(0) = 0."""
    step = 1e-3

    def place(time):
        return kept_in_well(inertia, time)

    for time in (0.5, 2.0):
        speed = (place(time + step) - place(time - step)) / (2.0 * step)
        push = (place(time + step) - 2.0 * place(time) + place(time - step)) / step**2
        assert inertia * push + speed + place(time) == pytest.approx(0.0, abs=1e-5)
    assert place(0.0) == 1.0
    assert kept_in_well(1e-8, 1.0) == pytest.approx(kept_in_well(0.0, 1.0), rel=1e-6)


def test_the_order_of_motion_with_inertia_is_measured_beside_its_own_law():
    assert case_of(underdamped()).exact == pytest.approx(kept_in_well(1.0, 2.0) ** 2 * (2.25 - 0.02) + 0.02)
