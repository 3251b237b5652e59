"""`langevin compare FILE` gives the answer of `langevin simulate`, and also the exponents."""

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner

from langevin.cli import main
from langevin.store import load, save

QUESTIONS = {
    "simulate --manifold cube --samples 4:6 --dim 6 --walkers 50": ["finite volume", "Eyring"],
    "simulate --manifold canal --dynamics projected --walkers 100": ["none", "diffusive after arrival"],
    "simulate --potential double-well --temperature 0.5 --walkers 50": ["exact quadrature", "Eyring-Kramers"],
}


def invoke(*words):
    result = CliRunner().invoke(main, [str(word) for word in words])
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize("call", QUESTIONS)
def test_the_file_is_asked_what_the_run_was_asked(call, tmp_path):
    path = tmp_path / "run.h5"
    said = invoke(*call.split(), "--seed", 1, "--quiet", "--out", path)
    again = invoke("compare", path)
    assert again.startswith(said.rstrip())
    assert all(words in again for words in QUESTIONS[call])
    assert "stored with the run have the same results" in again
    answer = json.loads(invoke("compare", path, "--json"))
    assert answer["question"]["comparisons"] == answer["stored"]
    assert answer["remarks"] == []
    assert bool(answer["exponents"]) == ("canal" in call)
    assert bool(answer["first_passage"]) == ("canal" not in call)


def test_comparisons_that_say_something_else_are_shown(tmp_path):
    path = tmp_path / "run.h5"
    invoke(*"simulate --potential quadratic --walkers 20 --seed 1 --quiet --out".split(), path)
    run = load(path)
    other = replace(run, meta={**run.meta, "temperature": 2.0})
    from langevin.store import load_theory

    path = save(tmp_path / "other.h5", other, theory=load_theory(path))
    assert "Comparisons stored with the run" in invoke("compare", path)


def test_names_from_a_file_do_not_reach_the_terminal_raw(tmp_path):
    path = tmp_path / "run.h5"
    invoke(
        *"simulate --manifold canal --dynamics projected --walkers 20 --seed 1 --quiet --out".split(), path
    )
    run = load(path)
    named = replace(run, meta={**run.meta, "integrator": "\x1b[2J", "landscape": run.meta["landscape"]})
    strange = replace(run, meta={**run.meta, "landscape": "\x1b[2J"})
    for number, changed in enumerate((named, strange)):
        assert "\x1b" not in invoke("compare", save(tmp_path / f"{number}.h5", changed))
