"""The run file of `langevin rate`: it has the schema, gives the same answer again, and is not a run of walkers."""

import json
import sys
from dataclasses import replace

import numpy as np
import pytest

import langevin
from langevin import measure
from langevin.errors import UsageError
from langevin.store import load, load_theory, save
from tests.rates import OWN, call
from tests.schema import assert_schema

SIZE = ["--walkers", "30", "--replicas", "10", "--seed", "3", "-q"]
WELL = ["rate", "--potential", "double-well", "--temperature", "0.3,0.25", *SIZE]
FILE = "double-well-rate.h5"
#: Text below the tables of the file that is not below those of the live run.
SAME = "\n\nThe 4 comparisons stored with the run have the same results.\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with a run and its figure, and the printed text."""
    folder = tmp_path_factory.mktemp("rates")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        done = call(*WELL, "--plot", "live.png")
    assert done.exit_code == 0, done.output
    return folder, done.stdout


@pytest.fixture(autouse=True)
def there(made, monkeypatch):
    monkeypatch.chdir(made[0])


def test_the_file_keeps_the_schema():
    assert_schema(FILE)
    run = load(FILE)
    assert run.states.shape == (20, 0, 1)
    assert run.meta["kind"] == "rate"
    assert run.meta["complete"] is True
    np.testing.assert_array_equal(run.events["temperature"], np.repeat([0.3, 0.25], 10))
    rates = np.asarray(run.events["flux"]) * np.asarray(run.events["probability"])
    np.testing.assert_allclose(run.events["time"], 1.0 / rates)
    assert [entry["temperature"] for entry in run.meta["runs"]] == [0.3, 0.25]
    assert len(load_theory(FILE)) == 4


def test_the_file_says_what_the_run_said(made):
    assert call("compare", FILE).output == made[1].removesuffix("\n") + SAME
    assert call("compare", FILE, "--plot", "again.png", "--json").exit_code == 0
    folder = made[0]
    assert (folder / "again.png").read_bytes() == (folder / "live.png").read_bytes()
    live = json.loads(call(*WELL, "--out", "other.h5", "--json").stdout)
    assert json.loads(call("compare", "other.h5", "--json").stdout)["question"] == live
    assert live["runs"][1]["configuration"]["temperature"] == 0.25


def test_info_shows_it():
    said = call("info", FILE).output
    assert said.startswith(f"{FILE}: finished run, can be extended\n")
    assert "20, 20 hit" in said
    assert json.loads(call("info", FILE, "--json").output)["meta"]["replicas"] == 10


def test_nothing_is_overwritten():
    before = (load(FILE).events["flux"][:]).copy()
    refused = call(*WELL, "--out", FILE)
    assert (refused.exit_code, "exists already" in refused.stderr) == (5, True)
    assert (load(FILE).events["flux"][:] == before).all()
    assert call(*WELL, "--force", "--json").exit_code == 0


def test_a_file_that_appears_during_the_run_is_not_replaced(tmp_path, monkeypatch):
    from langevin.cli import rates

    answer = rates.rate_answer

    def meanwhile(*arguments):
        (tmp_path / "run.h5").write_text("of another process")
        return answer(*arguments)

    monkeypatch.setattr(rates, "rate_answer", meanwhile)
    done = call(*WELL, "--out", tmp_path / "run.h5")
    assert (done.exit_code, f"saved to {tmp_path / 'run-2.h5'}" in done.stderr) == (5, True)
    assert "mean time" in done.stdout
    assert load(tmp_path / "run-2.h5").meta["kind"] == "rate"


def test_readers_of_walkers_refuse_it():
    run = load(FILE)
    for estimator in (measure.mean_first_passage_time, measure.mean_displacement, measure.survival_curve):
        with pytest.raises(UsageError, match="records rates and no walkers"):
            estimator(run)
    with pytest.raises(UsageError, match="rates and joined runs cannot continue"):
        langevin.simulate(
            langevin.Problem(langevin.potentials.double_well(), 0.3), steps=5, dt=1e-3, start=run
        )
    lags = call("compare", FILE, "--lags", "0.1", "1")
    assert (lags.exit_code, "leave --lags out" in lags.stderr) == (2, True)
    resumed = call("train", "models.parity", "--resume", FILE)
    assert (resumed.exit_code, "is finished, so there is nothing to resume" in resumed.stderr) == (4, True)


