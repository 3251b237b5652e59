"""One command makes the phase diagram of a network, and another draws it again."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

import langevin
from langevin.cli import main
from langevin.sweep.rows import PHASE

WORDS = ("train", "models.parity", "-p", "n=6", "-p", "width=16", "-p", "samples=12,24", "--weight-decay", "0,10",
         "--learning-rate", "0.1", "--steps", "400", "--batch", "8", "--seeds", "3", "--seed", "1", "--jobs", "1",
         "-q")  # fmt: skip


def call(*words):
    return CliRunner().invoke(main, words)


def test_a_sweep_of_trainings_says_its_phases(tmp_path, monkeypatch):
    """A decay of 1 in each step keeps weights at 0: the networks learn nothing. Without it they learn the samples."""
    monkeypatch.chdir(tmp_path)
    done = call(*WORDS, "--out", "d", "--plot", "p.png", "--figure", "phases")
    assert done.exit_code == 0, done.output
    assert re.search("phase of learning +confusion", done.output)
    assert Path("p.png").stat().st_size > 5000
    found = langevin.load_sweep("d").to_xarray().value.sel(quantity=PHASE)
    assert (found.sel({"weight-decay": 10.0}) == 0).all()
    assert (found.sel({"weight-decay": 0.0}) >= 1).all()
    again = call("plot", "d", "--show", "phase", "--out", "q.png")
    assert again.exit_code == 0, again.output


@pytest.mark.parametrize(
    "words",
    [
        ("train", "models.parity", "--plot", "p.png", "--figure", "phases"),
        (*WORDS, "--plot", "p.png", "--figure", "motion"),
        (*WORDS, "--figure", "phases"),
    ],
)
def test_figures_that_do_not_fit_are_refused(words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    refused = call(*words, *([] if "--out" in words else ["--out", "e"]))
    assert refused.exit_code == 2
    assert "phases" in refused.output
    assert not list(tmp_path.iterdir())


def test_paired_points_share_their_start_and_others_do_not(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    short = (*WORDS[:-3], "--steps", "4", "--jobs", "1", "-q")
    for name, words in (("own", ()), ("paired", ("--noise", "paired"))):
        assert call(*short, *words, "--out", name).exit_code == 0
        runs = [langevin.load(file) for file in sorted(Path(name).glob("*.h5"))]
        assert len(runs) == 4
        starts = {tuple(run.states[0, 0].tolist()) for run in runs}
        assert len(starts) == (4 if name == "own" else 1)
