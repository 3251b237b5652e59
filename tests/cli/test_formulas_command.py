"""A formula instead of a landscape's name: it is run, compared with theory, given again, or refused by a message."""

import pytest
from click.testing import CliRunner

from langevin.cli import main

#: The head of the table that only a known landscape gets.
TABLE = "mean escape time 95 % interval walkers"
WELL = "expr:h*(x**2 - 1)**2 + 2*y**2"


def run(*words):
    return CliRunner().invoke(main, list(words))


def test_a_formula_is_run_and_compared(tmp_path):
    file = str(tmp_path / "run.h5")
    words = ("--potential", WELL, "-p", "h=1", "--temperature", "0.5", "--walkers", "100", "--seed", "1")
    done = run("simulate", *words, "-o", file, "-q")
    assert done.exit_code == 0, done.output
    assert "backward equation" in done.output
    alone = run("compare", file)
    assert f"--potential '{WELL}'" in " ".join(alone.output.split())
    assert TABLE not in " ".join(alone.output.split())  # nothing in a file decides what runs
    given = run("compare", file, "--potential", WELL)
    assert given.exit_code == 0, given.output
    assert TABLE in " ".join(given.output.split())
    other = run("compare", file, "--potential", WELL.replace("2*y", "3*y"))
    assert other.exit_code == 2
    assert "not the one of this run" in other.output


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--potential", WELL), "no value for h"),
        (("--potential", "expr:import os"), "cannot be read as an expression"),
        (("--potential", "expr:x**2", "-p", "k=1"), "unknown dial"),
        (("--manifold", "expr:x**2 + y**2 + 1"), "no point of the surface"),
    ],
)
def test_a_wrong_formula_is_refused(words, told, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = run("simulate", *words, "--temperature", "0.1", "-q")
    assert done.exit_code in (2, 3)
    assert told in " ".join(done.output.split())
    assert not list(tmp_path.iterdir())


def test_a_file_of_a_formula_has_a_plain_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = run("simulate", "--manifold", "expr:x**2/a**2 + y**2 - 1", "-p", "a=2", "--temperature", "0.1",
               "--dynamics", "projected", "--walkers", "50", "--horizon", "1", "-q")  # fmt: skip
    assert done.exit_code == 0, done.output
    assert [path.name for path in tmp_path.iterdir()] == ["expr_x_2_a_2_y_2_-_1.h5"]
