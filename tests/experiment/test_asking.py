"""From Python the answer is that of the command line, shown as text, table, figure and notebook cell."""

import re

import pytest
from click.testing import CliRunner

import langevin
from langevin.cli import main
from langevin.errors import UsageError
from langevin.experiment.own_landscape import OWN
from langevin.types import Comparison, Measurement, Prediction

SMALL = {"temperature": 0.5, "walkers": 200, "seed": 1}


@pytest.fixture(scope="module")
def report():
    return langevin.ask("double_well", **SMALL)


def test_python_gives_what_the_command_line_prints(report, tmp_path):
    words = ["simulate", "--potential", "double-well", "--temperature", "0.5", "--walkers", "200", "--seed", "1",
             "-o", str(tmp_path / "run.h5")]  # fmt: skip
    printed = CliRunner().invoke(main, words).output
    assert str(report) in printed
    again = langevin.review(tmp_path / "run.h5")
    assert str(again) == str(report)
    assert repr(report).startswith("<Report: Escape from the well")
    assert len(repr(report)) < 200


def test_a_landscape_of_langevin_is_known_by_its_content(report):
    given = langevin.ask(langevin.potentials.double_well(), **SMALL)
    assert str(given) == str(report)
    assert OWN not in given.trajectory.meta
    own = langevin.ask(langevin.potentials.from_expression("(x**2 - 1)**2"), **SMALL)
    assert own.trajectory.meta[OWN]["sha256"]


def test_the_tables_hold_the_comparisons(report):
    frame = report.to_dataframe()
    assert list(frame.verdict) == [row.verdict for row in report.comparisons]
    assert list(frame.error) == [row.measured.error for row in report.comparisons]
    run = report.to_xarray()
    assert run.states.dims == ("chain", "draw", "coordinate")
    assert run.states.shape == report.trajectory.states.shape
    assert {"time", "step"} <= set(run.coords)


def test_a_notebook_shows_a_table_and_a_figure(report, tmp_path):
    shown = report._repr_html_()
    assert len(re.findall("<tr>", shown)) == 1 + len(report.comparisons)
    assert "data:image/png;base64," in shown
    assert "<script" not in shown
    assert report.plot()._repr_png_().startswith(b"\x89PNG")
    report.plot(tmp_path / "figure.pdf")
    assert (tmp_path / "figure.pdf").read_bytes().startswith(b"%PDF")


def test_numbers_of_samples_and_rates_are_asked_for():
    cube = langevin.ask("cube", samples=range(6, 8), precision=0.1, seed=1)
    assert cube.comparisons
    rate = langevin.ask_rate("double-well", 0.1, seed=1, effort=langevin.Effort(walkers=40, replicas=10))
    assert "mean time" in str(rate)
    assert repr(rate).startswith("<RareEscape: ")


def test_progress_is_told():
    told = []
    langevin.ask("double-well", progress=lambda *words: told.append(words), **SMALL)
    assert told


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: langevin.ask(0.5), "Landscape"),
        (lambda: langevin.ask("no-such"), "no manifold"),
        (lambda: langevin.ask("cube", walker=3), "no setting walker"),
        (
            lambda: langevin.ask(langevin.potentials.double_well(), dials={"barrier": 2}),
            "dials go with a name",
        ),
        (lambda: langevin.ask("double-well", dials={"height": 2}), "height"),
        (lambda: langevin.ask("double-well", temperature=-1.0), "temperature"),
        (lambda: langevin.review("no-such.h5"), "no-such.h5"),
    ],
)
def test_a_wrong_call_gets_one_sentence(call, words):
    with pytest.raises(langevin.errors.LangevinError, match=words):
        call()


def test_records_say_what_they_hold(report):
    """Each is one short line, with the digits that the error allows."""
    assert str(Measurement(0.102734, 0.001634, 40000, "mean")) == "0.1027 +- 0.0016 (n = 40000)"
    failed = Measurement(1.0, 0.1, 3, "mean", mixed=False, note="too short")
    assert str(failed) == "1.00 +- 0.10 (n = 3, not mixed: too short)"
    assert str(Prediction(0.47799)) == "0.47799"
    assert str(Prediction(1.0, in_range=False)) == "out of range"
    row = Comparison(
        "Gibbs", 0.0, Measurement(1.0, 0.1, 9, "mean"), Prediction(1.1), -1.0, 0.9, "agrees", "E x^2"
    )
    assert str(row) == "E x^2: measured 1.00 +- 0.10 (n = 9), Gibbs 1.1, agrees"
    assert re.fullmatch(r"<Trajectory of double_well: 200 chains, .*; .*hit.*>", repr(report.trajectory))


def test_swapped_arguments_are_refused():
    with pytest.raises(UsageError):
        langevin.ask(0.5, langevin.potentials.double_well())
