"""A run that is loaded from a file has the question and the answer of the live run."""

import math
import sys
from dataclasses import replace

import numpy as np
import pytest

import langevin
from langevin import integrators, manifolds, potentials
from langevin.comparison import overall
from langevin.dynamics import dynamics_of
from langevin.experiment import Settings, run
from langevin.experiment.landscape_of_file import rebuilt
from langevin.experiment.recorded_question import answer_question, censored
from langevin.kernels.streams import start_uniforms
from langevin.store import load, save
from langevin.types import Facts, Status
from langevin.types.step_meta import step_meta
from tests.comparisons import rows_of
from tests.synthetic import brownian, record

#: Landscape, dials, settings, samples; and a question that the text of the answer names.
ASKED = {
    "cube": (manifolds.cube, {"dim": 6}, {"walkers": 60}, [4, 5], "Mean first-passage time on the cube"),
    "chambers": (manifolds.chambers, {"width": 0.4}, {"walkers": 60}, None, "Time to reach the target"),
    "well": (potentials.double_well, {}, {"walkers": 60, "temperature": 0.5}, None, "Escape from the well"),
    "soft canal": (manifolds.canal, {"stiffness": 100.0}, {"walkers": 200}, None, "log-det law should hold"),
    "noisy canal": (manifolds.canal, {"stiffness": 100.0}, {"walkers": 200, "dynamics": "label-noise"}, None,
                    "trace law should hold"),
    "projected canal": (manifolds.canal, {}, {"walkers": 200, "dynamics": "projected", "measure": "gibbs"}, None,
                        "measure gibbs"),
    "sphere": (manifolds.sphere, {}, {"walkers": 200, "dynamics": "projected"}, None, "Displacement on the sphere"),
    "quadratic": (potentials.quadratic, {"dim": 3}, {"walkers": 200}, None, "Stationary law"),
    "decayed": (manifolds.hyperbola, {"stiffness": 20.0}, {"walkers": 50, "weight_decay": 0.5}, None, "Stationary law"),
}  # fmt: skip


def recorded(trajectory, tmp_path):
    return load(save(tmp_path / "run.h5", trajectory))


@pytest.mark.parametrize("name", ASKED)
def test_the_question_of_the_run_is_asked_of_its_file(name, tmp_path):
    make, dials, settings, samples, words = ASKED[name]
    report = run(make, dict(dials), Settings(seed=1, threads=1, **settings), samples)
    again, lines = answer_question(recorded(report.trajectory, tmp_path))
    assert words in report.text
    assert again.text == report.text
    assert rows_of(again.comparisons) == rows_of(report.comparisons)
    assert again.record["verdicts"] == report.record["verdicts"]
    assert bool(lines) == (not report.comparisons)


#: Verdicts of a true law, with many walkers or few.
OPEN = {"agrees", "inconclusive"}


@pytest.mark.parametrize("name", ["well", "soft canal", "projected canal", "quadratic"])
def test_a_file_with_a_false_temperature_is_found_out(name, tmp_path):
    """For twice the temperature E |x|^2 and drift double, and a time to escape falls by e^(barrier / 2 theta)."""
    make, dials, settings, samples, _ = ASKED[name]
    report = run(make, dict(dials), Settings(seed=1, threads=1, **{**settings, "walkers": 4000}), samples)
    true = {theory: verdict for theory, verdict in overall(report.comparisons).items() if verdict in OPEN}
    lying = replace(
        report.trajectory,
        meta={**report.trajectory.meta, "temperature": 2 * report.trajectory.meta["temperature"]},
    )
    found = overall(answer_question(lying)[0].comparisons)
    assert true
    assert {found[theory] for theory in true} == {"excluded"}


def walk(landscape, temperature=0.1, dt=1e-3, **options):
    return langevin.simulate(
        langevin.Problem(landscape, temperature),
        walkers=50,
        steps=100,
        dt=dt,
        seed=1,
        watch=langevin.Watch(threads=1),
        **options,
    )


