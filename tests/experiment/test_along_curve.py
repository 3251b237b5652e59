"""The law along a user-defined curve: each dynamics settles in its law, and the other laws are excluded."""

import math
from dataclasses import replace

import numpy as np
import pytest

import langevin
from langevin import Problem, manifolds
from langevin.comparison import overall
from langevin.errors import UsageError
from langevin.experiment import Settings, run
from langevin.experiment.recorded_question import answer_question
from langevin.experiment.settled import shares
from langevin.store import load, save
from langevin.theory.surfaces.cached import curve_of
from tests.comparisons import rows_of

pytestmark = pytest.mark.statistical


def residual(x, out, parameters):
    a, b = parameters
    for lane in range(x.shape[1]):
        out[0, lane] = (x[0, lane] / a) ** 2 + (x[1, lane] / b) ** 2 - 1.0


def jacobian(x, out, parameters):
    a, b = parameters
    for lane in range(x.shape[1]):
        out[0, 0, lane] = 2.0 * x[0, lane] / a**2
        out[0, 1, lane] = 2.0 * x[1, lane] / b**2


def ellipse(angle: float = 0.8):
    """Semi-axes 3 and 1; the loss is flattest at the ends of the long axis; walkers start at an eccentric angle."""
    start = [3.0 * math.cos(angle), math.sin(angle)]
    return manifolds.constraint(residual, jacobian, 2, 1, start=start, parameters=(3.0, 1.0))


LAWS = [
    ({}, "gibbs"),
    ({"dynamics": "projected"}, "surface"),
    ({"dynamics": "projected", "measure": "gibbs"}, "gibbs"),
    ({"dynamics": "projected", "projection": "gauss-newton"}, "det^-1"),
]


@pytest.mark.parametrize(("changes", "law"), LAWS)
def test_the_law_along_the_curve_is_that_of_the_dynamics_and_no_other(changes, law):
    """50 walkers exclude the other laws, but cannot exclude a difference of 10 %."""
    report = run(ellipse, {}, Settings(seed=7, threads=1, walkers=50, **changes))
    verdicts = overall(report.comparisons)
    assert f"should settle in the law {law!r}" in report.text
    assert verdicts.pop(law) == "inconclusive"
    assert set(verdicts) | {law} == {"surface", "gibbs", "det^-1", "trace"}
    assert set(verdicts.values()) == {"excluded"}


@pytest.mark.slow
@pytest.mark.parametrize(("changes", "law"), LAWS)
def test_the_usual_walkers_are_enough_to_agree(changes, law):
    report = run(ellipse, {}, Settings(seed=8, **changes))
    verdicts = overall(report.comparisons)
    assert verdicts.pop(law) == "agrees"
    assert set(verdicts.values()) == {"excluded"}


def test_a_coarse_step_is_laid_beside_the_law_of_its_step():
    """dt x stiffness is 0.05 to 0.4: with Euler-Maruyama the drift to the flat side is stronger, with others not."""
    flattest = []
    for integrator in ("euler-maruyama", "leimkuhler-matthews"):
        settings = Settings(
            seed=7, walkers=10, dt=0.1, temperature=1e-3, horizon=500.0, integrator=integrator
        )
        rows = run(ellipse, {}, settings).comparisons
        flattest.append(next(row.predicted.value for row in rows if row.theory == "gibbs"))
    # by quadrature over the eccentric angle t: the density along it is 1 in the limit of small steps, and at a step
    # dt (1 - dt a / 2)^(1/2) with a = 4 (cos^2 t / 9 + sin^2 t)
    t = np.linspace(0, 2 * np.pi, 20_000, endpoint=False)
    speed = np.hypot(3 * np.sin(t), np.cos(t))
    stiffness = 4 * (np.cos(t) ** 2 / 9 + np.sin(t) ** 2)
    order = stiffness.argsort()
    near = order[speed[order].cumsum() <= speed.sum() / 4]
    for dt, found in zip((0.1, 0.0), flattest):
        weights = np.sqrt(1 - dt * stiffness / 2)
        assert found == pytest.approx(
            weights[near].sum() / weights.sum(), abs=1e-3
        )  # 2000 points on the curve
    assert flattest[0] - flattest[1] > 0.01


def test_label_noise_drifts_by_the_trace():
    report = run(ellipse, {}, Settings(seed=7, threads=1, walkers=500, dynamics="label-noise"))
    verdicts = overall(report.comparisons)
    assert verdicts.pop("trace") == "agrees"
    assert set(verdicts.values()) == {"excluded"}
    assert "displacement along the curve" in report.text


