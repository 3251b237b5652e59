"""The command line in a process: what it prints, what it writes, what it refuses."""

import json
import signal
import subprocess
import sys
import time

import h5py
import numpy as np
import pytest
from click.testing import CliRunner

from langevin.cli import COMMANDS, main
from langevin.store import load
from langevin.types import Status
from tests.engine import EAGER
from tests.schema import assert_schema

CUBE = ["simulate", "--manifold", "cube", "--samples", "3:5", "--dim", "5", "--walkers", "60", "--seed", "1"]


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


def test_the_main_job_prints_a_table_and_writes_file_and_figure(here):
    result = call(*CUBE, "--plot", "cube.png")
    assert result.exit_code == 0, result.output
    for words in ("finite volume", "Eyring", "capacity law", "lattice law", "verdict", "seed 1", "cube.h5"):
        assert words in result.output
    assert (here / "cube.png").read_bytes().startswith(b"\x89PNG")
    assert_schema(here / "cube.h5")
    assert load("cube.h5").counts["hit"] == 120


def test_the_same_seed_gives_the_same_file_content(here):
    call(*CUBE, "--out", "a.h5", "--threads", 1)
    call(*CUBE, "--out", "b.h5", "--threads", 2)
    with h5py.File("a.h5") as a, h5py.File("b.h5") as b:
        assert (a["trajectory/states"][:] == b["trajectory/states"][:]).all()
        assert (a["events/time"][:] == b["events/time"][:]).all()


def test_json_goes_to_stdout_and_narration_does_not(here):
    result = call(*CUBE, "--json")
    record = json.loads(result.stdout)
    assert record["verdicts"]["Eyring"] in {"excluded", "inconclusive"}
    assert len(record["first_passage_time"]) == 2
    assert "seed 1" in result.stderr


def test_a_toy_file_can_be_compared(here):
    call(*CUBE)
    result = call("compare", "cube.h5")
    assert result.exit_code == 0, result.output
    assert "first-passage" in result.output


def test_a_second_run_under_the_default_name_gets_the_next_free_one(here):
    call(*CUBE)
    before = (here / "cube.h5").read_bytes()
    (here / "cube-2.h5.partial").mkdir()  # an unfinished run has this name
    again = call(*CUBE)
    assert again.exit_code == 0
    assert "cube.h5 exists already, so this goes to cube-3.h5" in again.stderr
    assert "saved to cube-3.h5" in again.output
    assert (here / "cube.h5").read_bytes() == before
    assert np.array_equal(load(here / "cube-3.h5").states[:], load(here / "cube.h5").states[:])
    assert call(*CUBE, "--force").exit_code == 0
    assert not (here / "cube-4.h5").exists()


def test_an_existing_file_is_not_overwritten(here):
    call(*CUBE)
    before = (here / "cube.h5").read_bytes()
    result = call(*CUBE, "--out", "cube.h5")
    assert result.exit_code == 5
    assert "--force" in result.stderr
    assert (here / "cube.h5").read_bytes() == before
    assert call(*CUBE, "--force").exit_code == 0


REFUSALS = [
    (["simulate"], 2, "--manifold"),
    (["simulate", "--manifold", "cub"], 2, "did you mean cube"),
    (["simulate", "--manifold", "cube", "--potential", "quadratic"], 2, "one landscape"),
    (["simulate", "--manifold", "cube", "--samples", "7:3"], 2, "a:b[:step]"),
    (["simulate", "--manifold", "cube", "--samples", "-1"], 2, "from 0 up"),
    (["simulate", "--manifold", "cube", "--samples", "x"], 2, "a:b[:step]"),
    (["simulate", "--manifold", "cube", "--samples", "5", "--dim", "5"], 2, "0 to dim - 1"),
    (["simulate", "--manifold", "cube", "--temperature", "nan"], 2, "finite"),
    (["simulate", "--manifold", "cube", "--temperature", "-1"], 2, "at least 0"),
    (["simulate", "--manifold", "cube", "--dt", "inf"], 2, "finite"),
    (["simulate", "--manifold", "cube", "--dt", "1"], 2, "too coarse"),
    (["simulate", "--manifold", "cube", "--walkers", "0"], 2, "at least 1"),
    (["simulate", "--manifold", "cube", "--walkers", "2.5"], 2, "whole number"),
    (["simulate", "--manifold", "cube", "-p", "fraction=2"], 2, "0 < fraction < 1"),
    (["simulate", "--manifold", "cube", "-p", "fractoin=0.2"], 2, "did you mean fraction"),
    (["simulate", "--manifold", "cube", "-p", "fraction"], 2, "name=value"),
    (["simulate", "--manifold", "cube", "--out", "no/such/x.h5"], 5, "create the folder"),
    (["simulate", "--manifold", "cube", "--plot", "x.txt"], 2, ".png"),
    (["simulate", "--manifold", "canal", "--dt", "0.01"], 2, "unstable"),
    (["simulate", "--manifold", "canal", "--samples", "3"], 2, "leave it out"),
    (["simulate", "--manifold", "canal", "--dynamics", "projected", "--projection", "flow", "--measure", "surface"], 2,
     "samples the measure gibbs, not surface"),
    (["simulate", "--potential", "nowhere:f"], 2, "no module"),
    (["check", "--potential", "quadratic", "-p", "stiffness=-1"], 2, "stiffness > 0"),
    (["check", "--potential", "quadratic", "-i", "noise=normal"], 2, "name one"),
    (["check", "--integrator", "heun", "--manifold", "cube"], 2, "no loss gradient"),
    (["info", "missing.h5"], 4, "missing.h5"),
    (["compare", "missing.h5"], 4, "missing.h5"),
    (["train", "models.nowhere"], 2, "models"),
    (["nonsense"], 2, "nonsense"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "code", "said"), REFUSALS, ids=[" ".join(words) for words, _, _ in REFUSALS]
)
def test_bad_input_gets_one_sentence_and_its_exit_code(here, words, code, said):
    result = call(*words)
    assert result.exit_code == code, result.output
    assert said in result.stderr
    assert "Traceback" not in result.output
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command):
    result = call(command, "-h")
    assert result.exit_code == 0
    assert f"langevin {command}" in result.output.partition("Usage")[2].partition("Example")[2]


