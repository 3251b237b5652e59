"""`langevin simulate --resume`: a run that was stopped ends with the bits of one that was not."""

import itertools

import h5py
import numpy as np
import pytest
from click.testing import CliRunner

from langevin import stopping, store
from langevin.cli import main
from langevin.ensemble import advance, keeping
from langevin.store import journal
from tests.faults.commands import run_digest

#: Runs with and without frames, to a target, over several ensembles, with walkers added until an error is small,
#: with a memory, with steps that are refused or lost, with a second run that checks the step, with a schedule, and
#: in a field.
COMMANDS = {
    "frames": "--potential quadratic -p dim=2 --temperature 0.5 --walkers 40 --frames 50 --horizon 20 --dt .005",
    "two frames": "--potential quadratic --temperature 0.5 --walkers 40 --frames 2 --horizon 20 --dt .005",
    "a target": "--potential double-well -p barrier=1 --temperature 0.5 --walkers 60",
    "samples": "--manifold cube --dim 4 --samples 1:4 --walkers 60",
    "precision": "--potential double-well -p barrier=1 --temperature 0.5 --walkers 40 --precision 0.1",
    "memory": "--manifold canal --dynamics label-noise --integrator heavy-ball -i momentum=0.8 --walkers 20",
    "refused steps": "--manifold ellipsoid -p dim=3 --dynamics projected --walkers 20 --horizon 2 --frames 9 --dt .01",
    "a check": "--potential quadratic --temperature 0.5 --walkers 40 --frames 10 --horizon 5 --check-dt",
    "schedule": "--potential quadratic --temperature 0.5 --walkers 40 --frames 10 --dt 0.01 --horizon 10 "
    "--schedule polynomial:100,0.5",
    "a field": "--manifold sphere --field linear -f strength=2 --walkers 20 --frames 9 --horizon 2 --dt .005",
    "a field in a body": "--manifold cube --dim 3 --samples 1 --field linear -f strength=2 --walkers 60",
}


class Killed(BaseException):
    """A stop that no code handles."""


class Stopper:
    """Replaces `langevin.stopping.check`: raises at the call of this number."""

    def __init__(self, at, error):
        self.at, self.error, self.calls = at, error, 0

    def __call__(self):
        self.calls += 1
        if self.calls == self.at:
            raise self.error


def call(words, *more):
    return CliRunner().invoke(main, ["simulate", *words.split(), "--seed", "1", *more])


def stopped_again_and_again(words, path, draw, monkeypatch, stops):
    """Run `words` with this number of stops at random chunks, in pieces of random sizes; returns the number of stops.

    A run that will be stopped is written after every chunk. For the last run, which continues to the end, this would
    take minutes: a run to a target has ten thousand chunks.
    """
    done = 0
    for turn in itertools.count():
        monkeypatch.setattr(keeping, "PIECE_BYTES", int(draw.choice([300, 5000, 2**25])))
        monkeypatch.setattr(journal, "SECONDS", float(draw.choice([0.0, 5.0])) if done < stops else 5.0)
        monkeypatch.setattr(advance, "CHUNK_SECONDS", float(draw.choice([1e-6, 1e-4])))
        error = [KeyboardInterrupt(), Killed()][int(draw.integers(2))]
        at = int(draw.geometric(0.1)) if done < stops else 0
        monkeypatch.setattr(stopping, "check", Stopper(at, error))
        begun = (path.parent / f"{path.name}.partial").exists()
        more = ["--resume", str(path)] if begun else ["--out", str(path)]
        try:
            result = call(words, *more, "--threads", str(draw.integers(1, 3)))
        except Killed:
            done += 1
            continue
        if result.exit_code != 130:
            assert result.exit_code == 0, result.output
            return done
        done += 1
        assert turn < 10 * stops


def assert_the_same(words, folder, seed, monkeypatch, stops):
    draw = np.random.default_rng(seed)
    whole = folder / "whole.h5"
    if not whole.exists():
        assert call(words, "--out", str(whole)).exit_code == 0
    path = folder / f"stopped-{seed}.h5"
    done = stopped_again_and_again(words, path, draw, monkeypatch, stops)
    assert run_digest(path) == run_digest(whole)
    assert store.load(path).meta["seed"] == 1
    assert [file.name for file in folder.glob("*stopped*")] == [path.name]
    path.unlink()
    return done


@pytest.mark.filterwarnings("ignore::langevin.ensemble.checks.StepSizeWarning")
@pytest.mark.parametrize("name", COMMANDS)
def test_stopped_runs_end_with_the_same_bits(name, tmp_path, monkeypatch):
    assert assert_the_same(COMMANDS[name], tmp_path, 1, monkeypatch, 3) == 3


def test_a_piece_may_be_smaller_than_a_frame(tmp_path, monkeypatch):
    """Also, a chunk may end before a frame is recorded."""
    words = COMMANDS["two frames"]
    assert call(words, "--out", str(tmp_path / "whole.h5")).exit_code == 0
    monkeypatch.setattr(keeping, "PIECE_BYTES", 1)
    monkeypatch.setattr(advance, "CHUNK_SECONDS", 1e-6)
    assert call(words, "--out", str(tmp_path / "cut.h5")).exit_code == 0
    assert run_digest(tmp_path / "cut.h5") == run_digest(tmp_path / "whole.h5")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::langevin.ensemble.checks.StepSizeWarning")
@pytest.mark.parametrize("name", COMMANDS)
def test_any_stopped_runs_end_with_the_same_bits(name, tmp_path, monkeypatch):
    """Each command is stopped fifty times, in runs with up to ten stops."""
    done, seed = 0, 1
    while done < 50:
        seed += 1
        done += assert_the_same(COMMANDS[name], tmp_path, seed, monkeypatch, seed % 10 + 1)


