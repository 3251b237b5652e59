"""A run on a user-defined landscape requires it, recognises it, and refuses any other."""

import json
import sys
from dataclasses import replace

import pytest
from click.testing import CliRunner

import langevin
from langevin.cli import main
from langevin.errors import UsageError
from langevin.experiment import Settings, run
from langevin.experiment.own_landscape import OWN, content_hash, given_again
from langevin.experiment.recorded_question import answer_question
from langevin.registry import factory
from langevin.store import Walks, journal, load, save

WELL = """
import langevin
import heights

def value(x, out, parameters):
    (h,) = parameters
    for i in range(x.shape[1]):
        out[i] = h * heights.UNIT * (x[0, i] ** 2 - 1.0) ** 2

def gradient(x, out, parameters):
    (h,) = parameters
    for i in range(x.shape[1]):
        out[0, i] = 4.0 * h * heights.UNIT * x[0, i] * (x[0, i] ** 2 - 1.0)

def well(h: float = 1.0):
    return langevin.potentials.potential(value, gradient, 1, parameters=(h,), start=[-1.0], stiffness=8.0)

fixed = well()
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "ownwell.py").write_text(WELL)
    (tmp_path / "heights.py").write_text("UNIT = 1.0\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    yield tmp_path
    forget()


def forget():
    """Import user-defined modules again, as the next process does."""
    for name in ("ownwell", "heights", "otherwell"):
        sys.modules.pop(name, None)


def invoke(*words, code=0):
    forget()
    result = CliRunner().invoke(main, [str(word) for word in words])
    assert result.exit_code == code, result.output
    return result.output


def simulated(folder, factory="ownwell:well", *more):
    words = f"simulate --potential {factory} --walkers 40 --dt 0.01 --seed 1 --threads 1 --quiet --out own.h5 --force"
    return invoke(*words.split(), *more)


def test_the_file_asks_for_the_landscape_and_with_it_says_the_same(folder):
    said = simulated(folder, "ownwell:well", "-p", "h=2")
    asked = invoke("compare", "own.h5")
    assert "add --potential ownwell:well, from the folder of its file" in asked
    again = invoke("compare", "own.h5", "--potential", "ownwell:well")
    assert again.startswith(said.rstrip())
    assert "stored with the run have the same results" in again
    (remark,) = json.loads(invoke("compare", "own.h5", "--potential", "ownwell:well", "--json"))["remarks"]
    assert "too few for an exponent" in remark


def test_a_landscape_without_a_name_is_called_after_its_factory(folder):
    """A script that calls the factory gives no name; runs of script and command recognise the file of the other."""
    from ownwell import well

    assert simulated(folder).startswith("Stationary law of well,")
    named = load("own.h5")
    unnamed = run(well, {}, Settings(seed=1, walkers=20, dt=0.01, threads=1)).trajectory
    assert (named.meta["landscape"], unnamed.meta["landscape"]) == ("well", "own potential")
    assert given_again(well, {}, named)[0].name == "well"
    assert given_again(factory("potentials", "ownwell:well"), {}, unnamed)[0].name == "own potential"


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("ownwell.py", "4.0 * h", "4.1 * h"),  # a kernel
        ("heights.py", "1.0", "1.1"),  # a module that a kernel reaches
        ("ownwell.py", "h: float = 1.0", "h: float = 2.0"),  # a dial's default
    ],
)
def test_a_landscape_that_has_changed_since_is_refused(folder, file, old, new):
    simulated(folder)
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new))
    said = invoke("compare", "own.h5", "--potential", "ownwell:well", code=2)
    assert "is not the one of this run" in said
    assert said.strip().count("\n") == 0


def test_another_dial_is_refused(folder):
    simulated(folder)
    assert "is not the one" in invoke("compare", "own.h5", "--potential", "ownwell:well", "-p", "h=2", code=2)
    assert "unknown dial" in invoke("compare", "own.h5", "--potential", "ownwell:well", "-p", "k=2", code=2)
    assert "is not the one" in invoke("compare", "own.h5", "--potential", "double-well", code=2)


def test_a_copy_under_another_name_is_the_same_landscape(folder):
    simulated(folder)
    (folder / "otherwell.py").write_text(WELL)
    assert "Gibbs" in invoke("compare", "own.h5", "--potential", "otherwell:well")


def test_a_landscape_that_is_no_factory_and_weight_decay(folder):
    said = simulated(folder, "ownwell:fixed", "--weight-decay", "0.5")
    assert "add --potential module:name" in invoke("compare", "own.h5")
    assert invoke("compare", "own.h5", "--potential", "ownwell:fixed").startswith(said.rstrip())


def test_a_run_without_a_hash_is_taken_on_trust_and_says_so(folder):
    from ownwell import well

    landscape = well()
    walked = langevin.simulate(
        langevin.Problem(landscape, 1.0),
        walkers=20,
        steps=200,
        every=50,
        dt=0.01,
        seed=1,
        watch=langevin.Watch(threads=1),
    )
    save("python.h5", walked)
    assert "add --manifold module:name or --potential module:name" in answer_question(load("python.h5"))[1][0]
    again, (doubt,) = given_again(well, {}, load("python.h5"))
    assert "cannot be checked" in doubt
    assert answer_question(load("python.h5"), again)[0].comparisons


def test_unfinished_runs_carry_the_origin_too(folder, monkeypatch):
    from ownwell import well

    monkeypatch.setattr(journal, "SECONDS", 0.0)
    walks = Walks(folder / "own.h5")
    walked = run(well, {}, Settings(seed=1, walkers=20, dt=0.01, threads=1, journal=walks.next)).trajectory
    assert load("own.h5").meta[OWN] == walked.meta[OWN]
    assert walked.meta[OWN]["sha256"] == content_hash(well())


@pytest.mark.parametrize("entry", ["a word", {"option": 1}, {"sha256": "0"}, None])
def test_an_origin_that_is_none_is_no_origin(folder, entry):
    """A file may have any content: an entry that is not an origin causes no crash, and is not used as one."""
    from ownwell import well

    walked = run(well, {}, Settings(seed=1, walkers=20, dt=0.01, threads=1)).trajectory
    forged = replace(walked, meta={**walked.meta, OWN: entry})
    assert "cannot be checked" in given_again(well, {}, forged)[1][0]
    with pytest.raises(UsageError, match="not the one"):
        given_again(well, {}, replace(walked, meta={**walked.meta, OWN: {**walked.meta[OWN], "sha256": "0"}}))


def test_langevins_own_landscapes_need_nothing(folder):
    walked = run(
        langevin.potentials.quadratic, {}, Settings(seed=1, walkers=20, dt=0.01, threads=1)
    ).trajectory
    assert OWN not in walked.meta
    assert given_again(langevin.potentials.quadratic, {}, walked)[1] == []
