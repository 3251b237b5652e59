"""`--field` and `-f`: a field is named, recorded, made again from a file, and decides what may be extended."""

import json
import re
import shlex
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner

from langevin import store
from langevin.cli import main
from langevin.cli.sweep_point import content_of

OWN = """
import langevin

def value(x, out, parameters):
    (pull,) = parameters
    for lane in range(x.shape[1]):
        out[lane] = -pull * x[2, lane]

def gradient(x, out, parameters):
    (pull,) = parameters
    for lane in range(x.shape[1]):
        out[0, lane] = out[1, lane] = 0.0
        out[2, lane] = -pull

def tilt(pull: float = 1.0):
    return langevin.potentials.potential(value, gradient, 3, parameters=(pull,), name="tilt")
"""
SHORT = ("--walkers", "30", "--horizon", "0.1", "--dt", "0.005", "--seed", "4", "-q")
LINEAR = ("--manifold", "sphere", "--field", "linear", "-f", "strength=2")


def langevin(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "tilting.py").write_text(OWN)
    return tmp_path


def test_a_run_in_a_field_is_recorded_and_answered_from_its_file(folder):
    result = langevin("simulate", *LINEAR, "-f", "direction=0,1,1", *SHORT, "--out", "run.h5", "--json")
    assert result.exit_code == 0, result.output
    run = store.load("run.h5")
    assert run.meta["landscape"] == "sphere in the field linear"
    assert run.meta["dials"]["field strength"] == 2.0
    assert run.meta["dials"]["field direction"] == [0.0, 1.0, 1.0]
    assert run.meta["dynamics"] == "projected"
    again = langevin("compare", "run.h5", "--json")
    assert again.exit_code == 0, again.output
    theories = {row["theory"] for row in json.loads(again.output)["question"]["comparisons"]}
    assert theories == {f"law of E {name}" for name in ("U", "x_1", "x_2", "x_3")}


def test_nothing_in_a_file_names_what_runs(folder):
    """A field that is not built in, and dials beyond the limits for files, are refused; a number is accepted."""
    langevin("simulate", *LINEAR, *SHORT, "--out", "run.h5")
    run = store.load("run.h5")
    weaker = {"dials": {**run.meta["dials"], "field strength": 3}}
    for changes in (
        {"landscape": "sphere in the field os"},
        {"landscape": "sphere in the field expr:x"},
        {"dials": {**run.meta["dials"], "field dim": 10**9}},
        weaker,
        {"dials": {**run.meta["dials"], "field direction": "no"}},
    ):
        store.save("other.h5", replace(run, meta={**run.meta, **changes}), force=True)
        result = langevin("compare", "other.h5")
        assert result.exception is None or isinstance(result.exception, SystemExit)
        assert ("law of E U" in result.output) == (changes is weaker)


def test_a_run_is_extended_in_its_field_alone(folder):
    langevin("simulate", *LINEAR, *SHORT, "--out", "run.h5")
    long = [word if word != "0.1" else "0.2" for word in SHORT]
    whole = langevin("simulate", *LINEAR, *long, "--every", 10, "--out", "whole.h5")
    assert whole.exit_code == 0, whole.output
    weaker = [word if word != "strength=2" else "strength=1" for word in LINEAR]
    refused = langevin("simulate", *weaker, *long, "--extend", "run.h5")
    assert refused.exit_code == 4, refused.output
    assert "dials" in refused.output
    done = langevin("simulate", *LINEAR, *long, "--extend", "run.h5")
    assert done.exit_code == 0, done.output
    np.testing.assert_array_equal(store.load("run.h5").states[:, -1], store.load("whole.h5").states[:, -1])


def test_a_field_of_ones_own_is_given_again(folder):
    words = ("--manifold", "sphere", "--field", "tilting:tilt", "-f", "pull=2")
    made = langevin("simulate", *words, *SHORT, "--out", "own.h5")
    assert made.exit_code == 0, made.output
    alone = langevin("compare", "own.h5")
    assert "--manifold sphere --field tilting:tilt" in " ".join(alone.output.split())
    given = langevin("compare", "own.h5", *words)
    assert given.exit_code == 0, given.output
    assert "law of E U" in given.output
    other = langevin("compare", "own.h5", *words[:-1], "pull=3")
    assert other.exit_code == 2
    assert "SHA-256" in other.output
    (folder / "tilting.py").write_text(OWN + "# changed\n")


