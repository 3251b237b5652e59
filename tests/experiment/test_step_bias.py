"""`--check-dt` finds the theoretical bias of a step, for every question, and no bias if there is none."""

import math

import pytest

from langevin import manifolds, potentials
from langevin.experiment import Settings, run
from langevin.experiment.step_error import bias
from langevin.types import Measurement


def checked(make, dials, **settings):
    return run(make, dials, Settings(seed=1, threads=1, check_dt=True, **settings))


def test_the_variance_of_euler_maruyama_is_too_large_by_what_the_recursion_says():
    """k = theta = 1: the variance is 1 / (1 - dt/2), so 2 (A(dt) - A(dt/2)) is known exactly. Tolerance: 4 errors."""
    dt = 0.5
    report = checked(potentials.quadratic, {}, dt=dt, walkers=20_000, integrator="euler-maruyama")
    exact = 2 * (1 / (1 - dt / 2) - 1 / (1 - dt / 4))
    found = report.record["step_bias"]["E |x|^2"]
    assert abs(found["value"] - exact) < 4 * found["error"]
    assert found["value"] > 4 * found["error"], "the bias must be seen"
    assert "second run at half the step" in report.text


def test_a_step_without_bias_shows_none():
    """Leimkuhler-Matthews has the exact variance at every step."""
    report = checked(potentials.quadratic, {}, dt=0.5, walkers=20_000, integrator="leimkuhler-matthews")
    found = report.record["step_bias"]["E |x|^2"]
    assert abs(found["value"]) < 4 * found["error"]


def test_an_uncorrected_target_is_found_out():
    """If arrivals are tested at step ends only, they are late: a bias of order sqrt(dt), 0.16 of 1.8 at this step."""
    report = checked(manifolds.chambers, {"width": 0.5}, dt=0.01, walkers=2500, correction="none")
    found = report.record["step_bias"]["mean arrival time"]
    assert found["value"] > 4 * found["error"]


@pytest.mark.parametrize(
    ("make", "dials", "name"),
    [
        (manifolds.chambers, {"width": 0.5}, "mean arrival time"),
        (manifolds.canal, {"stiffness": 50.0}, "displacement along x"),
        (manifolds.torus, {}, "E cos phi"),
        (manifolds.hyperbola, {}, "tr H"),
        (manifolds.cube, {"samples": 6}, "mean time at k = 6"),
        (manifolds.ring, {"stiffness": 50.0}, "share of the first quarter"),
    ],
)
def test_every_question_answers(make, dials, name):
    report = checked(make, dials, walkers=50)
    found = report.record["step_bias"][name]
    assert math.isfinite(found["value"])
    assert found["error"] > 0


def test_the_error_holds_that_of_both_runs_and_doubts_are_kept():
    found = bias(Measurement(2.0, 0.3, 9, "mean"), Measurement(1.5, 0.4, 7, "mean", False, "not settled"))
    assert (found.value, found.n, found.mixed, found.note) == (1.0, 7, False, "not settled")
    assert found.error == pytest.approx(1.0)


def test_the_check_takes_more_walkers_where_they_are_cheap_and_pools_ensembles():
    settings = Settings(seed=1, threads=1, walkers=100, check_dt=True)
    report = run(manifolds.cube, {"dim": 6}, settings, samples=[4, 5])
    found = report.record["step_bias"]
    assert {name: number["n"] for name, number in found.items()} == {
        "mean time at k = 4": 1600, "mean time at k = 5": 1600, "all together, relative": 3200,
    }  # fmt: skip
    one, two = (found[f"mean time at k = {k}"] for k in (4, 5))
    pooled = found["all together, relative"]
    relative = [number["error"] / time for number, time in zip((one, two), (0.5, 0.16))]
    assert pooled["error"] < 1.2 * min(relative), "two ensembles say more than one"
    assert abs(pooled["value"]) < 4 * pooled["error"]
    assert report.trajectory.states.shape[0] == 200, "the run itself does not change"
    dear = checked(potentials.quadratic, {}, walkers=20_000, dt=1e-3, horizon=20.0)
    assert dear.record["step_bias"]["E |x|^2"]["n"] == 20_000
