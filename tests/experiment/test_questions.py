"""The four questions in complete runs: the true theory is not excluded, wrong physics is."""

import numpy as np
import pytest

from langevin import manifolds, potentials, theory
from langevin.cli.reading import unfinished_line
from langevin.comparison import compare_all, overall
from langevin.errors import UsageError
from langevin.experiment import Settings, run
from langevin.store import Walks, journal, load

pytestmark = pytest.mark.statistical


@pytest.fixture(scope="module")
def report():
    return run(manifolds.cube, {"dim": 6}, Settings(seed=11, walkers=800), samples=[2, 3, 4, 5])


def test_the_reference_agrees_and_the_estimate_without_capacity_is_excluded(report):
    verdicts = overall(report.comparisons)
    assert verdicts["finite volume"] == "inconclusive"  # 800 walkers cannot exclude 10 % at four points
    assert verdicts["Eyring"] == "excluded"
    assert verdicts["volume law (slope)"] == "excluded"


def test_a_broken_temperature_changes_the_verdicts(report):
    # the simulation has theta = 1; a theory for 1.3 must be excluded: 30 % against an error of 4 %
    measured = [row.measured for row in report.comparisons if row.theory == "finite volume"]
    curve = theory.cube.cube_curves(6, 1.0, 0.25, 1.3)[0]
    assert overall(compare_all([2, 3, 4, 5], measured, [curve], logarithmic=True)) == {
        "finite volume": "excluded"
    }


def test_every_walker_is_accounted_for(report):
    trajectory = report.trajectory
    assert trajectory.states.shape == (4 * 800, 2, 6)
    assert np.bincount(trajectory.events["samples"]).tolist() == [0, 0, 800, 800, 800, 800]
    assert trajectory.counts["hit"] == 3200
    ends = trajectory.states[trajectory.events["samples"] == 2, -1]
    # an arrived walker is in the corner cube, which is widened by the overshoot correction
    assert ends.max() <= 0.25 + trajectory.meta["target_shift"] + 1e-12


def test_the_text_shows_error_size_and_range(report):
    for words in (
        "+-",
        "walkers",
        "censored",
        "S(k)",
        "range of validity",
        "in range",
        "inconclusive",
        "excluded",
    ):
        assert words in report.text


def test_censored_walkers_are_counted_and_the_mean_still_agrees():
    # six free coordinates: arrivals are rare, so their times are exponential, as the estimator with censoring requires
    report = run(manifolds.cube, {"dim": 6}, Settings(seed=5, walkers=800, horizon=25.0), samples=[0])
    assert report.trajectory.counts["censored"] > 100
    assert report.trajectory.events["time"].max() == pytest.approx(25.0)
    measured = next(row for row in report.comparisons if row.theory == "finite volume")
    assert abs(measured.z) < 3.5
    assert "censored" in measured.measured.note


def test_nobody_arrives_in_time_is_said_not_guessed():
    report = run(manifolds.cube, {"dim": 8}, Settings(seed=5, walkers=64, horizon=0.01), samples=[0])
    assert overall(report.comparisons)["finite volume"] == "not mixed"
    assert "> " in report.text


def test_precision_adds_walkers_until_it_is_reached():
    report = run(manifolds.cube, {"dim": 6}, Settings(seed=2, walkers=100, precision=0.04), samples=[5])
    row = report.comparisons[0]
    assert row.measured.error <= 0.04 * row.measured.value
    assert row.measured.n > 100


def test_added_walkers_leave_the_first_ones_as_they_were():
    few = run(manifolds.cube, {"dim": 6}, Settings(seed=2, walkers=100), samples=[5]).trajectory
    more = run(
        manifolds.cube, {"dim": 6}, Settings(seed=2, walkers=100, precision=0.05), samples=[5]
    ).trajectory
    assert np.array_equal(few.events["time"], more.events["time"][:100])


def test_the_step_check_finds_no_bias_at_the_default():
    settings = Settings(seed=3, walkers=2000, check_dt=True)
    report = run(manifolds.cube, {"dim": 6}, settings, samples=[5])
    bias = report.record["step_bias"]["mean time at k = 5"]
    assert abs(bias["value"]) < 3.5 * bias["error"]
    assert "half the step" in report.text