def test_a_field_by_a_formula_is_given_again_as_the_remark_says(folder):
    words = ("--manifold", "sphere", "--field", "expr:k*z**2+0*x+0*y", "-f", "k=2")
    made = langevin("simulate", *words, *SHORT, "--out", "formula.h5")
    assert made.exit_code == 0, made.output
    remark = " ".join(langevin("compare", "formula.h5").output.split())
    advice = re.search(r"add (--manifold .*-f k=\S+)", remark)[1]
    given = langevin("compare", "formula.h5", *shlex.split(advice))
    assert given.exit_code == 0, given.output
    assert "law of E U" in given.output


def test_the_content_of_a_sweep_holds_the_field():
    settings = {"manifold": "sphere", "field": "linear", "f.strength": "2"}
    first = content_of("simulate", settings)["subject"]
    assert first != content_of("simulate", {**settings, "f.strength": "3"})["subject"]
    assert first != content_of("simulate", {"manifold": "sphere"})["subject"]


def test_a_dial_of_a_field_with_several_values_makes_a_sweep(folder):
    words = [word if word != "strength=2" else "strength=1,2" for word in LINEAR]
    result = langevin("simulate", *words, "-f", "direction=0,0,1", *SHORT, "--dry-run", "--out", "many")
    assert result.exit_code == 0, result.output
    assert "f.strength" in result.output
    assert "f.direction" not in result.output.split("strength")[0]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--potential", "quadratic", "--field", "linear"), "drop --field"),
        (("--manifold", "sphere", "-f", "strength=2"), "-f goes with --field"),
        (("--manifold", "sphere", "--field", "linear", "-f", "force=2"), "unknown dial"),
        (("--manifold", "sphere", "--field", "double-well"), "the same number"),
        (("--manifold", "sphere", "--field", "nothing"), "potentials"),
        (("--manifold", "sphere", "--field", "linear", "--dynamics", "label-noise"), "in a field"),
        (("--manifold", "sphere", "--field", "linear", "-f", "strength=1e9", "--dt", "0.001"), "unstable"),
    ],
)
def test_what_does_not_go_together_is_one_sentence(folder, words, said):
    result = langevin("simulate", *words, "--walkers", 2, "--horizon", "0.1")
    assert result.exit_code == 2, result.output
    assert said in " ".join(result.output.split())


def test_one_number_of_samples_is_a_dial_in_a_field(folder):
    """`--samples 2` gives the walkers of `-p samples=2`; for several numbers a message shows the correct words."""
    words = (
        "simulate",
        "--manifold",
        "cube",
        "--field",
        "linear",
        "--dim",
        3,
        "--walkers",
        20,
        "--seed",
        1,
        "-q",
    )
    for file, more in (("option.h5", ("--samples", 2)), ("dial.h5", ("-p", "samples=2"))):
        made = langevin(*words, *more, "--out", file)
        assert made.exit_code == 0, made.output
    first, second = store.load("option.h5"), store.load("dial.h5")
    np.testing.assert_array_equal(first.events["time"], second.events["time"])
    assert first.meta["dials"] == second.meta["dials"]
    several = langevin(*words, "--samples", "1,2")
    assert several.exit_code == 2
    assert "type -p samples=1,2" in several.output
    without = langevin("simulate", "--manifold", "canal", "--field", "linear", "--samples", 2)
    assert without.exit_code == 2
    assert "leave it out" in without.output


def test_a_check_and_a_rate_take_a_field(folder):
    checked = langevin("check", "--manifold", "torus", "--field", "tilting:tilt")
    assert checked.exit_code == 0, checked.output
    assert "gradient of the field" in checked.output
    assert "torus in the field tilting:tilt: 7 of 7 checks passed" in checked.output
    missing = langevin("rate", *LINEAR)
    assert missing.exit_code == 2
    assert "no target" in missing.output
