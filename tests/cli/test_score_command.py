"""`langevin score`, on a made-up table."""

import csv
import json
import re

import pytest
from click.testing import CliRunner

from langevin.cli import main
from tests.project.documents import blocks
from tests.trainings import made_up


@pytest.fixture
def table(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = made_up(
        cells=100
    )  # of fewer, the seven constants of the best baseline are too uncertain for a verdict
    with open("table.csv", "w", newline="") as handle:
        writer = csv.DictWriter(handle, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return tmp_path


def score(*words):
    return CliRunner().invoke(main, ["score", "--table", "table.csv", *words])


def test_it_prints_draws_and_tells(table):
    done = score("--plot", "score.png")
    assert done.exit_code == 0, done.output
    assert "norm-threshold" in done.output
    assert done.output.endswith("figure to score.png\n")
    assert (table / "score.png").stat().st_size > 10_000
    record = json.loads(score("--json").output, parse_constant=pytest.fail)["made-up"]
    assert record["baseline"] == "log-linear"  # it uses the clock and the norm
    assert record["theories"]["norm-threshold"]["verdict"] == "better"
    assert record["theories"]["norm-threshold"]["factor"]["error"] > 0


def test_the_theory_of_the_page_is_scored_next_to_the_others(table):
    (script,) = [block for block in blocks("docs/delays.md", "python") if "DelayTheory(" in block]
    (table / "mine_of_the_page.py").write_text(script)
    done = score("--theory", "mine_of_the_page.py", "--task", "made-up")
    assert done.exit_code == 0, done.output
    (row,) = [line for line in done.output.splitlines() if line.startswith("mine ")]
    assert "worse" in row
    header = next(line for line in done.output.splitlines() if line.startswith("theory "))
    for column in re.split("  +", header)[1:]:
        assert f"\n{column}: " in done.output


def test_a_theory_that_is_named_in_two_ways_has_one_row(table):
    (table / "twice.py").write_text(
        "from langevin.types import DelayTheory\n"
        "named_once = DelayTheory('x', 'y', predict=lambda seen, constants: 3 + 0 * seen.norm)\n"
    )
    names = ("twice.py", "twice:named_once", "twice.py:named_once")
    done = score(*(word for name in names for word in ("--theory", name)))
    assert done.exit_code == 0, done.output
    assert len(re.findall(r"^named-once ", done.output, flags=re.MULTILINE)) == 1
    assert "twice" not in done.output


def test_a_theory_in_a_folder_may_print_next_to_scores_as_json(table):
    (table / "mine").mkdir()
    (table / "mine" / "loud.py").write_text(
        "from langevin.types import DelayTheory\n"
        "def predict(seen, constants):\n    print('heard')\n    return 3 + 0 * seen.norm\n"
        "loud = DelayTheory('x', 'y', predict)\nprint('read')\n"
    )
    done = score("--theory", "mine/loud.py", "--json")
    assert done.exit_code == 0, done.output
    assert "loud" in json.loads(done.stdout)["made-up"]["theories"]
    assert {"read", "heard"} <= set(done.stderr.split())


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("said", ["100 + seen.norm", "1 / (0 * seen.norm)"])
def test_a_theory_without_a_possible_delay_is_told(said, table):
    (table / "steps.py").write_text(
        f"from langevin.types import DelayTheory\nlost = DelayTheory('x', 'y', lambda seen, it: {said})\n"
    )
    done = score("--theory", "steps.py")
    assert "no forecast of lost is between 10^0 and 10^8 steps on made-up" in done.stderr
    assert done.exit_code == 0, done.output


#: Files of theories with one field that is wrong.
BROKEN = {
    "taken": "log_linear = DelayTheory('x', 'y', predict=lambda seen, constants: seen.norm)",
    "callable": "wrong = DelayTheory('x', 'y', predict=3)",
    "column": "wrong = DelayTheory('x', 'y', predict=lambda seen, it: -seen.lr)",
    "arguments": "wrong = DelayTheory('x', 'y', predict=lambda seen: seen.norm)",
    "silence": "wrong = DelayTheory('x', 'y', predict=lambda seen, it: seen.norm, applies=lambda: True)",
    **{
        name: f"wrong = DelayTheory('x', 'y', lambda seen, it: 0 * seen.norm + it[0], constants={constants})"
        for name, constants in {
            "constants": "(1.0,)",
            "start": "(Constant('c', float('nan')),)",
            "outside": "(Constant('c', 1.0, low=2.0),)",
            "letter": "(Constant('c', 'one'),)",
            "alike": "(Constant('c', 1.0), Constant('c', 2.0))",
        }.items()
    },
}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--baseline", "nothing"), "there is no theory 'nothing'"),
        (("--task", "nothing"), "there is no task 'nothing'"),
        (("--theory", "absent.py"), "there is no file absent.py"),
        (("--theory", "/elsewhere/mine.py"), "is not a Python file below the working directory"),
        (("--theory", "../mine.py"), "is not a Python file below the working directory"),
        (("--plot", "score.txt"), "draws .png, .pdf or .svg"),
        (("--theory", "empty.py"), "holds no theory"),
        (("--theory", "wrong.py"), "an array of"),
        (("--theory", "column"), "write column.py"),
        (("--theory", "column.py"), "no column 'lr' of trainings; there are task, law, loss, learning_rate,"),
        (("--theory", "taken.py"), "has a theory log-linear"),
        (("--theory", "wrong:plain"), "is not a theory of the delay"),
        (("--theory", "callable.py"), "cannot be called"),
        (("--theory", "arguments.py"), "`predict` of wrong cannot be called as predict(seen, constants)"),
        (("--theory", "silence.py"), "`applies` of wrong cannot be called as applies(seen)"),
        (("--theory", "constants.py"), "the constants of wrong are not constants of langevin"),
        (("--theory", "start.py"), "starts at nan"),
        (("--theory", "outside.py"), "starts at 1: a number from 2 to inf"),
        (("--theory", "letter.py"), "start, low and high are numbers"),
        (("--theory", "alike.py"), "two constants of wrong have one name"),
        (("--table", "README"), "cannot be read: No such file or directory"),
        (("--table", "README"), "the one that comes with langevin"),
        (("--table", "large.csv"), "larger than 50,000,000 bytes"),
        (("--table", "other.csv"), "has no column 'task'"),
        (("--table", "short.csv"), "too few cells"),
        (("--plot", "score.xyz"), "--plot draws .png"),
    ],
)
def test_what_cannot_be_scored_is_refused_in_a_sentence(words, sentence, table):
    (table / "empty.py").write_text("x = 1\n")
    (table / "wrong.py").write_text(
        "from langevin.types import DelayTheory\n"
        "wrong = DelayTheory('x', 'y', predict=lambda seen, constants: [1, 2, 3])\n"
        "def plain(seen, constants):\n    return seen.norm\n"
    )
    for name, line in BROKEN.items():
        (table / f"{name}.py").write_text(f"from langevin.types import Constant, DelayTheory\n{line}\n")
    (table / "other.csv").write_text("a,b\n1,2\n")
    with open(table / "large.csv", "wb") as large:
        large.truncate(50_000_001)
    lines = (table / "table.csv").read_text().splitlines()
    (table / "short.csv").write_text("\n".join(lines[:4]) + "\n")
    done = score(*words)
    assert done.exit_code == (4 if words[0] == "--table" else 2), done.output
    assert sentence in done.output
    assert "Traceback" not in done.output
