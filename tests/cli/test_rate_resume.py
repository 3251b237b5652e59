"""`langevin rate` stopped and resumed: the same bits, after stops at any moment; another run is refused."""

import random
import re
from itertools import count
from types import SimpleNamespace

import numpy as np
import pytest

from langevin.ensemble import splitting_rounds
from langevin.errors import NumericalError
from langevin.experiment import rate_walk
from tests.rates import FILE, SEEDED, WELL, Killed, Stopped, call, content, stopped


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The content of the undisturbed run, and how often it checks for signals."""
    path = tmp_path_factory.mktemp("whole") / "run.h5"
    done, looks = stopped(0, *SEEDED, "--out", path)
    assert done.exit_code == 0, done.output
    return content(path), looks


def resumed_until_done(folder, generator, looks):
    """Stop and resume the run at random moments until it is done; returns the number of stops."""
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
    unpacked = rate_walk._unpacked

    def coarse(*state):
        progress = unpacked(*state)
        rows = progress.halfway.ascent.histories.rows
        rows[:, 1] = rows[:, 1].astype(np.float16)
        return progress

    monkeypatch.setattr(rate_walk, "_unpacked", coarse)
    assert call(*WELL, "--resume", FILE).exit_code == 0
    assert content(FILE)[0] != known[0]


def test_a_run_that_is_killed_goes_on_from_its_last_record(here, whole, monkeypatch):
    """A kill writes nothing: the run continues from the record of an earlier round."""
    known, looks = whole
    clock = SimpleNamespace(perf_counter=count().__next__)  # a second passes between two calls
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
    (line,) = re.findall(r"stopped; `langevin (.*)` continues", done.output)
    assert line.split() == [*map(str, words), "--threads", "1", "--resume", FILE]
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
    assert call("info", FILE).output.startswith(f"{FILE}: finished run, can be extended\n")


def test_a_stop_during_the_answer_loses_no_walk(here, whole, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("langevin.cli.rates.rate_answer", Stopped(1))
        assert call(*SEEDED).exit_code == 130
    assert "unfinished, so far 2 of 2 temperatures\n" in call("info", FILE).output
    with monkeypatch.context() as patch:
        patch.setattr("langevin.experiment.rate_walk.walked", Stopped(1))
        assert call(*WELL, "--resume", FILE).exit_code == 0
    assert content(FILE) == whole[0]


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
