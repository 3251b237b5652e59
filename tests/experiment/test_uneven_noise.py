"""Noise that changes along a curve settles in the law of its convention or power; the rivals are excluded."""

from dataclasses import replace

import pytest
from langevin.experiment.uneven_noise import uneven_noise_answer

from langevin import manifolds
from langevin.comparison import overall
from langevin.errors import UsageError
from langevin.experiment import Settings, run
from langevin.experiment.recorded import ask
from langevin.store import load, save
from langevin.types import Status

SHALLOW = {"transverse": 1, "stiffness": 20.0}


def asked(integrator, make=manifolds.canal, landscape=SHALLOW, **changes):
    return run(make, landscape, Settings(seed=3, threads=1, integrator=integrator, **changes))


def dials(**values):
    return {"integrator_dials": values}


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
    report = asked("tangential", **dials(convention=convention))
    verdicts = overall(report.comparisons)
    assert f"should settle in the law {convention!r}" in report.text
    assert verdicts.pop(convention) == "agrees"
    assert set(verdicts.values()) == {"excluded"}
    assert report.trajectory.counts["finished"] == report.trajectory.states.shape[0], (
        "the default step is fine"
    )


@pytest.mark.statistical
def test_a_power_law_is_told_from_others_and_a_file_of_it_says_the_same(tmp_path):
    report = asked("power-law")
    verdicts = overall(report.comparisons)
    assert verdicts.pop("power 1") == "agrees"
    assert verdicts == {"power 0": "excluded", "power 2": "excluded", "surface": "excluded"}
    path = tmp_path / "run.h5"
    save(path, report.trajectory)
    again, _ = ask(load(path))
    assert again.text == report.text
    other = {**report.trajectory.meta["noise"], "exponent": 0.0}
    mistaken = replace(report.trajectory, meta={**report.trajectory.meta, "noise": other})
    answer = uneven_noise_answer(manifolds.canal(**SHALLOW), mistaken)
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
    "noise",
    [None, 3, {"exponent": 1.0}, {"exponent": 1.0, "tangential": 0.0}, {"exponent": float("nan"), "tangential": 1.0},
     {"convention": "other", "power": 1.0}, {"convention": "ito", "power": "1"}],
)  # fmt: skip
def test_a_file_that_does_not_say_its_noise_has_no_law(noise):
    made = manifolds.canal(**SHALLOW)
    report = asked("power-law", walkers=2, horizon=1.0)
    assert report.trajectory.events["status"].tolist() == [Status.FINISHED] * 2
    with pytest.raises(UsageError, match="what the noise of its run was"):
        uneven_noise_answer(made, replace(report.trajectory, meta={**report.trajectory.meta, "noise": noise}))


@pytest.mark.parametrize(
    ("integrator", "make", "changes", "words"),
    [
        ("power-law", manifolds.sphere, {}, "no closed curve"),
        ("tangential", manifolds.ring, {}, "as stiff all along"),
        ("power-law", manifolds.canal, dials(tangential=0.0), "tangential above 0"),
        ("power-law", manifolds.canal, {"dynamics": "soft"}, "make them agree"),
        ("tangential", manifolds.canal, {"dynamics": "soft"}, "make them agree"),
        ("heun", manifolds.canal, {"dynamics": "power-law"}, "goes with --integrator power-law"),
        ("tangential", manifolds.canal, {"measure": "gibbs"}, "has its own noise"),
        ("tangential", manifolds.canal, dials(diffusion="3"), "a kernel or a finite power"),
        (None, manifolds.sphere, {"dynamics": "power-law"}, "no closed curve"),
    ],
)
def test_what_has_no_law_is_refused(integrator, make, changes, words):
    with pytest.raises(UsageError, match=words):
        asked(integrator, make, {}, **changes)
