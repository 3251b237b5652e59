"""`langevin simulate --extend` extends a finished run, with the bits of one run of the full size."""

import itertools

import h5py
import numpy as np
import pytest
from click.testing import CliRunner

from langevin import stopping, store
from langevin.cli import main
from langevin.ensemble import advance, keeping
from langevin.store import journal
from tests.cli.test_resumed_runs import Killed, Stopper
from tests.faults.commands import run_digest
from tests.schema import assert_schema

#: Words of the first run, of the extension, and of one run that must have the same bits.
COMMANDS = {
    "time": (
        "--potential quadratic -p dim=2 --temperature 0.5 --walkers 40 --every 20 --dt 0.005",
        "--horizon 1", "--horizon 2.5", "--horizon 2.5",
    ),
    "walkers": (
        "--potential quadratic -p dim=2 --temperature 0.5 --frames 10 --horizon 5 --dt 0.005",
        "--walkers 40", "--walkers 70", "--walkers 70",
    ),
    "both, of a walk with frames as usual": (
        "--potential quadratic --temperature 0.5 --dt 0.005", "--walkers 40 --horizon 5",
        "--walkers 70 --horizon 12", "--walkers 70 --horizon 12 --every 15",
    ),
    "a target": (
        "--potential double-well -p barrier=1 --temperature 0.5", "--walkers 60 --horizon 3",
        "--walkers 90 --horizon 9", "--walkers 90 --horizon 9",
    ),
    "precision": (
        "--potential double-well -p barrier=1 --temperature 0.5 --walkers 40", "", "--precision 0.1",
        "--precision 0.1",
    ),
    "samples": (
        "--manifold cube --dim 4 --samples 1:4", "--walkers 60 --horizon 0.2", "--walkers 90 --horizon 3",
        "--walkers 90 --horizon 3",
    ),
    "more samples": ("--manifold cube --dim 4 --walkers 60", "--samples 2:4", "--samples 1:4", "--samples 1:4"),
    "memory": (
        "--manifold canal --dynamics label-noise --integrator heavy-ball -i momentum=0.8 --temperature 0.01 --dt 0.001 "
        "--every 50", "--walkers 20 --horizon 0.5", "--walkers 30 --horizon 0.8", "--walkers 30 --horizon 0.8",
    ),
    "refused steps": (
        "--manifold ellipsoid -p dim=3 --dynamics projected --walkers 20 --every 20 --dt .01", "--horizon 1",
        "--horizon 2", "--horizon 2",
    ),
    "a schedule": (
        "--potential quadratic --temperature 0.5 --walkers 40 --every 50 --dt 0.01 --schedule polynomial:100,0.5",
        "--horizon 2", "--horizon 6", "--horizon 6",
    ),
    "gradient flow": (
        "--potential mueller-brown --temperature 0 --every 16", "--walkers 30", "--walkers 50",
        "--walkers 50",
    ),
    "a start": (
        "--potential quadratic -p dim=2 --temperature 0.5 --walkers 40 --every 100 --dt 0.005 --start 1,-2",
        "--horizon 5", "--horizon 20", "--horizon 20",
    ),
}  # fmt: skip


def marked(names, *slow):
    """The names, some of which are tested only in the nightly run."""
    return [pytest.param(name, marks=[pytest.mark.slow] * (name in slow)) for name in names]


def call(*words):
    return CliRunner().invoke(main, ["simulate", *(word for text in words for word in str(text).split())])


def made(folder, name):
    """The words of a case, the file of its first run, and that of the run in one piece."""
    words, first, more, whole = COMMANDS[name]
    run, one = folder / "run.h5", folder / "one.h5"
    for file, numbers in ((run, first), (one, whole)):
        if not file.exists():
            done = call(words, numbers, "--seed 1 -q --out", file)
            assert done.exit_code == 0, done.output
    return words, more, run, one


