"""`langevin rate` stopped and resumed: the same bits, after stops at any moment; another run is refused."""

import random
import re
import sys
from itertools import count
from types import SimpleNamespace

import numpy as np
import pytest
from click.testing import CliRunner

from langevin.cli import main
from langevin.ensemble import splitting_rounds, splitting_walks
from langevin.errors import NumericalError
from langevin.experiment import rate_walk
from langevin.store import load
from langevin.store.state import open_state

SIZE = ["--walkers", "30", "--replicas", "10", "-q"]
WELL = ["rate", "--potential", "double-well", "--temperature", "0.3,0.25", *SIZE]
FILE = "double-well-rate.h5"
SEEDED = [*WELL, "--seed", "3"]
#: A potential and a score of a reader's own; the number in each changes nothing but the text.
OWN = """
import langevin

def value(x, out, parameters):
    for i in range(x.shape[1]):
        out[i] = (x[0, i] ** 2 - 1.0) ** 2

def gradient(x, out, parameters):
    for i in range(x.shape[1]):
        out[0, i] = 4.0 * x[0, i] * (x[0, i] ** 2 - 1.0)

def before(x, out, parameters):
    for i in range(x.shape[1]):
        out[i] = -x[0, i]

def well(width: float = 1.0):
    return langevin.potentials.potential(value, gradient, dim=1, start=[-1.0], target=before)
"""
SCORE = "def place(x, out, parameters):\n    for i in range(x.shape[1]):\n        out[i] = x[0, i]\n"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path
    for name in ("wells", "scores"):
        sys.modules.pop(name, None)


