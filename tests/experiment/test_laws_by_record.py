"""Verdicts depend on the law of a step, not on its name: steps with the same law have the same answer."""

from dataclasses import replace

import pytest

from langevin import manifolds
from langevin.comparison import overall
from langevin.experiment import Settings, run
from langevin.experiment.recorded_question import answer_question
from langevin.types import step_meta
from tests.comparisons import rows_of

pytestmark = pytest.mark.statistical


def asked(integrator=None, dynamics=None, **dials):
    settings = Settings(
        seed=1, walkers=1000, threads=1, dynamics=dynamics, integrator=integrator, integrator_dials=dials
    )
    return run(manifolds.canal, {}, settings)


def test_label_noise_and_the_heavy_ball_without_momentum_have_one_answer():
    """They have the same bits; if the second were judged by its name, it would be excluded at 6 errors."""
    labels, ball = asked(dynamics="label-noise"), asked("heavy-ball", momentum=0.0)
    assert (labels.trajectory.states == ball.trajectory.states).all()
    assert rows_of(labels.comparisons) == rows_of(ball.comparisons)
    assert overall(ball.comparisons)["trace"] == "agrees"


def test_the_heavy_ball_is_laid_beside_the_law_of_its_own_step():
    report = asked("heavy-ball", momentum=0.8)
    assert overall(report.comparisons)["trace"] == "agrees"


def test_noise_of_two_points_has_the_law_of_normal_noise():
    normal, signs = asked(), asked("euler-maruyama", noise="two-point")
    for one, other in zip(normal.comparisons, signs.comparisons, strict=True):
        assert (one.theory, one.predicted) == (other.theory, other.predicted)
    assert overall(signs.comparisons)["log-det"] in ("agrees", "inconclusive")


def test_a_file_that_says_another_law_of_its_step_is_found_out():
    """The file of a label-noise run claims even noise: the log-det law would hold then, and is excluded."""
    report = asked(dynamics="label-noise")
    even = asked()
    said = {**report.trajectory.meta, "step": even.trajectory.meta["step"]}
    answer, _ = answer_question(replace(report.trajectory, meta=said), manifolds.canal())
    assert next(iter(answer.comparisons)).theory == "log-det"
    assert overall(answer.comparisons)["log-det"] == "excluded"


def test_no_theory_stands_beside_a_step_whose_law_is_not_known():
    from langevin.integrators import euler_maruyama

    report = asked()
    step = step_meta(replace(euler_maruyama(), law=None))
    answer, _ = answer_question(
        replace(report.trajectory, meta={**report.trajectory.meta, "step": step}), manifolds.canal()
    )
    assert not answer.comparisons
    assert "not known" in answer.text


@pytest.mark.parametrize("convention", ["ito", "klimontovich"])
def test_noise_that_goes_by_the_stiffness_is_even_where_the_set_is_as_stiff_everywhere(convention):
    """On a sphere D = k^p is constant: this is Brownian motion on a faster clock, with its questions and answers."""
    settings = Settings(
        seed=1, walkers=1000, threads=1, integrator="tangential", integrator_dials={"convention": convention}
    )
    report = run(manifolds.sphere, {}, settings)
    assert overall(report.comparisons)["forgetting"] in ("agrees", "inconclusive")
    slow = replace(report.trajectory, meta={**report.trajectory.meta, "temperature": 5e-4})
    assert overall(answer_question(slow, manifolds.sphere())[0].comparisons) == {"forgetting": "excluded"}
