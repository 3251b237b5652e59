"""The user chooses frames and starts: every question states whether its number is valid for them."""

import json
from functools import cache

import numpy as np
import pytest
from click.testing import CliRunner

from langevin import store
from langevin.cli import main

#: Words of a run without a target for each question, its number of steps, and its message for only two frames.
SPHERE = "--manifold sphere -p dim=3 --dynamics projected --dt 0.0025 --temperature 1 --walkers 200"
FEW = {
    "stationary": ("--potential quadratic --temperature 0.5 --walkers 200 --dt 0.005 --horizon 8", 1600,
                   "no frame shows"),
    "moments": (f"{SPHERE} --question moments --horizon 3", 1200, "no frame shows"),
    "relaxation": (f"{SPHERE} --question relaxation --horizon 4", 1600, "no frame shows"),
    "displacement": (f"{SPHERE} --question displacement --horizon 1", 400, ""),
    "spreading": ("--potential periodic --walkers 200 --horizon 50 --dt 0.02 --temperature 1", 2500,
                  "no frames at half and three quarters"),
    "drift": ("--manifold canal --dynamics projected --measure gibbs --walkers 200 --dt 0.001 --horizon 0.3", 300, ""),
    "flatness": ("--manifold quadrics --dynamics label-noise --walkers 50 --horizon 0.02 --dt 0.0001", 200, ""),
    "along the curve": ("--manifold ring --dynamics projected --walkers 50 --horizon 8 --dt 0.02", 400,
                        "at least 8"),
    "descent": ("--potential mueller-brown --temperature 0 --walkers 20", 1024, "at least 4"),
}  # fmt: skip


def call(*words):
    return CliRunner().invoke(main, ["simulate", *(word for text in words for word in str(text).split())])


@cache
def asked(words, more, folder):
    done = call(words, more, "--seed 1 --force --json -q --out", f"{folder}/run.h5")
    assert done.exception is None or isinstance(done.exception, SystemExit), repr(done.exception)
    return done.exit_code, done.stderr, json.loads(done.stdout) if done.exit_code == 0 else None


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("recorded")


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * (name == "flatness")) for name in FEW]
)
def test_two_frames_are_told_where_they_do_not_suffice(name, folder):
    """A number that needs more than two frames is not mixed, or is refused before the run; others are the same."""
    words, steps, told = FEW[name]
    code, error, found = asked(words, f"--every {10 * steps}", folder)
    if told.startswith("at least"):
        assert (code, told in error) == (2, True)
        return
    assert code == 0, error
    assert store.load(folder / "run.h5").steps.tolist() == [0, steps]
    numbers = found["measured"]
    if told:
        assert any(told in number["note"] for number in numbers.values()) or told in str(found)
        assert not any(row["verdict"] in ("agrees", "excluded") for row in found["comparisons"])
        return
    _, _, usual = asked(words, "", folder)
    common = numbers.keys() & usual["measured"].keys()
    assert common
    for each in common:
        assert numbers[each]["value"] == pytest.approx(usual["measured"][each]["value"], rel=1e-12)


@pytest.mark.parametrize("name", ["displacement", "along the curve"])
def test_uneven_frames_are_no_other_walk(name, folder):
    """Numbers of the last frame are the same; the others are those at the stated times."""
    words, steps, _ = FEW[name]
    every = int(0.11 * steps) + 1
    code, error, found = asked(words, f"--every {every}", folder)
    assert code == 0, error
    run = store.load(folder / "run.h5")
    assert run.steps.tolist() == [*range(0, steps, every), steps]
    _, _, usual = asked(words, "", folder)
    end = [name for name in found["measured"] if name.startswith("E ") and name in usual["measured"]]
    for each in end:
        assert found["measured"][each]["value"] == pytest.approx(usual["measured"][each]["value"], rel=1e-12)


def test_turns_that_frames_would_miss_are_told(folder):
    """Label noise moves walkers around an ellipse: between two frames they may have made a whole turn."""
    words = "--manifold ellipsoid -p dim=2 --dynamics label-noise --walkers 20 --question drift"
    code, error, found = asked(words, "", folder)
    assert code == 0, error
    assert all(number["mixed"] for number in found["measured"].values())
    horizon = 40 * store.load(folder / "run.h5").times[-1]
    code, error, found = asked(words, f"--horizon {horizon:.3g} --frames 2", folder)
    assert code == 0, error
    (number,) = found["measured"].values()
    assert not number["mixed"]
    assert "between two frames" in number["note"]