def test_list_shows_dials_defaults_and_facts():
    result = call("list")
    for words in ("cube", "fraction = 0.25", "canal", "double-well", "facts", "volume"):
        assert words in result.output
    assert json.loads(call("list", "--json").output)["manifolds"]


def test_list_shows_what_is_known_of_moments_under_every_law():
    made = {entry["name"]: entry["facts"] for kind in ("manifolds", "potentials") for entry in listed(kind)}
    assert made["quartic-torus"]["surface mean of cos phi"] == 0.25
    assert made["quartic-torus"]["gibbs mean of cos phi"] == 0.0
    assert made["hyperbola"]["gibbs rate of w_1^2 - w_2^2"] == 0.0
    assert made["unequal-wells"] == {"barrier": 1.0, "soft mean of x > 0": 0.75}
    assert made["tanh-network"] == {}


def listed(kind):
    return json.loads(call("list", kind, "--json").output)[kind]


OWN = """
from langevin.potentials import potential

def value(x, out, parameters):
    for lane in range(x.shape[1]):
        out[lane] = 0.25 * x[0, lane] ** 4

def gradient(x, out, parameters):
    for lane in range(x.shape[1]):
        out[0, lane] = {factor} * x[0, lane] ** 3

quartic = potential(value, gradient, 1, start=[1.0])
"""


STEP = """
from dataclasses import replace
from langevin.integrators import euler_maruyama
from langevin.types import Rows

def step(rows: int = 1):
    return replace(euler_maruyama(), name="mine", rows=lambda landscape: Rows(slopes=rows))
"""


def test_check_tries_an_integrator(here):
    (here / "own_rows.py").write_text(STEP)
    for rows, code, said in ((1, 0, "3 of 3"), (0, 3, "mine fails its trial step")):
        result = call("check", "--integrator", "own_rows:step", "-i", f"rows={rows}")
        assert (result.exit_code, said in result.output) == (code, True), result.output


@pytest.mark.parametrize(("factor", "code", "said"), [(1.0, 0, "3 of 3"), (2.0, 3, "FAIL")])
def test_check_finds_a_wrong_gradient(here, factor, code, said):
    (here / f"own_{code}.py").write_text(OWN.format(factor=factor))
    result = call("check", "--potential", f"own_{code}:quartic")
    assert (result.exit_code, said in result.output) == (code, True), result.output


def test_a_readers_own_landscape_runs_from_the_command_line(here):
    (here / "own_run.py").write_text(OWN.format(factor=1.0))
    result = call("simulate", "--potential", "own_run:quartic", "--walkers", 500, "--horizon", 3, "--seed", 1)
    assert result.exit_code == 0, result.output
    assert "Gibbs" in result.output


LONG = (
    "simulate --manifold cube --samples 0,9 --dim 10 -p fraction=0.05 --horizon 1e9 --threads 1 --out long.h5"
)


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)]
)
def test_a_run_that_is_stopped_leaves_a_readable_record(here, number, code):
    """k = 9 ends at once and k = 0 would take days: the record has the finished part, and not the name of a run."""
    process = subprocess.Popen([sys.executable, "-c", EAGER, *LONG.split()], cwd=here)
    try:
        deadline = time.monotonic() + 60
        while (
            not (here / "long.h5.partial" / "walk-00001" / "now.h5").exists() and time.monotonic() < deadline
        ):
            time.sleep(0.05)
        process.send_signal(number)
        assert process.wait(timeout=20) == code
    finally:
        process.kill()
    assert not (here / "long.h5").exists()
    run = load(here / "long.h5")
    assert run.meta["complete"] is False
    assert set(run.events["samples"][run.events["status"] == Status.HIT]) == {9}
    assert run.counts["hit"] == 5000
    assert "of 1e+09, samples 9 of 0, 9" in call("info", "long.h5").output.splitlines()[0]