def call(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


class Killed(BaseException):
    """An end at which nothing is kept."""


class Stopped:
    """Ctrl-C, or another end, at the walk's look for signals number `at`; there are several looks in every round."""

    def __init__(self, at, end=KeyboardInterrupt):
        self.at, self.end, self.count = at, end, 0

    def __call__(self):
        self.count += 1
        if self.count == self.at:
            raise self.end


def stopped(at, *words, end=KeyboardInterrupt):
    """A command that is stopped there, and how often it has looked for signals."""
    with pytest.MonkeyPatch.context() as patch:
        look = Stopped(at, end)
        patch.setattr(splitting_walks, "check_stop", look)
        return call(*words), look.count


def content(path):
    """All numbers of a run, and what it says of itself but for the moment."""
    run = load(path)
    arrays = {name: np.asarray(values).tobytes() for name, values in run.events.items()}
    return arrays, {name: value for name, value in run.meta.items() if name != "created"}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The content of the undisturbed run, and how often it looks for signals."""
    path = tmp_path_factory.mktemp("whole") / "run.h5"
    done, looks = stopped(0, *SEEDED, "--out", path)
    assert done.exit_code == 0, done.output
    return content(path), looks


def resumed_until_done(folder, generator, looks):
    """Stop the run at random moments, over and over; the number of stops."""
    path, stops = folder / "run.h5", 0
    words = [*SEEDED, "--out", path]
    while True:
        at = generator.randrange(1, looks + 1)
        done, _ = stopped(at, *words, "--threads", generator.choice([1, 2, 3]))
        stops += done.exit_code == 130
        if done.exit_code == 0:
            return stops
        assert done.exit_code == 130, done.output
        assert not path.exists()
        kept = (folder / "run.h5.partial").exists()
        words = [*WELL, "--resume", path] if kept else words


def test_after_five_random_stops_the_bits_are_the_same(here, whole):
    known, looks = whole
    generator, stops = random.Random(1), 0
    while stops < 5:
        folder = here / str(stops)
        folder.mkdir(exist_ok=True)
        stops += resumed_until_done(folder, generator, looks)
        assert content(folder / "run.h5") == known
        assert [file.name for file in folder.iterdir()] == ["run.h5"]
        (folder / "run.h5").unlink()


@pytest.mark.slow
def test_after_sixty_random_stops_the_bits_are_the_same(here, whole):
    known, looks = whole
    generator, stops, runs = random.Random(2), 0, 0
    while stops < 60:
        folder = here / str(runs)
        folder.mkdir()
        runs += 1
        stops += resumed_until_done(folder, generator, looks)
        assert content(folder / "run.h5") == known


def test_a_state_without_its_last_digits_is_noticed_by_these_tests(here, whole, monkeypatch):
    known, looks = whole
    stopped(int(0.6 * looks), *SEEDED)
    unpack = rate_walk.RateProgress

    def coarse(finished, halfway):
        rows = halfway.ascent.histories.rows
        rows[:, 1] = rows[:, 1].astype(np.float16)
        return unpack(finished, halfway)

    monkeypatch.setattr("langevin.experiment.rate_state.RateProgress", coarse)
    assert call(*WELL, "--resume", FILE).exit_code == 0
    assert content(FILE)[0] != known[0]


def test_a_run_that_is_killed_goes_on_from_its_last_record(here, whole, monkeypatch):
    """Nothing is kept at its end: what was written after a round before has to do."""
    known, looks = whole
    clock = SimpleNamespace(perf_counter=count().__next__)  # a second passes between two looks at it
    monkeypatch.setattr(rate_walk, "time", clock)
    for part in (0.3, 0.6):
        words = [*WELL, "--resume", FILE] if (here / f"{FILE}.partial").exists() else SEEDED
        with pytest.raises(Killed):
            stopped(int(part * looks), *words, end=Killed)
    assert call(*WELL, "--resume", FILE).exit_code == 0
    assert content(FILE) == known


def test_it_says_how_to_go_on_and_how_far_it_is(here, whole):
    known, looks = whole
    words = [word for word in SEEDED if word != "-q"]
    done, _ = stopped(looks - 20, *words, "--threads", 1)
    (line,) = re.findall(r"stopped; `langevin (.*)` goes on", done.output)
    assert line.split() == [*words[:5], *words[5:-2], "--threads", "1", "--seed", "3", "--resume", FILE]
    assert not (here / FILE).exists()
    for name in (FILE, f"{FILE}.partial"):
        said = call("info", name).output
        assert f"{name}: unfinished, so far 1 of 2 temperatures, and of theta = 0.25 " in said
    compared = call("compare", FILE)
    assert "unfinished, so far 1 of 2" in compared.output
    assert "exact quadrature    0.3" in compared.output
    assert "exact quadrature   0.25" not in compared.output
    refused = call(*SEEDED)
    assert (refused.exit_code, "resume it by --resume" in refused.output) == (5, True)
    assert call(*line.split()).exit_code == 0
    assert content(FILE) == known
    assert call("info", FILE).output.startswith(f"{FILE}: finished run\n")


def test_a_stop_before_the_first_round_leaves_nothing(here):
    done, _ = stopped(2, *SEEDED)
    assert done.exit_code == 130
    assert list(here.iterdir()) == []


def test_a_failure_at_one_temperature_leaves_those_before(here, whole, monkeypatch):
    climb, calls = splitting_rounds.climb, Stopped(0)

    def fails(course, crowd, key):
        calls()
        if course.problem.temperature == 0.25 and calls.count > 3:
            raise NumericalError("a walk diverged")
        return climb(course, crowd, key)

    monkeypatch.setattr(splitting_rounds, "climb", fails)
    done = call(*[word for word in SEEDED if word != "-q"])
    assert done.exit_code == 3
    assert f"`langevin compare {FILE}` shows the temperatures that are finished" in done.output
    assert "exact quadrature    0.3" in call("compare", FILE).output


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
def unfinished(tmp_path_factory, whole):
    """A folder with an unfinished run."""
    folder = tmp_path_factory.mktemp("unfinished")
    done, _ = stopped(whole[1] - 20, *SEEDED, "--out", folder / "run.h5")
    assert done.exit_code == 130
    return folder


def refusal(*words):
    """What is said of a run that must not go on."""
    done = call(*words)
    assert done.exit_code == 4, done.output
    assert done.stderr.count("Error: ") == 1
    return done.stderr


@pytest.mark.parametrize("name", CHANGED)
def test_another_run_does_not_go_on(name, unfinished, here):
    (here / "scores.py").write_text(SCORE)
    before = sorted((file.name, file.read_bytes()) for file in unfinished.rglob("*.h5"))
    said = refusal(*WELL, *CHANGED[name], "--resume", unfinished / "run.h5")
    assert "for since then have changed " in said
    assert name.rpartition(" ")[2] in said
    assert f"--resume {unfinished / 'run.h5'}`" in said
    assert before == sorted((file.name, file.read_bytes()) for file in unfinished.rglob("*.h5"))


def test_another_version_or_landscape_does_not_go_on(unfinished, monkeypatch):
    path = unfinished / "run.h5"
    assert "setting landscape" in refusal("rate", "--potential", "unequal-wells", *WELL[3:], "--resume", path)
    with monkeypatch.context() as patch:
        patch.setattr("langevin.experiment.rate_state.FORMAT", 2)
        assert "the setting format (it was 1)" in refusal(*WELL, "--resume", path)
    with monkeypatch.context() as patch:
        patch.setattr("langevin.experiment.rate_state.versions", lambda *names: {"python": "3", "numpy": "9"})
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
    assert "by the word of the file it is `langevin rate --potential double-well" in asked.stderr
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
    monkeypatch.setattr("langevin.store.state.open_state", lambda path: (arrays, {**said, "kind": None}))
    assert "is not of `langevin rate`" in refusal(*WELL, "--resume", unfinished / "run.h5")