def test_the_figure_of_any_answer_can_be_drawn_from_its_file(tmp_path):
    words = ["--potential", "double-well", "--temperature", "0.5", "--walkers", "20", "--seed", "1", "-q"]
    done = call("simulate", *words, "--out", tmp_path / "run.h5", "--plot", tmp_path / "live.png")
    assert done.exit_code == 0, done.output
    again = call("compare", tmp_path / "run.h5", "--plot", tmp_path / "again.png")
    assert again.exit_code == 0
    assert again.output.endswith("again.png\n")
    assert (tmp_path / "again.png").read_bytes() == (tmp_path / "live.png").read_bytes()
    run = load(tmp_path / "run.h5")
    save(tmp_path / "none.h5", replace(run, meta={**run.meta, "landscape": "nothing"}))
    assert call("compare", tmp_path / "none.h5", "--plot", tmp_path / "none.png").exit_code == 0
    assert (tmp_path / "none.png").read_bytes().startswith(b"\x89PNG"), "what the file holds"
    assert call("compare", tmp_path / "run.h5", "--plot", "x.txt").exit_code == 2


def test_a_landscape_of_ones_own_is_given_again(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "wells.py").write_text(OWN)
    try:
        done = call("rate", "--potential", "wells:well", "--temperature", "0.3", *SIZE)
        assert done.exit_code == 0, done.output
        alone = call("compare", "wells_well-rate.h5")
        assert "add --potential wells:well" in alone.output
        given = call("compare", "wells_well-rate.h5", "--potential", "wells:well")
        assert given.output.startswith(done.stdout.removesuffix("\n"))
        (tmp_path / "wells.py").write_text(f"{OWN}# another word\n")
        sys.modules.pop("wells")
        changed = call("compare", "wells_well-rate.h5", "--potential", "wells:well")
        assert (changed.exit_code, "SHA-256 differs" in changed.stderr) == (2, True)
    finally:
        sys.modules.pop("wells", None)


def test_walks_that_were_given_up_draw_no_verdict(tmp_path):
    run = load(FILE)
    entries = [{**entry, "failed": 2} for entry in run.meta["runs"]]
    path = save(tmp_path / "run.h5", replace(run, meta={**run.meta, "runs": entries}))
    done = call("compare", path)
    assert (done.exit_code, "at theta = 0.3 2 walks were given up" in done.stderr) == (3, True)
    assert "not mixed" in done.stdout
    assert done.stderr.count("Error: ") == 1


def test_replicas_that_died_out_are_censored(tmp_path):
    words = ["rate", "--manifold", "cube", "--dim", "2", "-p", "fraction=0.1", "--temperature", "1"]
    done = call(
        *words, "--walkers", "3", "--replicas", "20", "--seed", "1", "--out", tmp_path / "run.h5", "-q"
    )
    assert done.exit_code == 0, done.output
    run = load(tmp_path / "run.h5")
    died = np.asarray(run.events["probability"]) == 0.0
    assert 0 < died.sum() < 20
    assert run.counts["censored"] == died.sum()
    assert np.isinf(np.asarray(run.events["time"])[died]).all()
    again, _, said = call("compare", tmp_path / "run.h5").stdout.partition("\n\nThe 3 comparisons ")
    assert (done.stdout.startswith(again), said) == (True, "stored with the run have the same results.\n")


#: Entries that no run has, and exit code and words of the message.
BROKEN = {
    "no runs": ({"runs": ...}, 4, "no run of rates"),
    "runs of texts": ({"runs": ["payload"]}, 4, "no run of rates"),
    "runs without end": ({"runs": [{}] * 5000}, 4, "no run of rates"),
    "too few runs": ({"runs": []}, 4, "no run of rates"),
    "no temperature": ({"runs": [{"temperature": 0.3}]}, 4, "no run of rates"),
    "many replicas": ({"replicas": 1000}, 4, "no run of rates"),
    "one walker": ({"walkers": 1}, 4, "no run of rates"),
    "replicas of a text": ({"replicas": "ten"}, 4, "no run of rates"),
    "another law": ({"dynamics": "payload:attack"}, 0, "Remark: the law of motion 'payload:attack'"),
    "a law that does not serve": (
        {"dynamics": "reflected"},
        0,
        "Remark: the motion in the file is reflected, but",
    ),
    "another landscape": ({"landscape": "payload:attack"}, 0, "Remark: 'payload:attack' is none of"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_entries_that_no_run_has_are_told(name, tmp_path):
    changed, code, said = BROKEN[name]
    run = load(FILE)
    meta = {key: value for key, value in {**run.meta, **changed}.items() if value is not ...}
    done = call("compare", save(tmp_path / "run.h5", replace(run, meta=meta)))
    assert (done.exit_code, said in done.output) == (code, True), done.output


@pytest.mark.parametrize("wrong", [-1.0, 0.0, np.nan, np.inf])
def test_numbers_that_no_run_has_are_told(wrong, tmp_path):
    run = load(FILE)
    flux = np.array(run.events["flux"])
    flux[3] = wrong
    done = call("compare", save(tmp_path / "run.h5", replace(run, events={**run.events, "flux": flux})))
    assert (done.exit_code, "no run of rates" in done.stderr) == (4, True)
