"""A few of the faults, and a test that the injector detects failures; `python -m tests.faults` runs all faults."""

import json
import subprocess
import sys

import pytest

from tests.faults.__main__ import left_of, logged, planned
from tests.faults.commands import COMMANDS
from tests.faults.kinds import FAULTS
from tests.project.documents import ROOT

FEW = ("kill -9", "SIGTERM", "quota", "folder deleted", "second writer")
#: The injector with a product that is broken first.
BROKEN = "{breaking}\nfrom tests.faults.__main__ import main\nmain()"
#: Broken programs: a claim that every process gets, and a result that is written in parts under its final name.
BREAKINGS = {
    "second writer": "from langevin.store import claims\nclaims._made = lambda *rest: True",
    "kill -9": """
from pathlib import Path
from langevin import store
from langevin.cli import extended, run_and_show
run_and_show.discard = lambda path: Path(path).write_bytes(b"half")
extended.keep = lambda path, run, force, theory, measured: store.save(path, run, force=True, theory=theory)
""",
}


def injected(start, *words):
    command = [sys.executable, *start, "--command", "simulate", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_run_survives_a_few_faults():
    done = injected(
        ["-m", "tests.faults"], "--count", str(len(FEW)), *(w for name in FEW for w in ("--fault", name))
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(FEW)} faults fired, {len(FEW)} times all held" in done.stdout


@pytest.mark.parametrize("fault", BREAKINGS)
def test_a_broken_promise_is_seen(fault):
    start = ["-c", BROKEN.format(breaking=BREAKINGS[fault])]
    # on a busy machine the second writer may come when the first has ended
    count = "6" if fault == "second writer" else "2"
    done = injected(start, "--count", count, "--fault", fault)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "broke: " in done.stdout


@pytest.mark.slow
def test_every_command_survives_every_fault():
    command = [sys.executable, "-m", "tests.faults", "--full"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_log_is_gone_on_from_and_what_broke_is_injected_again(tmp_path):
    log = tmp_path / "log.jsonl"
    assert logged(log) == {}
    plan = planned(4, 7, FAULTS, COMMANDS)
    with log.open("w") as file:
        for number, broke in [(0, []), (1, ["it hangs"]), (2, ["it hangs"]), (2, [])]:
            _, fault, command = plan[number]
            record = {"seed": 7 + number, "fault": fault.name, "command": command.name, "broke": broke}
            print(json.dumps(record), file=file)
    assert left_of(plan, 7, logged(log)) == [plan[1], plan[3]]


def test_faults_have_names_of_their_own():
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