def test_a_sphere_forgets_its_start_at_its_rate(tmp_path):
    run = langevin.simulate(
        langevin.Problem(manifolds.sphere(3), 0.1, "projected"), walkers=2000, steps=500, dt=0.01, every=20, seed=1
    )  # fmt: skip
    report, lines = answer_question(recorded(run, tmp_path))
    assert overall(report.comparisons) == {"forgetting": "agrees"}
    assert not lines
    report.draw(str(tmp_path / "figure.png"))
    hotter = replace(run, meta={**run.meta, "temperature": 0.15})
    assert overall(answer_question(hotter)[0].comparisons) == {"forgetting": "excluded"}


def pretended(place, dynamics="soft", shift=0.0, **meta):
    """A run whose walkers stay at the landscape's start, or near it, with the meta of such a run."""
    heat = 0.0 if dynamics == "projected" else 0.1
    start = place.start(start_uniforms(1, np.arange(5, dtype=np.uint64), place.dim), heat)
    step = step_meta(dynamics_of(dynamics).integrator(place, None))
    said = {"step": step, "landscape": place.name, "dials": dict(place.dials), "dynamics": dynamics, "temperature": 0.1,
            "dt": 1e-3, "seed": 1, "integrator": "a step", "measure": None}  # fmt: skip
    return record(
        np.repeat(start[:, None] + shift, 9, axis=1), np.linspace(0.0, 1.0, 9), meta={**said, **meta}
    )


