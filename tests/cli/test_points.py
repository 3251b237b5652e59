"""Points of a sweep whose user-defined code crashes, ends the process, or changes during the sweep."""

import json
import os
import subprocess
import sys

import pytest

import langevin
from langevin.cli.sweep_point import Expected, Task, content_of, make_point
from tests.sweeps import files

SOURCE = """
import ctypes, multiprocessing
import langevin.potentials as p

def well(barrier: float = 1.0, lower: bool = True):
    if barrier == 3.0 and multiprocessing.parent_process() is not None:
        {fault}
    return p.double_well(barrier=barrier / 2 if lower else barrier)
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def sweep(barriers, *words):
    """A sweep in a separate process, because it may crash."""
    command = [sys.executable, "-m", "langevin", "simulate", "--potential", "mine:well", "-p", f"barrier={barriers}",
               "--walkers", "5", "--temperature", "2", "--seed", "1", "--quiet", "--json", *words]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("ctypes.string_at(0)", "died, again and again"),
        ("raise SystemExit(7)", "mine:well fails: SystemExit: 7"),
    ],
)
def test_the_only_point_that_is_left_fails_and_the_command_does_not(here, fault, said):
    (here / "mine.py").write_text(SOURCE.format(fault=fault))
    result = sweep("3,3.0", "--jobs", "2", "--out", "many")
    assert result.returncode == 3, result.stderr
    assert said in json.loads(result.stdout)["failed"].popitem()[1]
    assert files(here / "many") == []


def test_a_dial_that_is_false_reaches_the_run(here):
    (here / "mine.py").write_text(SOURCE.format(fault="pass"))
    result = sweep("1", "-p", "lower=true,false", "--jobs", "1", "--out", "many")
    assert result.returncode == 0, result.stderr
    runs = [langevin.load(file).meta for file in files(here / "many")]
    assert [(run["sweep"]["p.lower"], run["dials"]["barrier"]) for run in runs] == [
        ("false", 1.0),
        ("true", 0.5),
    ]


def test_a_point_is_not_made_of_content_that_has_changed_since(here):
    settings = {"potential": "double-well", "walkers": "5", "temperature": "2", "seed": "1"}
    words = ("simulate", "--potential", "double-well", "--walkers", "5", "--temperature", "2", "--seed", "1")
    content = content_of("simulate", settings)
    for changed in ("", "subject"):
        expected = Expected("simulate", settings, {**content, changed: "0"} if changed else content)
        made = make_point(Task(words, f"{changed or 'same'}.h5", ("--quiet", "--threads", "1"), {}, expected))
        assert (made.code, made.kept) == ((4, False) if changed else (0, True)), made.message
    assert "its subject is another than when the sweep began" in made.message
    assert not os.path.exists("subject.h5")