@pytest.mark.parametrize("option", ["--every 10", "--frames 10"])
def test_runs_to_a_target_keep_their_start_and_their_end(option):
    done = call("--potential double-well --temperature 0.5", option)
    assert (done.exit_code, f"{option.split()[0]} is for runs without a target" in done.stderr) == (2, True)


def test_frames_are_counted_in_one_way():
    done = call("--potential quadratic --every 10 --frames 10")
    assert (done.exit_code, "one of the two" in done.stderr) == (2, True)


SMALL = "--potential quadratic -p dim=2 --temperature 0.5 --dt 0.005 --horizon 0.5 -q"


def test_walkers_start_at_a_point_or_where_others_ended(tmp_path):
    first, second = tmp_path / "first.h5", tmp_path / "second.h5"
    assert call(SMALL, "--walkers 30 --seed 1 --start 1,-2 --out", first).exit_code == 0
    run = store.load(first)
    assert (run.states[:, 0] == [1.0, -2.0]).all()
    assert run.meta["usual_start"] is False
    for name, states in (
        (first, run.states[:, -1]),
        (f"{first}:last", run.states[:, -1]),
        (f"{first}:7", np.broadcast_to(run.states[7, -1], (30, 2))),
    ):
        words = ["--walkers", 30] if ":7" in str(name) else []
        assert call(SMALL, *words, "--seed 2 --force --out", second, "--start", name).exit_code == 0
        np.testing.assert_array_equal(store.load(second).states[:, 0], states)


@pytest.mark.parametrize(
    ("start", "code", "reason"),
    [
        ("1,2,3", 2, "of shape (2,)"),
        ("nan,1", 2, "finite"),
        ("none.h5", 4, "cannot be read"),
        ("first.h5:30", 2, "walkers 0 to 29"),
        ("first.h5:", 4, "cannot be read"),
        ("first.h5 --seed 1", 2, "the noise that brought its walkers there would come again"),
        ("first.h5 --walkers 31", 2, "31 walkers are requested, and --start has 30 states"),
        ("lost.h5", 4, "walker 3 of lost.h5 was lost"),
        ("rates.h5", 4, "holds no states of a landscape"),
    ],
)
def test_starts_that_there_are_not_are_refused(start, code, reason, tmp_path, monkeypatch):
    import h5py

    monkeypatch.chdir(tmp_path)
    assert call(SMALL, "--walkers 30 --seed 1 --out first.h5").exit_code == 0
    for name, change in (("lost", "states"), ("rates", "kind")):
        (tmp_path / f"{name}.h5").write_bytes((tmp_path / "first.h5").read_bytes())
        with h5py.File(f"{name}.h5", "r+") as file:
            if change == "kind":
                file["meta"].attrs["kind"] = "rate"
            else:
                states = file["trajectory/states"][()]
                states[3, -1] = np.nan
                file["trajectory/states"][...] = states
    done = call(SMALL, "--out second.h5 --start", start)
    assert done.exit_code == code, done.output
    assert reason in done.stderr
    assert sum(line.startswith("Error: ") for line in done.stderr.splitlines()) == 1


def test_a_start_off_the_surface_is_refused_with_a_point_on_it():
    words = "--manifold ellipsoid -p dim=3 --dynamics projected --question displacement --walkers 4 --horizon 0.1 -q"
    done = call(words, "--start 0.1,0.2,1.5")
    assert done.exit_code == 2
    point = done.stderr.partition("for instance ")[2].partition(", by")[0]
    assert point.count(",") == 2
    again = call(words, "--force --out /dev/null/none.h5 --start", point)
    assert again.exit_code == 5, again.output  # the start is taken, and the file is not


def test_a_start_in_the_target_is_refused(tmp_path):
    done = call("--potential double-well --temperature 0.5 --walkers 10 --start 3 --out", tmp_path / "run.h5")
    assert (done.exit_code, "the start lies in the target" in done.stderr) == (2, True)


def test_a_check_of_the_step_starts_there_too(tmp_path):
    """With more walkers than states, each state is used several times."""
    first = tmp_path / "first.h5"
    assert call(SMALL, "--walkers 30 --seed 1 --out", first).exit_code == 0
    words = ["--seed 2 --check-dt --every 50 --json --out", tmp_path / "second.h5", "--start", first]
    done = call(SMALL, *words)
    assert done.exit_code == 0, done.output
    assert "step_bias" in json.loads(done.stdout)