WELL = potentials.quadratic()
STOPPED = {
    "target": np.full(5, -1),
    "status": np.full(5, Status.CENSORED, np.uint8),
    "step": np.full(5, 9),
    "time": np.ones(5),
}
SAID = {
    "own": (pretended(manifolds.ring(), "projected", dials={}), "is not langevin's own"),
    "unknown": (pretended(WELL, landscape="heap"), "none of langevin's own landscapes"),
    "larger than its states": (pretended(WELL, dials={"dim": 10**6}), "ask for more than a file may"),
    "wrong kinds": (pretended(WELL, dials={"dim": "two"}), "cannot be made again"),
    "refused": (pretended(WELL, dials={"stiffness": -1.0}), "cannot be made again"),
    "cold": (pretended(WELL, temperature=-1.0), "out of their range"),
    "no seed of ours": (pretended(WELL, seed=2**64), "out of their range"),
    "nothing said": (brownian(5, 9), "does not contain the landscape"),
}
#: Runs without a theory: only the measurement is shown.
ALONE = {
    "box": (pretended(manifolds.chambers(), "reflected"), "E |x|^2", "no target of chambers was watched"),
    "elsewhere": (pretended(manifolds.canal(), shift=0.1), "displacement along x", "the drift of canal is known at"),
    "unknown step": (
        pretended(manifolds.canal(), "power-law", step={"noise": "normal", "law": None}),
        "change of",
        "what a step of this power-law motion does along the set is not known",
    ),
    "several places": (
        pretended(manifolds.hyperbola(), shift=1e-3 * np.arange(5)[:, None, None]),
        "change of",
        "started at several places",
    ),
    "escape from elsewhere": (
        replace(pretended(potentials.double_well(), shift=0.5), events=STOPPED),
        "mean escape time",
        "times of double_well are known for its usual start",
    ),
    "target on a surface": (
        replace(pretended(manifolds.ring(), "projected"), events=STOPPED),
        "mean arrival time",
        "no theory of the time to reach a target on the surface ring",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SAID)
def test_a_theory_that_does_not_apply_is_named_with_the_reason(case):
    trajectory, words = SAID[case]
    report, lines = answer_question(trajectory)
    assert report is None
    (line,) = lines
    assert words in line
    assert "\n" not in line


@pytest.mark.parametrize("case", ALONE)
def test_where_no_theory_is_known_the_measurement_stands_alone_and_one_sentence_says_why(case):
    trajectory, measured, words = ALONE[case]
    report, lines = answer_question(trajectory)
    assert all("without a correction" in line for line in lines)
    assert report.comparisons == ()
    assert measured in report.text
    (line,) = [line for line in report.text.splitlines() if words in line]
    assert line == report.text.splitlines()[-1]


def test_a_quantity_is_not_called_the_same_everywhere_by_walkers_that_stayed():
    ball = manifolds.sphere()
    moved = langevin.simulate(
        langevin.Problem(ball, 0.01, "power-law"), integrators.power_law(0.0, 0.0),
        walkers=5, steps=100, dt=1e-3, seed=1,
    )  # fmt: skip
    assert "constant along the paths of the walkers: tr H, log det H" in answer_question(moved)[0].text
    assert "constant along the paths" not in answer_question(pretended(ball, "label-noise"))[0].text


def test_a_potential_whose_law_is_not_known_stands_alone():
    free = replace(potentials.periodic(dim=1), facts=Facts())
    report, lines = answer_question(walk(free, every=25, dt=0.01), free)
    assert not report.comparisons
    assert "E |x|^2" in report.text
    assert report.text.endswith(
        "periodic was not found to confine its walkers, so no stationary mean of it is known"
    )
    assert lines == []


def test_two_frames_do_not_show_that_a_law_is_stationary():
    report, _ = answer_question(walk(potentials.quadratic()))
    assert overall(report.comparisons) == {"Gibbs E |x|^2": "not mixed", "Gibbs E f": "not mixed"}
    assert "no frame shows" in report.text


def test_a_target_watched_without_a_correction_is_remarked():
    stopped = walk(potentials.double_well(), temperature=2.0, dt=0.005, stop=langevin.Stop("none"))
    assert answer_question(stopped)[1] == [
        "the target was watched at step ends, without a correction: times are too long"
    ]


def test_walkers_of_a_run_that_has_not_finished_count_as_censored():
    stopped = walk(potentials.double_well(), temperature=2.0, dt=0.005, stop=langevin.Stop())
    late = np.asarray(stopped.events["status"]) == Status.CENSORED
    assert 0 < late.sum() < 50
    status = np.where(late, Status.FINISHED, stopped.events["status"]).astype(np.uint8)
    halfway = replace(stopped, events={**stopped.events, "status": status})
    assert np.array_equal(censored(halfway).events["status"], stopped.events["status"])
    report, (line,) = answer_question(halfway)
    assert rows_of(report.comparisons) == rows_of(answer_question(stopped)[0].comparisons)
    assert f"{late.sum()} walkers count as censored" in line


def test_a_landscape_is_made_again_from_its_file(tmp_path):
    ball = manifolds.ellipsoid(dim=3, aspect=1.7)
    again = rebuilt(recorded(pretended(ball, "projected"), tmp_path))
    assert again.dials == ball.dials
    assert again.facts.log_volume == ball.facts.log_volume
    assert math.isclose(again.stiffness(0.1), ball.stiffness(0.1))


def test_a_cube_walked_from_python_is_asked_for_its_grokking_time(tmp_path):
    body = manifolds.cube(dim=4, samples=2)
    run = langevin.simulate(
        langevin.Problem(body, 1, "reflected"), integrators.reflected(), walkers=400, steps=10**6, dt=1e-4, seed=1,
        stop=langevin.Stop(), watch=langevin.Watch(threads=1),
    )  # fmt: skip
    report, lines = answer_question(recorded(run, tmp_path))
    assert overall(report.comparisons)["finite volume"] in OPEN
    assert lines == []


@pytest.mark.parametrize("entry", ["dynamics", "question", "landscape", "integrator", "measure"])
def test_a_file_cannot_name_what_is_imported(entry, tmp_path, monkeypatch):
    (tmp_path / "bait.py").write_text("raise SystemExit('imported')\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    run = pretended(manifolds.canal())
    for name in ("bait:law", "bait", "os:abort", "../soft"):
        report, lines = answer_question(replace(run, meta={**run.meta, entry: name}))
        assert report is not None or len(lines) == 1
    assert "bait" not in sys.modules


SOFT = step_meta(dynamics_of("soft").integrator(None, None))
GARBLED = (
    {"pull": 10**400},
    {"heat": -1.0},
    {"widening": {"above": [1.0], "below": [0.0]}},
    {"exponent": "1"},
)


@pytest.mark.parametrize(
    "said",
    [
        {"dt": 10**400},
        {"temperature": 10**400},
        {"dynamics": "reflected"},
        {"dynamics": "../integrators/heun"},
        *({"step": SOFT | {"law": SOFT["law"] | law}} for law in GARBLED),
    ],
)
def test_a_file_out_of_all_range_is_one_sentence(said):
    run = pretended(manifolds.canal())
    report, (line,) = answer_question(replace(run, meta={**run.meta, **said}))
    assert report is None
    assert "\n" not in line
    assert "Error" not in line