def test_where_no_law_has_a_drift_nothing_is_decided():
    """At the flattest point no law has a drift: rounding must not distinguish them."""
    made = ellipse(0.0)
    problem = Problem(made, 1e-3, "label-noise")
    start = langevin.Start([3.0, 0.0], first_step=0)
    answer, _ = answer_question(
        langevin.simulate(problem, walkers=20, steps=1000, dt=0.02, seed=7, start=start), made
    )
    assert set(overall(answer.comparisons).values()) == {"inconclusive"}
    assert "another start by a dial" in answer.text


def test_walkers_that_would_rest_at_the_usual_start_start_elsewhere():
    report = run(lambda: ellipse(0.0), {}, Settings(seed=7, threads=1, walkers=20, dynamics="label-noise"))
    verdicts = overall(report.comparisons)
    assert verdicts.pop("trace") != "excluded"
    assert set(verdicts.values()) == {"excluded"}
    assert "not at the usual start of the landscape" in report.text


def test_walkers_of_label_noise_must_start_in_one_place():
    report = run(ellipse, {}, Settings(seed=7, threads=1, walkers=20, dynamics="label-noise"))
    turned = report.trajectory.states.copy()
    turned[::2] *= -1.0
    answer, (line,) = answer_question(replace(report.trajectory, states=turned), ellipse())
    assert answer is None
    assert "did not start at one place" in line


@pytest.mark.parametrize("dynamics", ["projected", "label-noise"])
def test_a_file_is_asked_the_same_and_answers_the_same(dynamics, tmp_path):
    report = run(ellipse, {}, Settings(seed=3, threads=1, dynamics=dynamics, walkers=20))
    recorded = load(save(tmp_path / "run.h5", report.trajectory))
    again, lines = answer_question(recorded, ellipse())
    assert again.text == report.text
    assert rows_of(again.comparisons) == rows_of(report.comparisons)
    assert not lines
    report.draw(str(tmp_path / "figure.png"))
    assert (tmp_path / "figure.png").stat().st_size > 10_000


def test_a_surface_that_is_built_in_is_asked_of_its_file(tmp_path):
    report = run(manifolds.valley, {}, Settings(seed=3, threads=1, dynamics="projected", walkers=20))
    again, _ = answer_question(load(save(tmp_path / "run.h5", report.trajectory)))
    assert again.text == report.text


def test_a_file_that_lies_about_its_measure_is_found_out():
    report = run(ellipse, {}, Settings(seed=7, threads=1, walkers=50, dynamics="projected"))
    flat = report.trajectory.states * np.array([1.0, 0.2])  # moved towards the flat ends
    (moved, _) = answer_question(replace(report.trajectory, states=flat), ellipse())
    assert overall(moved.comparisons)["surface"] == "excluded"


def test_a_short_walk_is_not_mixed():
    report = run(ellipse, {}, Settings(seed=7, threads=1, dynamics="projected", horizon=20.0))
    assert "excluded" not in overall(report.comparisons).values()
    assert set(overall(report.comparisons).values()) == {"not mixed"}


def test_a_common_drift_is_not_mixed_though_every_walker_moves_fast():
    report = run(ellipse, {}, Settings(seed=7, threads=1, dynamics="projected", walkers=100))
    shifted = report.trajectory.states.copy()
    late = shifted.shape[1] * 3 // 4
    # for the last quarter of the time all move along the ellipse, somewhat to the flat ends
    shifted[:, late:, 1] *= 0.8
    x, y = shifted[:, late:, 0], shifted[:, late:, 1]
    shifted[:, late:, 0] = 3.0 * np.sign(x) * np.sqrt(1 - y**2)
    found = shares(curve_of(ellipse()), replace(report.trajectory, states=shifted))
    assert not found[0].mixed
    assert "not stationary" in found[0].note


def test_where_the_hessian_is_the_same_all_along_the_laws_are_one():
    report = run(manifolds.ring, {}, Settings(seed=7, threads=1, dynamics="projected"))
    assert "the laws are one" in report.text
    assert overall(report.comparisons) == {"surface": "agrees", "gibbs": "agrees", "det^-1": "agrees"}


def test_a_curve_with_two_equations():
    report = run(
        manifolds.quadrics, {"dim": 3, "equations": 2},
        Settings(seed=7, threads=1, dynamics="projected", measure="gibbs", walkers=200),
    )  # fmt: skip
    verdicts = overall(report.comparisons)
    assert verdicts.pop("gibbs") != "excluded"
    assert set(verdicts.values()) == {"excluded"}


def test_surfaces_that_are_no_closed_curve_keep_their_question():
    for make in (manifolds.hyperbola, manifolds.torus, manifolds.canal):
        assert curve_of(make()) is None
    report = run(manifolds.hyperbola, {}, Settings(seed=1, threads=1, dynamics="projected", walkers=20))
    assert report.record["question"] == "flatness"


def test_contradictions_are_refused():
    with pytest.raises(UsageError, match="--measure"):
        run(ellipse, {}, Settings(seed=1, measure="gibbs"))
