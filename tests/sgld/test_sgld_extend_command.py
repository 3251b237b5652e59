"""`langevin train --extend`: more steps and more networks by the same command, completely or not at all."""

import h5py
import numpy as np
import pytest

from langevin.store import load
from tests.faults.commands import run_digest
from tests.schema import assert_schema

WORDS = ["line", "--learning-rate", 0.3, "--temperature", 1e-4, "--seed", 5, "-q"]
SMALL = [*WORDS, "--every", 10, "--steps", 30, "--seeds", 2]
LARGE = [*WORDS, "--every", 10, "--steps", 70, "--seeds", 4]


@pytest.fixture
def run(line, tmp_path):
    path = tmp_path / "run.h5"
    assert line(*SMALL, "--out", path).exit_code == 0
    return path


def test_the_bits_are_those_of_one_run(line, run, tmp_path):
    one = tmp_path / "one.h5"
    assert line(*LARGE, "--out", one).exit_code == 0
    before = run.read_bytes()
    done = line(*LARGE, "--extend", run, "--out", tmp_path / "other.h5")
    assert done.exit_code == 0, done.output
    assert run.read_bytes() == before
    done = line(*LARGE, "--extend", run)
    assert done.exit_code == 0, done.output
    assert run_digest(run) == run_digest(one) == run_digest(tmp_path / "other.h5")
    assert_schema(run)
    extended, whole = load(run), load(one)
    assert {**extended.meta, "extended": 0, "created": 0} | dict.fromkeys(("command", "began", "ended"), 0) == {
        **whole.meta, "extended": 0, "created": 0
    } | dict.fromkeys(("command", "began", "ended"), 0)  # fmt: skip
    for name, values in whole.state.items():
        np.testing.assert_array_equal(extended.state[name], values)
    command = extended.meta["extended"][0].get("command", ["langevin"])
    assert command[0] == "langevin"
    again = line(*LARGE[:-4], "--extend", run, *[])
    assert again.exit_code == 0, again.output
    assert run_digest(run) == run_digest(one)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["one.h5", "other.h5", "run.h5"]


def test_what_is_left_open_is_that_of_the_file(line, run):
    """Steps and networks; a message states that there is nothing to add."""
    words = [word for word in WORDS if word != "-q"]
    before = run.read_bytes()
    done = line(*words, "--every", 10, "--extend", run)
    assert done.exit_code == 0, done.output
    assert "nothing was added" in done.stderr
    assert run.read_bytes() == before


@pytest.mark.parametrize("moment", [40, 50])
def test_an_extension_that_is_stopped_loses_nothing_and_goes_on(line, run, tmp_path, moment):
    before = run.read_bytes()
    words = [word for word in LARGE if word != "-q"]
    assert line(*LARGE, "--extend", run, "--out", tmp_path / "whole.h5").exit_code == 0
    stopped = line(*words, "--extend", run, interrupt_at=moment)
    assert stopped.exit_code == 130, stopped.output
    assert f"--extend {run}` continues" in stopped.stderr
    assert run.read_bytes() == before
    other = line(*WORDS, "--every", 10, "--steps", 90, "--extend", run)
    assert other.exit_code == 4
    assert "pass --force to drop it" in other.stderr
    done = line(*LARGE, "--extend", run)
    assert done.exit_code == 0, done.output
    assert run_digest(run) == run_digest(tmp_path / "whole.h5")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["run.h5", "whole.h5"]


@pytest.mark.parametrize(
    ("words", "code", "reason"),
    [
        ([*SMALL[:2], 0.2, *SMALL[3:], "--steps", 70], 4, "the setting learning_rate (it was 0.3)"),
        ([*SMALL, "-p", "slope=3", "--steps", 70], 4, "differs in the data"),
        ([*SMALL, "--steps", 20], 2, "2 networks of 30 steps already"),
        ([*SMALL, "--every", 7, "--steps", 70], 2, "did not record step 7"),
        ([*SMALL, "--seed", 6], 2, "leave --seed out"),
        (["--steps", 70], 2, "--extend has no MODEL"),
        ([*SMALL, "--frames", 7], 2, "one of the two"),
        ([*SMALL, "--resume", "run.h5"], 2, "one of them"),
    ],
)
def test_what_does_not_go_on_is_refused_and_stays(line, run, words, code, reason):
    before = run.read_bytes()
    done = line(*words, "--extend", run)
    assert done.exit_code == code, done.output
    assert reason in done.stderr
    assert run.read_bytes() == before


def test_files_without_a_state_are_refused(line, run, monkeypatch, tmp_path):
    with monkeypatch.context() as patch:
        patch.setattr("langevin.sgld.snapshot.KEPT_BYTES", 1)
        large = tmp_path / "large.h5"
        assert line(*SMALL, "--out", large).exit_code == 0
        done = line(*LARGE, "--extend", large)
        assert (done.exit_code, "langevin train --keep-state" in done.stderr) == (4, True)
        assert line(*SMALL, "--keep-state", "--out", large, "--force").exit_code == 0
        assert line(*LARGE, "--keep-state", "--extend", large).exit_code == 0
    with h5py.File(run, "r+") as file:
        del file["state"]
    done = line(*LARGE, "--extend", run)
    assert (done.exit_code, "it holds no state" in done.stderr) == (4, True)


def test_recorded_steps_are_the_users_choice(line, tmp_path):
    path = tmp_path / "frames.h5"
    assert line(*WORDS, "--steps", 50, "--every", 20, "--out", path).exit_code == 0
    assert load(path).steps.tolist() == [0, 20, 40, 50]
    assert line(*WORDS, "--steps", 50, "--frames", 8, "--out", path, "--force").exit_code == 0
    assert 6 <= load(path).steps.size <= 12
    assert line(*WORDS, "--steps", 2**31 - 1, "--every", 1, "--out", path, "--force").exit_code == 2
    assert line(*WORDS, "--frames", 1, "--out", path, "--force").exit_code == 2
