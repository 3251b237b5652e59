"""Integrators on the command line: listed with their properties, chosen by name, set by dials, refused by messages."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from langevin.cli import main
from langevin.cli.options import parse_schedule
from langevin.errors import UsageError
from langevin.registry import factory, names
from langevin.store import load

CANAL = ["simulate", "--manifold", "canal", "--walkers", "40", "--horizon", "1e-3", "--seed", "1"]


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


def test_every_integrator_is_listed_with_what_it_declares():
    listed = {
        entry["name"]: entry
        for entry in json.loads(call("list", "integrators", "--json").output)["integrators"]
    }
    assert listed.keys() == set(names("integrators"))
    for name, entry in listed.items():
        made = factory("integrators", name)()
        assert entry["facts"]["dynamics"] == made.dynamics
        assert entry["facts"]["weak order"] == made.weak_order
        assert entry["facts"]["reference"] == made.reference
    shown = call("list", "integrators").output
    for words in (
        "heavy-ball",
        "momentum = 0.9",
        "weak order = 0.5",
        "dynamics = label-noise",
        "dials: none",
    ):
        assert words in shown


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["--integrator", "heun"], "heun"),
        (["--integrator", "euler-maruyama", "-i", "noise=two-point"], "euler_maruyama (two-point noise)"),
        (
            ["--dynamics", "label-noise", "--integrator", "heavy-ball", "-i", "momentum=0.5"],
            "heavy_ball (momentum 0.5)",
        ),
        (
            ["--dynamics", "projected", "--integrator", "projected", "-i", "projection=flow", "-i", "noise=isotropic"],
            "projected (flow, isotropic noise)",
        ),
    ],
)  # fmt: skip
def test_a_run_uses_the_integrator_that_was_named(here, words, name):
    result = call(*CANAL, *words)
    assert result.exit_code == 0, result.output
    assert load("canal.h5").meta["integrator"] == name


OWN = """
from langevin.integrators import euler_maruyama

mine = euler_maruyama
wrong = dict
"""


def test_a_readers_own_integrator(here):
    (here / "own_step.py").write_text(OWN)
    assert call(*CANAL, "--integrator", "own_step:mine").exit_code == 0
    refused = call(*CANAL, "--integrator", "own_step:wrong", "--force")
    assert refused.exit_code == 2
    assert "does not make an integrator" in refused.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--integrator", "heavy-bal"], "did you mean heavy-ball?"),
        (["--dynamics", "soft", "--integrator", "heavy-ball"], "it serves label-noise"),
        (["--integrator", "clipped"], "has no walls to reflect at"),
        (["--integrator", "power-law", "-i", "tangential=0"], "tangential above 0"),
        (["--dynamics", "soft", "--integrator", "tangential"], "change one of them"),
        (["--dynamics", "projected", "--integrator", "projected", "--noise", "tangent"], "has its own projection"),
        (["--integrator", "heun", "-i", "order=3"], "unknown dial 'order'"),
        (["--integrator", "heun", "-i", "order"], "-i takes name=value"),
        (["-i", "momentum=0.5"], "--integrator names"),
        (["--dynamics", "label-noise", "--integrator", "heavy-ball", "-i", "momentum=1"], "below 1"),
        (["--dynamics", "label-noise", "--integrator", "heavy-ball", "-i", "momentum=x"], "takes a finite number"),
    ],
)  # fmt: skip
def test_what_does_not_go_together_is_refused_in_one_sentence(here, words, said):
    result = call(*CANAL, *words)
    assert result.exit_code == 2, result.output
    assert said in result.stderr
    assert "Traceback" not in result.output
    assert list(here.iterdir()) == []


def test_heavy_ball_without_momentum_answers_as_label_noise(here):
    """The integrator alone names its law of motion; the text of both answers is the same but for the step's name."""
    plain = call(*CANAL, "--dynamics", "label-noise")
    ball = call(*CANAL, "--integrator", "heavy-ball", "-i", "momentum=0", "--force")
    assert ball.exit_code == 0, ball.output
    said = ball.stdout.replace("heavy_ball (momentum 0)", "label_noise")
    assert said == plain.stdout
    assert "so the trace law should hold" in said


def test_a_schedule_is_the_polynomial_it_names():
    steps = np.array([0, 1, 10, 1000])
    factors = parse_schedule("polynomial:10,0.5")(steps)
    np.testing.assert_allclose(factors, [1.0, 1.1**-0.5, 2**-0.5, 101**-0.5], rtol=1e-15)


@pytest.mark.parametrize("bad", ["", "polynomial", "polynomial:", "polynomial:1", "polynomial:1,2,3", "polynomial:0,1",
                                 "polynomial:1,-1", "polynomial:nan,1", "polynomial:1,x", "linear:1,1"])  # fmt: skip
def test_schedules_that_are_none_are_refused(bad):
    with pytest.raises(UsageError, match="polynomial:SCALE,POWER"):
        parse_schedule(bad)


def test_a_run_takes_the_steps_of_its_schedule(here):
    result = call(*CANAL, "--dt", "1e-4", "--schedule", "polynomial:2,1")
    assert result.exit_code == 0, result.output
    run = load("canal.h5")
    assert run.meta["schedule"] is True
    lengths = 1e-4 / (1.0 + np.arange(run.steps[-1]) / 2.0)
    assert run.times[-1] == pytest.approx(lengths.sum())
    assert lengths[:-1].sum() < 1e-3 <= run.times[-1] * (1 + 1e-12)


@pytest.mark.parametrize("words", [["--manifold", "cube", "--samples", "3"], ["--potential", "double-well"]])
def test_a_schedule_and_a_target_do_not_go_together(here, words):
    result = call("simulate", *words, "--walkers", 10, "--seed", 1, "--schedule", "polynomial:10,1")
    assert result.exit_code == 2, result.output
    assert "schedule does not go with stop" in result.stderr
