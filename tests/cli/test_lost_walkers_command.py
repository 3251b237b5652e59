"""Too many walkers lost: the answer is shown and kept, there is no verdict, and the command ends with exit code 3."""

import json

import pytest
from click.testing import CliRunner

from langevin.cli import main

HOLE = """
import math

import langevin


def value(x, out, parameters):
    for w in range(x.shape[1]):
        out[w] = x[0, w] ** 2 / 2


def gradient(x, out, parameters):
    for w in range(x.shape[1]):
        out[0, w] = x[0, w] if abs(x[0, w]) < parameters[0] else math.nan


def {name}(edge: float = 2.0):
    return langevin.potentials.potential(value, gradient, 1, parameters=(edge,))
"""
RUN = (
    "--dt",
    "0.01",
    "--temperature",
    "1",
    "--walkers",
    "400",
    "--horizon",
    "4",
    "--seed",
    "1",
    "-q",
    "--json",
)


@pytest.fixture
def name(tmp_path, monkeypatch):
    """A potential whose gradient is no number beyond an edge."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "holed_well.py").write_text(HOLE.format(name="hole"))
    return "holed_well:hole"


def test_a_gradient_without_a_number_leaves_no_verdict(name, tmp_path):
    """Walkers that pass |x| = 2 are lost; the others have too small a variance, which no law explains."""
    found = CliRunner().invoke(main, ["simulate", "--potential", name, *RUN, "--plot", "hole.png"])
    assert found.exit_code == 3
    record = json.loads(found.stdout)
    assert record["too_many_lost"]
    assert set(record["verdicts"].values()) == {"not mixed"}
    first = int(record["lost"].rpartition(" ")[2])
    assert 1 < first < 200
    assert "there is no verdict" in found.stderr
    assert f"the first at step {first}" in found.stderr
    assert (tmp_path / "hole.png").exists()
    again = CliRunner().invoke(main, ["compare", "holed_well_hole.h5", "--potential", name, "--json"])
    assert again.exit_code == 3
    assert set(json.loads(again.stdout)["question"]["verdicts"].values()) == {"not mixed"}


def test_a_gradient_that_is_sound_where_walkers_go_is_judged(name):
    found = CliRunner().invoke(main, ["simulate", "--potential", name, "-p", "edge=50", *RUN])
    assert found.exit_code == 0
    record = json.loads(found.stdout)
    assert not record["too_many_lost"]
    assert record["lost"] is None


def test_that_nobody_is_left_is_a_numerical_failure(name):
    found = CliRunner().invoke(main, ["simulate", "--potential", name, "-p", "edge=0.01", *RUN])
    assert found.exit_code == 3
    assert "every walker diverged or failed" in found.stderr
