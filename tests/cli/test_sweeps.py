"""Many runs by one command: folders, seeds, continuation, refusals."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress

import pytest

import langevin
from langevin.store.atomic import partial_folder
from langevin.store.claims import claimed
from tests.faults.commands import run_digest
from tests.sweeps import FOLDER, POINTS, call, digests, files


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refusal(result):
    assert result.exit_code != 1, result.output
    return str(result.exception) + result.stderr


def test_each_point_is_the_run_of_its_own_command(here):
    result = call(*POINTS)
    assert result.exit_code == 0, result.output
    assert "2 points, 2 finished" in result.stdout
    for file in files(here / FOLDER):
        words = list(langevin.load(file).meta["command"])
        assert "--out" not in words
        assert call(*words[1:], "--out", "alone.h5", "--force").exit_code == 0
        assert run_digest(here / "alone.h5") == run_digest(file)


def test_workers_and_a_plan_file_give_the_same_bits(here):
    call(*POINTS)
    one = digests(here / FOLDER)
    (here / "plan.toml").write_text(
        'command = "simulate"\nout = "other"\n[fixed]\npotential = "double-well"\nwalkers = 20\nseed = 1\n'
        "[grid]\ntemperature = [0.40, 5e-1]\n"
    )
    result = call("sweep", "plan.toml", "--jobs", "2", "--quiet")
    assert result.exit_code == 0, result.output
    assert digests(here / "other") == one


def test_finished_points_are_not_made_again_and_missing_ones_are(here):
    call(*POINTS)
    before = {file.name: file.stat().st_mtime_ns for file in files(here / FOLDER)}
    kept = digests(here / FOLDER)
    files(here / FOLDER)[0].unlink()
    result = call(*POINTS)
    assert result.exit_code == 0, result.output
    after = {file.name: file.stat().st_mtime_ns for file in files(here / FOLDER)}
    assert [name for name in after if after[name] != before[name]] == [sorted(before)[0]]
    assert digests(here / FOLDER) == kept


def test_a_drawn_seed_is_that_of_the_folder_from_then_on(here):
    words = [*POINTS[: POINTS.index("--seed")], "--jobs", "1"]
    assert call(*words).exit_code == 0
    names = [file.name for file in files(here / FOLDER)]
    assert call(*words).exit_code == 0
    assert [file.name for file in files(here / FOLDER)] == names


def test_seeds_are_an_axis_whose_points_are_independent(here):
    words = (
        "simulate",
        "--potential",
        "double-well",
        "--walkers",
        "5",
        "--temperature",
        "0.5,0.6",
        "--seed",
        "0:2",
    )
    assert call(*words, "--jobs", "1").exit_code == 0
    seeds = [langevin.load(file).meta["seed"] for file in files(here / FOLDER)]
    assert len(set(seeds)) == 4


def test_a_failed_point_is_kept_and_the_others_are_made(here):
    words = (*POINTS, "--dt", "0.001,0.9")
    result = call(*words)
    assert result.exit_code == 3
    assert "2 of 4 points failed" in refusal(result)
    assert "--retry-failed" in refusal(result)
    assert len(files(here / FOLDER)) == 2
    info = call("info", FOLDER)
    assert info.exit_code == 0
    assert "2 finished, 2 failed" in info.stdout
    assert "0.9 is unstable" in info.stdout
    assert call(*words, "--json").stdout.count("unstable") == 2  # said again, and not made again


def test_retry_failed_makes_them_again(here):
    call(*POINTS)
    file = files(here / FOLDER)[0]
    whole = run_digest(file)
    file.rename(here / "aside")
    file.with_suffix(".failed").write_text('{"message": "no memory", "code": 3}')
    result = call(*POINTS)
    assert result.exit_code == 3
    assert "no memory" in refusal(result)
    assert call(*POINTS, "--retry-failed").exit_code == 0
    assert run_digest(file) == whole
    assert not file.with_suffix(".failed").exists()


def test_a_point_that_another_sweep_makes_is_left_to_it(here):
    call(*POINTS)
    file = files(here / FOLDER)[0]
    file.unlink()
    with claimed(file):
        result = call(*POINTS)
    assert result.exit_code == 0, result.output
    assert "1 finished, 1 begun" in result.stdout or "1 finished, 1 missing" in result.stdout
    assert not file.with_suffix(".failed").exists()


def test_a_changed_landscape_is_told(here):
    source = (
        "import langevin.potentials as p\n"
        "def mywell(barrier: float = 1.0):\n    return p.double_well(barrier=barrier{factor})\n"
    )
    (here / "mine_changed.py").write_text(source.format(factor=""))
    words = ("simulate", "--potential", "mine_changed:mywell", *POINTS[3:])
    program = [sys.executable, "-m", "langevin", *words]
    assert subprocess.run(program, capture_output=True, check=False).returncode == 0
    (here / "mine_changed.py").write_text(source.format(factor=" * 0.5"))
    changed = subprocess.run(program, capture_output=True, check=False, text=True)
    assert changed.returncode == 5
    assert "made with other functions" in changed.stderr
    assert len(files(here / "mine_changed_mywell-sweep")) == 2
    anew = subprocess.run([*program, "--force"], capture_output=True, check=False, text=True)
    assert anew.returncode == 0, anew.stderr
    assert len(files(here / "mine_changed_mywell-sweep")) == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--temperature", "0.5,-1"), "at temperature = -1: "),
        (("--temperature", "0.5,x"), "'x' is not a number"),
        (("--temperature", "lin:1:2"), "lin:a:b:n"),
        (("--walkers", "5:5"), "has values"),
        (("-p", "barier=1,2"), "did you mean barrier?"),
        (("-p", "barrier=1,0"), "barrier = 0"),
        (("--walkers", "5,6", "--resume", "x.h5"), "leave --resume"),
        (("--walkers", "5,6", "--task", "3/2"), "I/N"),
        (("--walkers", "5,6", "--jobs", "0"), "--jobs takes a whole number from 1"),
        (("--walkers", "5,6", "--threads", "1,2"), "--threads takes a whole number from 1"),
        (("--walkers", "5,6", "--task", "\u00b2/3"), "I/N"),
        (("--walkers", "5,6", "--task", f"1/{'3' * 5000}"), "--task takes"),
        (("--seed", "1,18446744073709551616"), "at seed = 18446744073709551616: seed takes a whole number"),
        (("--seed", "1,x"), "at seed = x: seed takes a whole number"),
        (("--walkers", "5,6", "--out", "a\0b"), "names no folder"),
        (("--walkers", "5,6", "--plot", "x.doc"), ".png"),
        (("--walkers", "5,6", "--out", "full"), "something else"),
        (("--config", "none.toml"), "cannot be read"),
    ],
)
def test_refused_before_anything_is_made(here, words, said):
    (here / "full").mkdir()
    (here / "full" / "letter.txt").write_text("mine")
    result = call("simulate", "--potential", "double-well", *words)
    assert result.exit_code in (2, 4, 5), result.output
    assert said in refusal(result)
    assert sorted(path.name for path in here.iterdir()) == ["full"]


def test_lists_of_one_run_stay_one_run(here):
    result = call(
        "simulate", "--manifold", "cube", "--dim", "4", "--samples", "1,2", "--walkers", "20", "--seed", "1"
    )
    assert result.exit_code == 0, result.output
    assert (here / "cube.h5").is_file()


def test_settings_from_a_plan_of_a_run_make_the_run_again(here):
    words = (
        "simulate",
        "--potential",
        "double-well",
        "-p",
        "barrier=1",
        "--temperature",
        "0.5",
        "--walkers",
        "20",
    )
    assert call(*words, "--seed", "7", "--out", "a.h5").exit_code == 0
    plan = call("config", "a.h5")
    assert plan.exit_code == 0, plan.output
    (here / "plan.toml").write_text(plan.stdout)
    assert call("simulate", "--config", "plan.toml", "--out", "b.h5").exit_code == 0
    assert run_digest(here / "a.h5") == run_digest(here / "b.h5")
    assert call("simulate", "--config", "plan.toml", "--walkers", "30", "--out", "c.h5").exit_code == 0
    assert langevin.load("c.h5").states.shape[0] == 30
    assert call("rate", "--config", "plan.toml").exit_code == 2


def test_tasks_of_a_job_array_share_the_points(here):
    words = (*POINTS, "--walkers", "5,6,7")
    assert call(*words, "--task", "2/3").exit_code == 0
    assert len(files(here / FOLDER)) == 2
    for task in ("1/3", "3/3"):
        assert call(*words, "--task", task).exit_code == 0
    assert len(files(here / FOLDER)) == 6
    assert "6 finished" in call("info", FOLDER).stdout


def test_dry_run_shows_points_and_costs_and_makes_nothing(here):
    result = call(*POINTS, "--dry-run")
    assert result.exit_code == 0, result.output
    assert "missing   temperature = 0.5" in result.stdout
    assert "for 2 missing points" in result.stdout
    assert list(here.iterdir()) == []
    call(*POINTS)
    assert "nothing is left" in call(*POINTS, "--dry-run").stdout


def wait_for(something, seconds=60.0):
    end = time.monotonic() + seconds
    while not something():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_sweep_that_is_stopped_goes_on_to_the_same_bits(here, number):
    words = ("simulate", "--potential", "quadratic", "--walkers", "2000", "--horizon", "100,101,102,103", "--dt",
             "0.005", "--frames", "4", "--seed", "3", "--jobs", "2", "--quiet")  # fmt: skip
    program = [sys.executable, "-m", "langevin", *words]
    running = subprocess.Popen(
        [*program, "--out", "stopped"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    wait_for(lambda: (here / "stopped").is_dir() and any(here.glob("stopped/*.h5")))
    running.send_signal(number)
    running.wait(60)
    running.stderr.close()
    assert running.returncode == (130 if number == signal.SIGINT else -number)
    wait_for(lambda: not _workers(here))
    assert 1 <= len(files(here / "stopped")) < 4
    assert (
        subprocess.run([*program, "--out", "stopped"], stdout=subprocess.DEVNULL, check=False).returncode == 0
    )
    assert not any(partial_folder(file).exists() for file in files(here / "stopped"))
    assert (
        subprocess.run([*program, "--out", "whole"], stdout=subprocess.DEVNULL, check=False).returncode == 0
    )
    assert digests(here / "stopped") == digests(here / "whole")


def _workers(folder):
    """Processes that work in a folder, according to the operating system."""
    found = []
    for process in os.listdir("/proc"):
        with suppress(OSError):
            if process.isdigit() and os.readlink(f"/proc/{process}/cwd") == str(folder):
                found.append(int(process))
    return [process for process in found if process != os.getpid()]


def test_an_axis_that_is_added_keeps_the_points_that_were_made(here):
    assert call(*POINTS, "-p", "barrier=1").exit_code == 0
    before = digests(here / FOLDER)
    assert call(*POINTS, "-p", "barrier=2,1").exit_code == 0
    after = digests(here / FOLDER)
    assert len(after) == 4
    assert {name: after[name] for name in before} == before
    assert len({langevin.load(file).meta["seed"] for file in files(here / FOLDER)}) == 4
    assert langevin.load_sweep(FOLDER).to_xarray().value.sizes == {
        "p.barrier": 2,
        "temperature": 2,
        "quantity": 1,
    }
