"""Gradient flow: end points, fractions of the basins and decay of the loss are compared with closed forms."""

import json
import math

import numpy as np
import pytest

from langevin import Problem, manifolds, potentials, simulate
from langevin.cli import main
from langevin.errors import UsageError
from langevin.experiment import Settings, run
from langevin.experiment.recorded_question import answer_question
from langevin.questions.descent import rising_steps
from langevin.store import load, save

COLD = {"temperature": 0.0, "threads": 1}


def test_each_minimum_gets_the_share_of_its_basin():
    """On a line a basin ends at the saddle; the box of starts ends at the same distance on the other side of a well."""
    report = run(potentials.unequal_wells, {}, Settings(seed=1, **COLD))
    wells = potentials.unequal_wells().facts.wells
    first, second = wells.saddle - wells.minimum, wells.target - wells.saddle
    exact = first / (first + second)
    (left,) = (share for name, share in report.measured.items() if f"[{wells.minimum:g}" in name)
    assert abs(left.value - exact) < 4 * left.error
    assert abs(left.value - (1 - exact)) > 10 * left.error  # the basins are not equal, and not exchanged
    assert sum(share.value for name, share in report.measured.items() if "share" in name) == pytest.approx(
        1.0
    )


def test_the_loss_falls_as_its_closed_form():
    """f = k x^2 / 2 from uniform starts in [-a, a]: E f = (k a^2 / 6) exp(-2 k t), by steps of 1e-3 / k."""
    settings = Settings(seed=2, dt=1e-3 / 3.0, horizon=1.0, walkers=4000, **COLD)
    report = run(potentials.quadratic, {"dim": 1, "stiffness": 3.0}, settings)
    first = np.asarray(report.trajectory.states[:, 0])
    start = 1.5 * (first**2).mean()
    for time, mean in report.record["losses"].items():
        exact = start * math.exp(-6.0 * float(time))
        assert mean["value"] == pytest.approx(exact, rel=4e-3)  # 2 k t x dt k / 2
        if float(time) > 0.1:
            assert (
                abs(mean["value"] / (start * math.exp(-3.0 * float(time))) - 1) > 0.1
            )  # half the rate would be detected


def test_flow_comes_to_the_zero_loss_set_and_its_file_gives_the_same(tmp_path):
    report = run(manifolds.ring, {}, Settings(seed=3, dynamics="soft", **COLD))
    assert report.measured["share of zero-loss set"].value == 1.0
    assert report.measured["share of zero-loss set"].error > 0.0
    path = tmp_path / "ring.h5"
    save(path, report.trajectory)
    again, _ = answer_question(load(path))
    assert again.text == report.text


def test_steps_rise_where_walls_are_steep():
    """Mueller and Brown's loss: its three minima, from a box where curvatures differ by a factor of thousands."""
    report = run(potentials.mueller_brown, {}, Settings(seed=6, walkers=500, **COLD))
    assert report.trajectory.counts["finished"] == 500
    box = potentials.mueller_brown().facts.box
    steps = rising_steps(potentials.mueller_brown(), np.linspace(box.lower, box.upper, 50))
    assert steps.factors(np.array([0, 10**6])).tolist() == [pytest.approx(0.01, rel=0.9), 1.0]
    for depth in ("-146.7", "-108.2", "-80.77"):
        (share,) = (one for name, one in report.measured.items() if f"f = {depth}" in name)
        assert share.value > 0.15
    assert "still moving" not in report.text


def test_points_under_way_are_told():
    report = run(potentials.double_well, {}, Settings(seed=4, horizon=0.05, **COLD))
    assert report.measured["share of still moving"].value > 0.5
    assert "a longer run is needed" in report.text


def test_a_run_of_the_library_is_answered_too():
    trajectory = simulate(
        Problem(potentials.double_well(), 0.0), walkers=10, steps=2000, dt=0.01, every=100, seed=5
    )
    report, _ = answer_question(trajectory)
    assert report.measured["share of minimum at [-1.], f = 0"].value == 1.0


@pytest.mark.parametrize(
    ("make", "changes", "sentence"),
    [
        (manifolds.sphere, {"dynamics": "projected"}, "goes down none: .* or take the dynamics soft"),
        (
            manifolds.cube,
            {},
            "reflected motion on cube goes down none: the temperature must be above 0; give one above 0$",
        ),
        (
            potentials.double_well,
            {"question": "first-passage"},
            "for temperature above 0, and the temperature is 0",
        ),
        (potentials.double_well, {"integrator": "mala"}, "which temperature 0 does not have"),
    ],
)
def test_where_there_is_no_flow_one_sentence_says_so(make, changes, sentence):
    with pytest.raises(UsageError, match=sentence):
        run(make, {}, Settings(seed=1, **COLD, **changes))


def test_heat_has_no_descent():
    with pytest.raises(UsageError, match="for temperature 0, and the temperature is above 0"):
        run(potentials.double_well, {}, Settings(seed=1, temperature=0.1, question="descent"))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            "rate --potential double-well --temperature 0",
            "--temperature takes finite numbers above 0, got '0'",
        ),
        ("simulate --potential double-well --temperature=-1", "it must be a finite number of at least 0"),
    ],
)
def test_a_temperature_out_of_range_names_its_option_and_its_range(words, sentence):
    from click.testing import CliRunner

    result = CliRunner().invoke(main, words.split())
    assert result.exit_code == 2
    assert "--temperature" in result.stderr
    assert sentence in " ".join(result.stderr.split())


def test_the_command_takes_temperature_0(tmp_path):
    from click.testing import CliRunner

    line = [
        "simulate",
        "--potential",
        "double-well",
        "--temperature",
        "0",
        "--seed",
        "1",
        "--json",
        "--quiet",
    ]
    done = CliRunner().invoke(main, [*line, "--out", str(tmp_path / "run.h5")])
    assert done.exit_code == 0
    assert json.loads(done.stdout)["question"] == "descent"
    refused = CliRunner().invoke(main, ["simulate", "--potential", "double-well", "--temperature", "-1"])
    assert refused.exit_code == 2
    assert "at least 0" in refused.output
    planned = CliRunner().invoke(main, ["plan", "--potential", "double-well", "--temperature", "0"])
    assert planned.exit_code == 2
