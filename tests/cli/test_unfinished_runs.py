"""A run that has not finished never has its final name, and its record shows its progress."""

import json
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from langevin import potentials
from langevin.cli import main
from langevin.cli.unfinished import Job, keeper
from langevin.errors import OutputError
from langevin.experiment import Settings, run
from langevin.store import Walks, append_segment, load, save
from tests.engine import EAGER
from tests.synthetic import brownian

WORDS = [
    "simulate",
    "--potential",
    "double-well",
    "--temperature",
    "0.3",
    "--dt",
    "1e-3",
    "--seed",
    "1",
    "-o",
    "run.h5",
]
LONG = [*WORDS, "--walkers", "50", "--horizon", "1e9", "-p", "barrier=9"]


def call(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_killed_run_lies_in_its_partial_folder_and_says_how_far_it_came(here):
    """SIGKILL, which no process can handle; SIGINT and SIGTERM are in test_commands.py."""
    process = subprocess.Popen([sys.executable, "-c", EAGER, *LONG])
    try:
        deadline = time.monotonic() + 120
        while (
            not (here / "run.h5.partial" / "walk-00000" / "now.h5").exists() and time.monotonic() < deadline
        ):
            time.sleep(0.02)
        assert not (here / "run.h5").exists()
        process.send_signal(signal.SIGKILL)
        assert process.wait(timeout=20) == -signal.SIGKILL
    finally:
        process.kill()
    assert not (here / "run.h5").exists()
    recorded = load("run.h5")
    line = f"unfinished, so far t = {recorded.times[-1]:.4g} of 1e+09"
    assert 0 < recorded.times[-1] < 1e9
    for name in ("run.h5", "run.h5.partial"):
        assert call("info", name).output.startswith(f"{name}: {line}\n")
    assert json.loads(call("info", "run.h5", "--json").output)["finished"] is False
    assert f"Remark: {line}" in call("compare", "run.h5").output
    assert line in json.loads(call("compare", "run.h5", "--json").output)["remarks"]
    refused = call(*WORDS)
    assert refused.exit_code == OutputError.exit_code
    assert "choose another name, or pass --force to discard it" in refused.output


def test_a_finished_run_leaves_no_partial_folder_even_after_a_killed_one(here):
    (here / "run.h5.partial").mkdir()
    assert call(*WORDS, "--horizon", "1", "--walkers", "20", "--force", "-q").exit_code == 0
    assert not (here / "run.h5.partial").exists()
    assert call("info", "run.h5").output.startswith("run.h5: finished run, can be extended\n")
    assert "unfinished" not in call("compare", "run.h5").output


def test_a_file_that_appears_during_the_run_is_not_replaced(here, monkeypatch):
    """Another process takes the name: the complete run is saved under another name in the same folder."""

    def meanwhile(*arguments):
        report = run(*arguments)
        (here / "run.h5").write_text("of another process")
        return report

    monkeypatch.setattr("langevin.cli.run_and_show.run", meanwhile)
    result = call(*WORDS, "--horizon", "1", "--walkers", "20", "-q")
    assert result.exit_code == OutputError.exit_code, result.output
    assert (here / "run.h5").read_text() == "of another process"
    assert "this run was saved to run-2.h5" in result.output
    assert load("run-2.h5").counts["censored"] == 20


def test_what_is_kept_of_a_run_that_adds_walkers_holds_the_earlier_ones_too(here, monkeypatch):
    """Forty walkers first, then more for the precision: the record must still have the first forty."""
    monkeypatch.setattr("langevin.store.journal.SECONDS", 0.0)
    walks = Walks(here / "run.h5")
    settings = Settings(
        seed=1, temperature=0.5, walkers=40, precision=0.1, threads=1, dt=1e-3, journal=walks.next
    )
    whole = run(potentials.double_well, {}, settings).trajectory
    assert len(whole.states) > 40
    kept = load("run.h5")
    assert (kept.events["time"] == whole.events["time"]).all()
    assert kept.meta["complete"] is False


def test_a_signal_between_a_segment_and_its_count_does_not_write_it_twice(here, monkeypatch):
    """Ctrl-C arrives when the segment has its name; the next segment that is kept must be the next one."""

    def interrupted(*arguments):
        append_segment(*arguments)
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr("langevin.store.append_segment", interrupted)
    keep = keeper(Path("run.h5"), Job("models.parity", None, (), {"seed": 1}, False))
    whole = brownian(3, 5)
    for draws in (2, 5):
        with pytest.raises(KeyboardInterrupt):
            keep(replace(whole, times=whole.times[:draws], steps=whole.steps[:draws],
                         states=whole.states[:, :draws]), {"identity": "it"})  # fmt: skip
    assert (load("run.h5").states == whole.states).all()


@pytest.mark.parametrize(
    ("meta", "said"),
    [
        ({"complete": False, "end_time": 9.0}, "unfinished, so far t = 1 of 9"),
        ({"complete": False}, "unfinished, so far t = 1"),
        ({"complete": True, "end_time": 4.0}, "finished run"),
        ({}, "finished run"),
    ],
)
def test_a_script_that_saves_what_there_is_so_far_is_told_the_same(here, meta, said):
    save("run.h5", brownian(3, 5, meta=meta))
    assert call("info", "run.h5").output.startswith(f"run.h5: {said}\n")


def test_entries_that_no_run_writes_are_refused(here):
    meta = {"complete": False, "end_time": "\x1b", "samples": ["\x1b"], "samples_asked": 1}
    save("run.h5", brownian(3, 5, meta=meta))
    said = call("info", "run.h5")
    assert said.exit_code == 4
    assert said.output.startswith("Error: run.h5 is no run file of langevin's, for the entry end_time")
