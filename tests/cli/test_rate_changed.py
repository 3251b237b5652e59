"""Unfinished rates continue only with their first settings; others are refused, and the file is not changed."""

import sys

import pytest

from langevin.store.journal import open_state
from tests.rates import OWN, SCORE, SEEDED, SIZE, WELL, call, content, stopped


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path
    for name in ("wells", "scores"):
        sys.modules.pop(name, None)


CHANGED = {
    "temperature": ["--temperature", "0.3,0.2"],
    "one more temperature": ["--temperature", "0.3,0.25,0.2"],
    "dials": ["-p", "barrier=1.1"],
    "seed": ["--seed", "4"],
    "dt": ["--dt", "1e-3"],
    "walkers": ["--walkers", "31"],
    "kill": ["--kill", "2"],
    "replicas": ["--replicas", "11"],
    "burn": ["--burn", "9"],
    "origin": ["--origin", "-1.5"],
    "correction": ["--correction", "none"],
    "score": ["--score", "scores:place"],
}


@pytest.fixture(scope="module")
def unfinished(tmp_path_factory):
    """A folder with an unfinished run, whose second temperature is halfway."""
    folder = tmp_path_factory.mktemp("unfinished")
    _, looks = stopped(0, *SEEDED, "--out", folder / "whole.h5")
    done, _ = stopped(looks - 20, *SEEDED, "--out", folder / "run.h5")
    assert done.exit_code == 130
    return folder


def refusal(*words):
    """The message about a run that must not continue."""
    done = call(*words)
    assert done.exit_code == 4, done.output
    assert done.stderr.count("Error: ") == 1
    return done.stderr


@pytest.mark.parametrize("name", CHANGED)
def test_another_run_does_not_go_on(name, unfinished, here):
    (here / "scores.py").write_text(SCORE)
    before = sorted((file.name, file.read_bytes()) for file in unfinished.rglob("*.h5"))
    said = refusal(*WELL, *CHANGED[name], "--resume", unfinished / "run.h5")
    assert "of another run, which differs in " in said
    assert name.rpartition(" ")[2] in said
    assert f"--resume {unfinished / 'run.h5'}`" in said
    assert before == sorted((file.name, file.read_bytes()) for file in unfinished.rglob("*.h5"))


def test_another_version_or_landscape_does_not_go_on(unfinished, monkeypatch):
    path = unfinished / "run.h5"
    assert "setting landscape" in refusal("rate", "--potential", "unequal-wells", *WELL[3:], "--resume", path)
    with monkeypatch.context() as patch:
        patch.setattr("langevin.experiment.rate_plan.FORMAT", 2)
        assert "the setting format (it was 1)" in refusal(*WELL, "--resume", path)
    with monkeypatch.context() as patch:
        patch.setattr("langevin.experiment.rate_plan.versions", lambda *names: {"python": "3", "numpy": "9"})
        assert "the software (it was langevin" in refusal(*WELL, "--resume", path)


def test_a_landscape_and_a_score_of_ones_own_go_on_while_they_are_the_same(here):
    files = {"wells": OWN, "scores": SCORE}
    for name, text in files.items():
        (here / f"{name}.py").write_text(text)
    own = ["rate", "--potential", "wells:well", "--score", "scores:place", "--temperature", "0.3", *SIZE]
    done, looks = stopped(0, *own, "--seed", "1", "--out", "whole.h5")
    assert done.exit_code == 0, done.output
    assert stopped(looks - 10, *own, "--seed", "1", "--out", "run.h5")[0].exit_code == 130
    for name, text in files.items():
        (here / f"{name}.py").write_text(f"{text}# another word\n")
        sys.modules.pop(name)
        assert "functions of the walk" in refusal(*own, "--resume", "run.h5")
        (here / f"{name}.py").write_text(text)
        sys.modules.pop(name)
    (here / "wells.py").write_text(OWN.replace("dim=1,", "dim=1, parameters=(1e-13,),"))
    sys.modules.pop("wells")
    assert "content of the landscape" in refusal(*own, "--resume", "run.h5")
    (here / "wells.py").write_text(OWN)
    sys.modules.pop("wells")
    assert call(*own, "--resume", "run.h5").exit_code == 0
    assert content("run.h5") == content("whole.h5")


def test_what_cannot_be_resumed(unfinished, here):
    path = unfinished / "run.h5"
    assert "has no unfinished rates to resume" in refusal(*WELL, "--resume", "nothing.h5")
    asked = call("rate", "--resume", path)
    assert asked.exit_code == 2
    assert "according to the file it is `langevin rate --potential double-well" in asked.stderr
    elsewhere = call(*WELL, "--resume", path, "--out", "other.h5")
    assert (elsewhere.exit_code, "leave --out out" in elsewhere.stderr) == (2, True)
    assert "of another kind of run" in refusal("train", "models.parity", "--resume", path)
    path.write_text("in the way")
    try:
        taken = call(*WELL, "--resume", path)
        assert (taken.exit_code, "move it away, or pass --force" in taken.stderr) == (5, True)
    finally:
        path.unlink()


def test_a_state_of_a_training_is_refused(unfinished, here, monkeypatch):
    arrays, said = open_state(unfinished / "run.h5.partial" / "state.h5")
    assert said["kind"] == "rate"
    monkeypatch.setattr("langevin.cli.rates.open_state", lambda path: (arrays, {**said, "kind": None}))
    assert "is not of `langevin rate`" in refusal(*WELL, "--resume", unfinished / "run.h5")


def test_numbers_that_unpack_to_far_more_than_the_file_are_refused(unfinished, monkeypatch):
    monkeypatch.setattr("langevin.cli.rates.MAX_BYTES", 0)
    monkeypatch.setattr("langevin.cli.rates.MOST_PACKED", 0)
    assert "more than 0 times its size" in refusal(*WELL, "--resume", unfinished / "run.h5")
