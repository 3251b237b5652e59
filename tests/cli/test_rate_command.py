"""`langevin rate` on the command line: table, JSON, figure, refusals."""

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner

from langevin.cli import main
from langevin.comparison import compare_all, overall
from langevin.errors import UsageError
from langevin.experiment.rare_escape import MOST_SCATTER, _trusted, rare_curves, rare_escape
from langevin.manifolds import chambers, cube, ring
from langevin.potentials import double_well, saddle
from langevin.types import Effort, Facts


def own_well():
    """The double well as a user would define it: kernels and no facts."""
    return replace(double_well(), facts=Facts())


WELL = ["rate", "--potential", "double-well", "--walkers", "300", "--seed", "1", "--force"]


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


def test_a_table_with_verdicts_and_a_figure(here):
    result = call(*WELL, "--temperature", "0.15,0.1", "--plot", "rates.png")
    assert result.exit_code == 0, result.output
    for words in (
        "flux out of A",
        "P(B before A)",
        "rate",
        "ideal",
        "died out",
        "exact quadrature",
        "verdict",
        "seed 1",
    ):
        assert words in result.output
    assert (here / "rates.png").read_bytes().startswith(b"\x89PNG")


def test_json_holds_every_number_with_its_error():
    record = json.loads(call(*WELL, "--temperature", "0.15", "--json", "--threads", 1).stdout)
    (run,) = record["runs"]
    assert run["extinctions"] == 0
    assert run["configuration"]["walkers"] == 300
    for name in ("flux", "probability", "rate", "mean_time"):
        assert 0 < run[name]["error"] < 0.2 * run[name]["value"]
        assert run[name]["n"] == 16
    assert run["rate"]["value"] * run["mean_time"]["value"] == pytest.approx(1.0)
    assert run["relative_variance"] > 0 < run["ideal_variance"]
    again = json.loads(call(*WELL, "--temperature", "0.15", "--json", "--threads", 3).stdout)
    assert again == record


@pytest.mark.statistical
def test_theory_is_not_excluded_and_a_broken_temperature_is():
    report = rare_escape(double_well(), [0.15, 0.1], seed=4, effort=Effort(800), threads=2)
    assert overall(report.comparisons)["exact quadrature"] != "excluded"
    times = [run.mean_time for run in report.runs]
    # 5 % warmer means 40 % faster
    wrong = compare_all([0.1575, 0.105], times, rare_curves(double_well())[:1], logarithmic=True)
    assert overall(wrong) == {"exact quadrature": "excluded"}


@pytest.mark.statistical
def test_the_cube_beside_its_finite_volumes():
    report = rare_escape(cube(dim=3), [1.0], seed=2, effort=Effort(400), dt=5e-4, threads=2)
    verdicts = overall(report.comparisons)
    assert verdicts["finite volume"] in {"agrees", "inconclusive"}
    assert verdicts["Eyring"] == "excluded"


def test_landscapes_that_raise_no_such_question():
    with pytest.raises(UsageError, match="no target to reach"):
        rare_escape(ring(), [1.0], seed=1)
    with pytest.raises(UsageError, match="above 0"):
        rare_escape(double_well(), [0.1, -1.0], seed=1)
    with pytest.raises(UsageError, match="no barrier"):
        rare_escape(cube(dim=2), None, seed=1)


REFUSALS = [
    (["rate"], 2, "one landscape"),
    (["rate", "--potential", "quadratic", "--temperature", "1"], 2, "no target"),
    ([*WELL, "--temperature", "0.1,x"], 2, "takes finite numbers above 0, got '0.1,x'"),
    ([*WELL, "--temperature", "0"], 2, "above 0"),
    ([*WELL, "--temperature", "0.1", "--replicas", "3"], 2, "from 10"),
    ([*WELL, "--temperature", "0.1", "--kill", "300"], 2, "walkers - 1"),
    ([*WELL, "--temperature", "0.1", "--origin", "3"], 2, "overlap"),
    ([*WELL, "--temperature", "0.1", "--plot", "x.txt"], 2, ".png"),
]


@pytest.mark.parametrize(("words", "code", "said"), REFUSALS, ids=[words[-1] for words, _, _ in REFUSALS])
def test_bad_input_gets_one_sentence(words, code, said, here):
    result = call(*words)
    assert (result.exit_code, said in result.stderr) == (code, True), result.output
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(
    ("landscape", "theories"),
    [
        (saddle(), ["backward equation", "Eyring-Kramers"]),
        (chambers(width=0.1), ["finite volume", "resistances in series"]),
        (own_well(), ["exact quadrature", "Eyring-Kramers"]),
        (ring(), []),
    ],
)
def test_every_landscape_with_a_target_has_its_theories(landscape, theories):
    """They are those of `langevin simulate`, also for a user-defined potential without facts."""
    assert [curve.name for curve in rare_curves(landscape)] == theories


def test_a_poor_score_is_not_trusted():
    """If replicas scatter much more than in the ideal case, all of them may lack the few paths that contribute most."""
    found = rare_escape(double_well(), [0.2], seed=1, effort=Effort(100, replicas=10))
    assert found.comparisons[0].verdict in ("agrees", "inconclusive")
    (run,) = found.runs
    assert _trusted(run).mixed
    poor = replace(run, relative_variance=2 * MOST_SCATTER * run.ideal_variance)
    assert not _trusted(poor).mixed
    assert "score is poor" in _trusted(poor).note
    assert compare_all([0.2], [_trusted(poor)], rare_curves(double_well()))[0].verdict == "not mixed"


def test_a_score_of_ones_own(here, monkeypatch):
    """The score x is minus the distance plus a constant: the same bits. A score that does not rise is refused, or
    replicas scatter."""
    (here / "scores.py").write_text(
        "def place(x, out, parameters):\n    for i in range(x.shape[1]):\n        out[i] = x[0, i] - 1.0\n"
    )
    monkeypatch.syspath_prepend(str(here))
    usual, own = (
        json.loads(call(*WELL, "--temperature", "0.2", "--json", "--threads", 1, *more).stdout)["runs"][0]
        for more in ([], ["--score", "scores:place"])
    )
    assert own["rate"] == usual["rate"]
    refused = call(*WELL, "--score", "place")
    assert refused.exit_code == 2 or isinstance(refused.exception, UsageError)
    assert "module:name" in str(refused.exception) + refused.output