def begun(tmp_path, monkeypatch, words="--potential quadratic --temperature 0.5 --walkers 40 --horizon 20"):
    """The file of a run that was stopped, and its words."""
    path = tmp_path / "run.h5"
    with monkeypatch.context() as patch:
        patch.setattr(advance, "CHUNK_SECONDS", 1e-6)
        patch.setattr(stopping, "check", Stopper(5, KeyboardInterrupt()))
        result = call(words, "--out", str(path))
    assert result.exit_code == 130
    assert (
        f"stopped; `langevin simulate {words} --seed 1 --out {path} --resume {path}` continues the run"
        in result.stderr
    )
    return path, words


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (
            "--potential quadratic --temperature 0.6 --walkers 40 --horizon 20",
            "the setting temperature (it was 0.5)",
        ),
        (
            "--potential quadratic --temperature 0.5 --walkers 41 --horizon 20",
            "walkers (it was [0, 40])",
        ),
        ("--potential quadratic --temperature 0.5 --walkers 40 --horizon 30", "end time (it was 20.0)"),
        ("--potential quartic --temperature 0.5 --walkers 40 --horizon 20", "landscape"),
        ("--potential quadratic -p stiffness=2 --temperature 0.5 --walkers 40 --horizon 20", "dials"),
        ("--potential quadratic --temperature 0.5 --walkers 40 --horizon 20 --seed 2", "seed (it was 1)"),
        ("--potential quadratic --temperature 0.5 --walkers 40 --horizon 20 --frames 7", "frames"),
        ("--potential quadratic --temperature 0.5 --walkers 40 --horizon 20 --integrator heun", "integrator"),
        (
            "--potential quadratic --temperature 0.5 --walkers 40 --horizon 20 --dt 0.004",
            "dt (it was 0.3125)",
        ),
    ],
)
def test_what_has_changed_is_named(changed, reason, tmp_path, monkeypatch):
    path, words = begun(tmp_path, monkeypatch)
    words = [*changed.split(), *([] if "--seed" in changed else ["--seed", "1"]), "--resume", str(path)]
    result = CliRunner().invoke(main, ["simulate", *words])
    assert result.exit_code == 4
    assert "what was kept is of another run, which differs in " in result.stderr
    assert reason in result.stderr
    assert (tmp_path / "run.h5.partial").exists()


@pytest.mark.filterwarnings("ignore::langevin.ensemble.checks.StepSizeWarning")
@pytest.mark.parametrize("changed", ["", "--field linear", "--field linear -f strength=1"])
def test_another_field_is_refused(changed, tmp_path, monkeypatch):
    short = "--walkers 20 --horizon 2 --dt .005"
    path, _ = begun(tmp_path, monkeypatch, f"--manifold sphere --field linear -f strength=2 {short}")
    result = call(f"--manifold sphere {changed} {short}", "--resume", str(path))
    assert result.exit_code == 4
    assert ("dials" if changed else "landscape") in result.stderr


def test_the_seed_alone_is_taken_from_the_file(tmp_path, monkeypatch):
    path, words = begun(tmp_path, monkeypatch)
    without = CliRunner().invoke(main, ["simulate", "--resume", str(path)])
    assert without.exit_code == 2
    assert (
        f"according to the file it is `langevin simulate {words} --seed 1 --out {path} --resume {path}`"
        in (without.stderr)
    )
    assert CliRunner().invoke(main, ["simulate", *words.split(), "--resume", str(path)]).exit_code == 0
    assert store.load(path).meta["seed"] == 1


def test_what_cannot_go_on_says_so(tmp_path, monkeypatch):
    path, words = begun(tmp_path, monkeypatch)
    other = call(words, "--resume", str(tmp_path / "other.h5"))
    assert other.exit_code == 4
    assert "other.h5 has no unfinished run to resume" in other.stderr
    (tmp_path / "other.h5").touch()
    finished = call(words, "--resume", str(tmp_path / "other.h5"))
    assert (finished.exit_code, "add more to a finished run by --extend" in finished.stderr) == (4, True)
    (tmp_path / "other.h5").unlink()
    elsewhere = call(words, "--resume", str(path), "--out", str(tmp_path / "other.h5"))
    assert elsewhere.exit_code == 2
    assert "continues in" in elsewhere.stderr
    anew = call(words, "--out", str(path))
    assert anew.exit_code == 5
    assert "resume it by --resume, choose another name, or pass --force to discard it" in anew.stderr


@pytest.mark.parametrize("name", ["at", "states", "status", "stop_step", "which", "memory"])
@pytest.mark.parametrize("how", ["missing", "shape", "numbers"])
def test_a_damaged_state_is_refused(name, how, tmp_path, monkeypatch):
    path, words = begun(tmp_path, monkeypatch)
    with h5py.File(tmp_path / "run.h5.partial" / "walk-00000" / "now.h5", "r+") as file:
        values = file["state"][name][()]
        if how == "numbers" and not values.size:
            return
        del file["state"][name]
        wrong = {
            "shape": values[1:],
            "numbers": np.full_like(values, np.nan if values.dtype.kind == "f" else 10**6),
        }
        if how != "missing":
            file["state"][name] = wrong[how] if values.size else np.zeros((3, 3))
    result = call(words, "--resume", str(path))
    if (name, how) != ("memory", "numbers"):
        assert result.exit_code == 4, result.output
        assert "the state of this run is damaged" in result.stderr
