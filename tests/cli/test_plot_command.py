"""`langevin plot FILE` draws every kind of run without options: the figure that the run itself would draw."""

from dataclasses import replace

import pytest
from click.testing import CliRunner

import langevin
from langevin.cli import main
from langevin.store import save
from tests.tiny_network import network

WELL = ("--potential", "double-well", "--temperature", "0.5")
OWN = ("--potential", "expr:(x**2 - 1)**2", "--temperature", "0.5")
SMALL = ("--walkers", "20", "--seed", "1", "-q")
PNG = b"\x89PNG"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(*words, code=0):
    done = CliRunner().invoke(main, [str(word) for word in words])
    assert done.exit_code == code, done.output
    return done


@pytest.mark.parametrize(
    "words",
    [
        ("simulate", *WELL),
        ("simulate", "--manifold", "sphere", "--dynamics", "projected", "--horizon", "0.1"),
        ("rate", "--potential", "double-well", "--temperature", "0.2,0.3", "--replicas", "10"),
    ],
)
def test_a_run_is_drawn_as_it_was_when_it_was_made(here, words):
    call(*words, *SMALL, "-o", "run.h5", "--plot", "live.png")
    assert "figure to run.png" in call("plot", "run.h5").stdout
    assert (here / "run.png").read_bytes() == (here / "live.png").read_bytes()


def test_a_training_is_drawn_by_its_curves(here):
    law = langevin.sgld.Law(learning_rate=0.05)
    save("net.h5", langevin.train(network(), law, steps=8, chains=2, seed=1))
    call("plot", "net.h5")
    assert (here / "net.png").read_bytes().startswith(PNG)


def test_without_the_landscape_the_figure_shows_what_the_file_holds(here):
    """With the landscape it is the live figure; without it the title says less, and a remark says why."""
    call("simulate", *OWN, *SMALL, "-o", "own.h5", "--plot", "live.png")
    assert "Remark: the landscape of this run is not one of langevin's own" in call("plot", "own.h5").stdout
    call("plot", "own.h5", *OWN[:2], "-o", "again.png")
    assert (here / "again.png").read_bytes() == (here / "live.png").read_bytes()
    assert (here / "own.png").read_bytes() != (here / "live.png").read_bytes()


@pytest.mark.parametrize("name", ["somewhere", "$x^{$", "a\nb"])
def test_displacement_is_drawn_of_walkers_without_target_and_landscape(here, name):
    """The name comes from a file: it is text, and no mathematics."""
    problem = langevin.Problem(langevin.potentials.quadratic(), temperature=0.5)
    run = langevin.simulate(problem, walkers=20, steps=40, dt=0.01, every=10, seed=1)
    save("run.h5", replace(run, meta={**run.meta, "landscape": name}))
    call("plot", "run.h5")
    assert (here / "run.png").read_bytes().startswith(PNG)


def test_rates_are_drawn_without_their_landscape(here):
    call("rate", *OWN[:2], "--temperature", "0.2", "--replicas", "10", *SMALL, "-o", "own.h5")
    call("plot", "own.h5")
    assert (here / "own.png").read_bytes().startswith(PNG)


def test_a_sweep_of_one_point_is_drawn_as_its_run(here):
    call("simulate", *WELL, *SMALL, "--jobs", "1", "-o", "swept")
    call("plot", "swept")
    assert (here / "swept.png").read_bytes().startswith(PNG)


def test_options_of_sweeps_and_of_runs_are_told_apart(here):
    call("simulate", *WELL, *SMALL, "-o", "run.h5")
    assert "choose what is drawn of a sweep" in call("plot", "run.h5", "--show", "phase", code=2).stderr
    assert "cannot be read" in call("plot", "missing.h5", code=4).stderr