def assert_equal(run, one):
    assert run_digest(run) == run_digest(one)
    mine, theirs = store.load(run), store.load(one)
    told = {"command", "began", "ended", "created", "extended"}
    assert {k: v for k, v in mine.meta.items() if k not in told} == {
        k: v for k, v in theirs.meta.items() if k not in told
    }
    assert list(mine.state) == list(theirs.state)
    for name, values in theirs.state.items():
        np.testing.assert_array_equal(mine.state[name], values)


@pytest.mark.filterwarnings("ignore::langevin.ensemble.checks.StepSizeWarning")
@pytest.mark.parametrize(
    "name", marked(COMMANDS, "gradient flow", "refused steps", "more samples", "walkers")
)
def test_the_bits_are_those_of_one_run(name, tmp_path):
    words, more, run, one = made(tmp_path, name)
    done = call(words, more, "--extend", run)
    assert done.exit_code == 0, done.output
    assert_equal(run, one)
    command = store.load(run).meta["extended"][0]["command"]
    assert command[:2] == ["langevin", "simulate"]
    assert "--extend" not in command
    assert sorted(file.name for file in tmp_path.iterdir()) == ["one.h5", "run.h5"]


@pytest.mark.parametrize("name", ["time", "precision"])
def test_what_adds_nothing_says_so_and_leaves_the_file(name, tmp_path):
    """A command with a precision has the number of walkers that it began with."""
    words, more, run, _ = made(tmp_path, name)
    assert call(words, more, "--extend", run).exit_code == 0
    assert_schema(run)
    before = run.read_bytes()
    again = call(words, more, "--extend", run)
    assert again.exit_code == 0, again.output
    assert "nothing was added" in again.output
    assert run.read_bytes() == before


def stopped_again_and_again(words, more, run, draw, monkeypatch, stops):
    """Extend a file, with this number of stops at random chunks, in pieces of random sizes."""
    done, before = 0, run.read_bytes()
    for turn in itertools.count():
        monkeypatch.setattr(keeping, "PIECE_BYTES", (size := int(draw.choice([300, 5000, 2**25]))))
        monkeypatch.setattr("langevin.ensemble.extending.PIECE_BYTES", size)
        monkeypatch.setattr(journal, "SECONDS", float(draw.choice([0.0, 5.0])))
        monkeypatch.setattr(advance, "CHUNK_SECONDS", 1e-5)
        error = [KeyboardInterrupt(), Killed()][int(draw.integers(2))]
        monkeypatch.setattr(
            stopping, "check", Stopper(int(draw.geometric(0.1)) if done < stops else 0, error)
        )
        try:
            result = call(words, more, "--extend", run, "--threads", draw.integers(1, 3))
        except Killed:
            done += 1
            assert run.read_bytes() == before
            continue
        if result.exit_code != 130:
            assert result.exit_code == 0, result.output
            return done
        assert run.read_bytes() == before
        assert f"--extend {run} --threads" in result.stderr
        assert "--resume" not in result.stderr
        done += 1
        assert turn < 10 * stops


@pytest.mark.filterwarnings("ignore::langevin.ensemble.checks.StepSizeWarning")
@pytest.mark.parametrize(
    "name",
    marked(
        ["time", "samples", "walkers", "precision", "memory"], "samples", "walkers", "precision", "memory"
    ),
)
def test_an_extension_that_is_stopped_loses_nothing_and_goes_on(name, tmp_path, monkeypatch):
    words, more, run, one = made(tmp_path, name)
    assert stopped_again_and_again(words, more, run, np.random.default_rng(2), monkeypatch, 3) == 3
    assert_equal(run, one)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["one.h5", "run.h5"]


SMALL = "--potential quadratic --temperature 0.5 --dt 0.005"


def small(tmp_path, *more):
    run = tmp_path / "run.h5"
    assert call(SMALL, "--walkers 20 --horizon 1 --seed 1 -q --out", run, *more).exit_code == 0
    return run


