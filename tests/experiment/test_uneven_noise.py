"""Motion with noise that varies along a curve settles in the law of its convention or power; others are excluded."""

from dataclasses import replace

import pytest

from langevin import manifolds
from langevin.comparison import overall
from langevin.errors import UsageError
from langevin.experiment import Settings, run
from langevin.experiment.recorded_question import answer_question
from langevin.store import load, save
from langevin.types import Status

pytestmark = pytest.mark.usefixtures("uncompiled")
SHALLOW = {"transverse": 1, "stiffness": 20.0}


def asked(integrator, make=manifolds.canal, landscape=SHALLOW, **changes):
    return run(make, landscape, Settings(seed=3, threads=1, integrator=integrator, **changes))


def dials(**values):
    return {"integrator_dials": values}


def with_law(trajectory, **changes):
    """The run with another law of its step in its meta."""
    step = trajectory.meta["step"]
    other = {**step, "law": {**step["law"], **changes}}
    return replace(trajectory, meta={**trajectory.meta, "step": other})


@pytest.mark.statistical
@pytest.mark.parametrize(
    "convention",
    [
        "ito",
        pytest.param("stratonovich", marks=pytest.mark.slow),
        pytest.param("klimontovich", marks=pytest.mark.slow),
    ],
)
def test_each_convention_has_its_own_law(convention):
    report = asked("tangential", walkers=100, **dials(convention=convention))
    verdicts = overall(report.comparisons)
    assert f"should settle in the law {convention!r}" in report.text
    assert verdicts.pop(convention) in ("agrees", "inconclusive")
    assert set(verdicts.values()) == {"excluded"}
    assert report.trajectory.counts["finished"] == report.trajectory.states.shape[0], (
        "the default step is fine"
    )


@pytest.mark.statistical
def test_a_power_law_is_told_from_others_and_a_file_of_it_says_the_same(tmp_path):
    report = asked("power-law", walkers=100)
    verdicts = overall(report.comparisons)
    assert verdicts.pop("power 1") in ("agrees", "inconclusive")
    assert verdicts == {"power 0": "excluded", "power 2": "excluded", "surface": "excluded"}
    path = tmp_path / "run.h5"
    save(path, report.trajectory)
    again, _ = answer_question(load(path))
    assert again.text == report.text
    answer, _ = answer_question(with_law(report.trajectory, exponent=0.0))
    assert overall(answer.comparisons)["power 0"] == "excluded", "a power that was not simulated"


@pytest.mark.slow
@pytest.mark.statistical
def test_a_closed_curve_has_the_law_too():
    report = asked(
        "power-law", manifolds.valley, {}, dynamics="power-law", **dials(exponent=0.0, tangential=1.0)
    )
    verdicts = overall(report.comparisons)
    assert verdicts.pop("power 0") == "agrees"
    assert set(verdicts.values()) == {"excluded"}


@pytest.mark.parametrize(
    "changes",
    [{"exponent": float("nan")}, {"exponent": "1"}, {"heat": None}, {"across": 1}, {"widening": [1.0]}, {"power": 1.0}],
)  # fmt: skip
def test_a_file_that_garbles_the_law_of_its_step_is_not_answered(changes):
    report = asked("power-law", walkers=2, horizon=1.0)
    assert report.trajectory.events["status"].tolist() == [Status.FINISHED] * 2
    answer, (line,) = answer_question(with_law(report.trajectory, **changes))
    assert answer is None
    assert "does not describe its step" in line


@pytest.mark.parametrize("step", [None, 3, {}, {"law": 3}])
def test_a_file_without_a_law_of_its_step_is_not_answered(step):
    run = asked("power-law", walkers=2, horizon=1.0).trajectory
    answer, (line,) = answer_question(replace(run, meta={**run.meta, "step": step}))
    assert answer is None
    assert "does not describe its step" in line


@pytest.mark.parametrize(
    ("integrator", "make", "changes", "words"),
    [
        ("power-law", manifolds.canal, dials(tangential=0.0), "tangential above 0"),
        ("power-law", manifolds.canal, {"dynamics": "soft"}, "change one of them"),
        ("tangential", manifolds.canal, {"dynamics": "soft"}, "change one of them"),
        ("heun", manifolds.canal, {"dynamics": "power-law"}, "change one of them"),
        ("tangential", manifolds.canal, {"measure": "gibbs"}, "samples the measure 1/D, not gibbs"),
        ("tangential", manifolds.canal, dials(diffusion="3"), "a function or None"),
    ],
)
def test_what_has_no_law_is_refused(integrator, make, changes, words):
    with pytest.raises(UsageError, match=words):
        asked(integrator, make, {}, **changes)


def test_power_law_noise_on_a_surface_that_is_no_curve_is_asked_for_its_flatness():
    for changes in ({"integrator": "power-law"}, {"integrator": None, "dynamics": "power-law"}):
        report = run(manifolds.hyperbola, {}, Settings(seed=3, threads=1, walkers=50, **changes))
        verdicts = overall(report.comparisons)
        assert verdicts.pop("trace") == "inconclusive"  # 50 walkers are few
        assert set(verdicts.values()) == {"excluded"}
        assert report.record["question"] == "flatness"
        assert report.text.count("\ntrace ") == 1, "one line a theory, over all quantities"


@pytest.mark.parametrize("power", [1.0, 3.0])
def test_noise_along_a_curve_that_is_as_stiff_all_along_is_even_and_its_laws_are_one(power):
    report = asked("tangential", manifolds.ring, {}, walkers=20, **dials(power=power))
    assert report.record["question"] == "law along the curve"
    assert report.trajectory.counts["finished"] == 20, "the default step is fine"
    assert "so the laws are one" in report.text
    assert [c.predicted.value for c in report.comparisons] == pytest.approx([0.25] * len(report.comparisons))