@pytest.mark.parametrize(
    ("changes", "law"),
    [
        ({}, "log-det"),
        ({"dynamics": "projected"}, "none"),
        ({"dynamics": "projected", "measure": "gibbs"}, "log-det"),
        ({"dynamics": "projected", "projection": "gauss-newton"}, "double log-det"),
        ({"dynamics": "label-noise"}, "trace"),
    ],
)
def test_the_drift_follows_the_law_of_its_dynamics_and_no_other(changes, law):
    report = run(manifolds.canal, {}, Settings(seed=7, walkers=3000, **changes))
    verdicts = overall(report.comparisons)
    assert verdicts.pop(law) in ("agrees", "inconclusive")  # 3000 walkers are few for 10 %
    assert set(verdicts.values()) == {"excluded"}


def test_a_uniform_canal_has_no_drift():
    report = run(manifolds.canal, {"amplitude": 0.0}, Settings(seed=7, walkers=2000))
    none = next(row for row in report.comparisons if row.theory == "none")
    assert abs(none.z) < 3.5


@pytest.mark.parametrize(
    "changes",
    [
        {"measure": "gibbs"},
        {"projection": "flow"},
        {"noise": "tangent"},
        {"dynamics": "projected", "projection": "flow", "measure": "surface"},
        {"dynamics": "projected", "projection": "flow", "noise": "tangent", "measure": "gibbs"},
        {"dynamics": "reflected"},
    ],
)
def test_inconsistent_laws_are_usage_errors(changes):
    with pytest.raises(UsageError, match="--"):
        run(manifolds.canal, {}, Settings(seed=1, **changes))


def test_the_escape_time_agrees_with_the_quadrature():
    report = run(potentials.double_well, {}, Settings(seed=4, temperature=0.4, precision=0.03))
    verdicts = overall(report.comparisons)
    assert verdicts["exact quadrature"] == "agrees"
    # barrier / theta = 2.5 is below the range that Eyring-Kramers claims
    assert verdicts["Eyring-Kramers"] == "out of range"


def test_the_escape_time_excludes_another_temperature():
    report = run(potentials.double_well, {}, Settings(seed=4, temperature=0.4, precision=0.03))
    measured = report.comparisons[0].measured
    exact = theory.escape.escape_curves(potentials.double_well().facts.wells, lambda x: (x * x - 1) ** 2)[0]
    assert overall(compare_all([0.36], [measured], [exact], logarithmic=True)) == {
        "exact quadrature": "excluded"
    }


def test_the_stationary_law_is_gibbs():
    report = run(potentials.quadratic, {"stiffness": 2.0}, Settings(seed=8, temperature=0.5))
    assert set(overall(report.comparisons).values()) == {"agrees"}


def test_an_unsettled_walk_is_not_mixed():
    report = run(potentials.quadratic, {}, Settings(seed=8, horizon=0.4))
    assert set(overall(report.comparisons).values()) == {"not mixed"}


def test_samples_are_for_the_cube():
    with pytest.raises(UsageError, match="leave it out"):
        run(manifolds.canal, {}, Settings(seed=1), samples=[1])


def test_what_is_kept_holds_all_ensembles_that_are_done(tmp_path, monkeypatch):
    monkeypatch.setattr(journal, "SECONDS", 0.0)
    walks = Walks(tmp_path / "cube.h5")
    done = run(
        manifolds.cube, {"dim": 6}, Settings(seed=1, walkers=50, journal=walks.next), samples=[4, 5]
    ).trajectory
    kept = load(tmp_path / "cube.h5")
    assert kept.meta["complete"] is False
    assert sorted(kept.events["time"]) == sorted(done.events["time"])
    assert set(kept.events["samples"]) == {4, 5}
    assert unfinished_line(kept).endswith(", samples 4, 5 of 4, 5")


@pytest.mark.parametrize(
    ("make", "changes", "question"),
    [
        (manifolds.torus, {}, "moments"),
        (manifolds.sphere, {}, "moments"),
        (manifolds.quartic_torus, {"dynamics": "projected"}, "moments"),
        (manifolds.torus, {"dynamics": "label-noise"}, "flatness"),
        (manifolds.sphere, {"dynamics": "projected"}, "displacement"),
        (manifolds.hyperbola, {}, "flatness"),
    ],
)
@pytest.mark.usefixtures("uncompiled")
def test_every_surface_has_its_question(make, changes, question):
    settings = Settings(seed=1, threads=1, walkers=20, horizon=0.1, **changes)
    assert run(make, {}, settings).record["question"] == question


@pytest.mark.parametrize(("samples", "dim"), [([6], 8), ([8], 9)])
def test_the_cube_has_its_usual_dimension_unless_the_samples_need_more(samples, dim):
    report = run(manifolds.cube, {}, Settings(seed=1, threads=1, walkers=5), samples=samples)
    assert report.trajectory.states.shape[2] == dim