@pytest.mark.parametrize(
    ("words", "code", "reason"),
    [
        ("--potential quadratic --temperature 0.6 --dt 0.005 --horizon 2", 4, "temperature (it was 0.5)"),
        ("--potential quartic --temperature 0.5 --dt 0.005 --horizon 2", 4, "the setting landscape"),
        ("--potential quadratic --temperature 0.5 --dt 0.004 --horizon 2", 4, "dt (it was 0.005)"),
        (f"{SMALL} --horizon 2 --integrator heun", 4, "the setting integrator"),
        (f"{SMALL} --horizon 2 --start 1", 4, "the starts"),
        (f"{SMALL} --horizon 2 --schedule polynomial:100,0.5", 4, "the schedule"),
        (f"{SMALL} --horizon 0.5", 2, "ask for a later end"),
        (f"{SMALL} --walkers 10 --horizon 2", 2, "has 20 walkers already"),
        (f"{SMALL} --horizon 2 --seed 2", 2, "leave --seed out"),
        (f"{SMALL} --horizon 2 --every 7", 2, "leave --every and --frames out"),
        ("--manifold cube --horizon 2", 2, "made for the question 'stationary law'"),
        ("", 2, "--extend has no landscape"),
        (f"{SMALL} --resume run.h5", 2, "one of them"),
    ],
)
def test_what_does_not_go_on_is_refused_and_stays(words, code, reason, tmp_path):
    run = small(tmp_path)
    before = run.read_bytes()
    done = call(words, "--extend", run)
    assert done.exit_code == code, done.output
    assert reason in done.stderr
    assert sum(line.startswith("Error: ") for line in done.stderr.splitlines()) == 1
    assert run.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["run.h5"]


def test_files_of_other_kinds_are_refused(tmp_path, monkeypatch):
    run = small(tmp_path)
    assert call(SMALL, "--extend", tmp_path / "none.h5").exit_code == 4
    with monkeypatch.context() as patch:
        patch.setattr(advance, "CHUNK_SECONDS", 1e-6)
        patch.setattr(stopping, "check", Stopper(5, KeyboardInterrupt()))
        begun = tmp_path / "begun.h5"
        assert call(SMALL, "--walkers 20 --horizon 9 --seed 1 --out", begun).exit_code == 130
    unfinished = call(SMALL, "--extend", begun)
    assert (unfinished.exit_code, "by --resume" in unfinished.stderr) == (4, True)
    with h5py.File(run, "r+") as file:
        del file["state"]
    older = call(SMALL, "--horizon 2 --extend", run)
    assert older.exit_code == 4
    assert "it holds no state" in older.stderr


def test_an_extension_of_other_numbers_begins_again_by_force(tmp_path, monkeypatch):
    run = small(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(advance, "CHUNK_SECONDS", 1e-6)
        patch.setattr(stopping, "check", Stopper(5, KeyboardInterrupt()))
        assert call(SMALL, "--horizon 4 --extend", run).exit_code == 130
    other = call(SMALL, "--horizon 3 --extend", run)
    assert other.exit_code == 4
    assert "pass --force" in other.stderr
    done = call(SMALL, "--horizon 3 --extend", run, "--force")
    assert done.exit_code == 0, done.output
    assert store.load(run).times[-1] == pytest.approx(3.0)


def test_another_file_is_not_replaced(tmp_path):
    run = small(tmp_path)
    other = tmp_path / "other.h5"
    other.write_text("")
    taken = call(SMALL, "--horizon 2 --extend", run, "--out", other)
    assert taken.exit_code == 5
    assert other.read_text() == ""
    assert call(SMALL, "--horizon 2 --extend", run, "--out", other, "--force").exit_code == 0
    assert store.load(other).times[-1] == pytest.approx(2.0)
    assert store.load(run).times[-1] == pytest.approx(1.0)


def test_a_check_of_the_step_is_made_anew(tmp_path):
    run = small(tmp_path)
    done = call(SMALL, "--horizon 2 --check-dt --extend", run, "--json")
    assert done.exit_code == 0, done.output
    assert "step_bias" in done.stdout
