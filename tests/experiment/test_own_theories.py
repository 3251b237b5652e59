"""User-defined theories are judged as the others, and refused or explained if they cannot be compared."""

import math

import numpy as np
import pytest
from click.testing import CliRunner

import langevin
from langevin.cli import main
from langevin.errors import UsageError
from langevin.types import Curve, Prediction, Theory

RUN = {"dials": {"barrier": 2.0}, "temperature": 0.6, "walkers": 200, "seed": 3, "threads": 1}
#: Mean time at this temperature by quadrature, as the theory `exact quadrature` gives it.
EXACT = 18.2918


def right(temperature, setting):
    """Any temperature."""
    return EXACT


def wrong(temperature, setting):
    return 3 * EXACT


def failing(temperature, setting):
    return 1 / 0


def absent(temperature, setting):
    return math.nan


def record(**changes):
    curve = Curve("half", lambda temperature: Prediction(temperature / 2), "any", "none", quantity="E f")
    entries = {"question": "stationary law", "summary": "half", "applies": lambda case: True}
    return Theory(**{**entries, "curves": lambda setting: [curve], "stationary": True, **changes})


@pytest.fixture(scope="module")
def plain():
    return langevin.ask("double-well", **RUN)


@pytest.fixture(scope="module")
def report():
    return langevin.ask("double-well", theory=[right, wrong, failing, absent], **RUN)


def test_a_formula_is_judged_like_a_theory_and_a_wrong_one_is_excluded(report):
    """A formula with the number of a theory has the same score; three times this number is 15 errors away."""
    rows = {row.theory: row for row in report.comparisons}
    assert rows["right"].z == pytest.approx(rows["exact quadrature"].z, abs=1e-4)  # six digits of its number
    assert rows["right"].verdict == rows["exact quadrature"].verdict != "excluded"
    assert rows["wrong"].verdict == "excluded"
    assert "Any temperature." in report.text


def test_a_formula_without_a_number_is_out_of_range_and_says_why(report):
    verdicts = report.record["verdicts"]
    assert verdicts["failing"] == verdicts["absent"] == "out of range"
    assert "failing has no number here: ZeroDivisionError: division by zero" in report.text


def test_a_theory_changes_nothing_of_the_run(plain, report):
    assert np.array_equal(plain.trajectory.states, report.trajectory.states)
    assert plain.trajectory.meta == report.trajectory.meta


def test_a_recorded_run_is_compared_with_it_too(report):
    again = langevin.review(report.trajectory, theory=wrong)
    assert next(row for row in again.comparisons if row.theory == "wrong").verdict == "excluded"


def test_a_name_that_is_taken_is_told_apart():
    taken = record(question="first passage", curves=lambda setting: [
        Curve("exact quadrature", lambda temperature: Prediction(1.0), "any", "none")
    ])  # fmt: skip
    found = langevin.ask("double-well", theory=taken, **RUN)
    assert found.record["verdicts"]["exact quadrature (own)"] == "excluded"
    assert found.record["verdicts"]["exact quadrature"] != "excluded"


@pytest.mark.parametrize(
    ("theory", "what"),
    [
        (record(), "it answers the question 'stationary law'"),
        (record(question="first passage", applies=lambda case: False), "it does not apply"),
        (lambda temperature: 1.0, "not a theory"),
    ],
)
def test_what_could_not_be_compared_is_refused_before_the_run(theory, what):
    with pytest.raises(UsageError, match=what):
        langevin.ask("double-well", theory=theory, **RUN)


def test_a_theory_of_another_question_is_a_remark_on_a_recorded_run(plain):
    assert (
        "is not compared: it answers the question" in langevin.review(plain.trajectory, theory=record()).text
    )


def test_of_several_numbers_a_curve_names_one():
    found = langevin.ask("quadratic", temperature=0.6, walkers=400, seed=1, theory=[record(), right])
    assert found.record["verdicts"]["half"] != "excluded"
    assert "right was compared with nothing" in found.text
    assert "E |x|^2, E f" in found.text


def test_a_formula_is_compared_with_the_cube_and_with_rates():
    cube = langevin.ask("cube", samples=[6, 7], walkers=200, seed=1, theory=lambda samples, setting: 100.0)
    assert cube.record["verdicts"]["<lambda>"] == "excluded"
    assert sum(row.theory == "<lambda>" for row in cube.comparisons) == 2
    rates = langevin.ask_rate("double-well", [0.2], effort=langevin.Effort(walkers=50, replicas=10), seed=1)
    assert langevin.review(rates.trajectory, theory=wrong).record["verdicts"]["wrong"] == "excluded"


@pytest.fixture
def here(tmp_path, monkeypatch):
    (tmp_path / "own_formulas.py").write_text("def three(point, setting):\n    return 3.0\n\nnone = 1\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)


def call(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


def test_the_command_names_it_by_module_or_by_file(here):
    words = "simulate --potential double-well -p barrier=2 --temperature 0.6 --walkers 50 --seed 1 -o a.h5".split()
    done = call(*words, "--theory", "own_formulas:three")
    assert done.exit_code == 0, done.output
    assert "three             excluded" in done.output
    again = call("compare", "a.h5", "--theory", "own_formulas.py:three")
    assert "three             excluded" in again.output
    assert "have the same results" in again.output, "the file keeps what was compared"
    assert "three  " not in call("compare", "a.h5").output.partition("Comparisons stored")[0], (
        "nothing in it is run"
    )


@pytest.mark.parametrize(
    "name", ["own_formulas:none", "own_formulas:missing", "missing:three", "wells", "a.py"]
)
def test_a_wrong_name_is_one_sentence(here, name):
    done = call("simulate", "--potential", "double-well", "--theory", name, "-o", "a.h5")
    assert done.exit_code == 2
    assert done.output.startswith("Error: ")
    assert done.output.count("\n") == 1


def test_a_sweep_keeps_the_verdicts_of_a_theory(here):
    words = "simulate --potential double-well -p barrier=2 --walkers 50 --seed 1 --jobs 1 -o swept".split()
    done = call(*words, "--temperature", "0.6,0.7", "--theory", "own_formulas:three")
    assert done.exit_code == 0, done.output
    sweep = langevin.load_sweep("swept")
    assert "three" in str(sweep)


def test_rates_are_compared_with_a_formula_of_the_temperature():
    effort = langevin.Effort(walkers=100, replicas=10)
    found = langevin.ask_rate(
        "double-well", 0.3, dials={"barrier": 2.0}, theory=[right, wrong], effort=effort, seed=1, threads=1
    )
    assert {"right", "wrong"} <= {row.theory for row in found.comparisons}
    exact = next(row for row in found.comparisons if row.theory == "exact quadrature")
    assert exact.verdict != "excluded"


def test_a_theory_of_another_question_is_refused_before_rates_are_walked():
    with pytest.raises(UsageError, match="answers the question 'stationary law'"):
        langevin.ask_rate("double-well", 0.3, theory=record(), seed=1)
