"""The weights at the end of a training can be read and measured, or a message gives the reason why not."""

from dataclasses import replace
from pathlib import Path

import jax
import numpy as np
import pytest
from click.testing import CliRunner

import langevin
from langevin.cli import main
from langevin.errors import InputFileError, UsageError
from langevin.experiment.measured_weights import measure_weights
from langevin.measure import networks
from langevin.sgld import Callbacks, Data, Law, Model, Recording
from models.parity import model
from tests.tiny_network import network

SMALL = ("-p", "n=6", "-p", "width=8", "-p", "samples=32")
TRAINING = (
    "train",
    "models.parity",
    *SMALL,
    "--steps",
    "40",
    "--seeds",
    "3",
    "--seed",
    "1",
    "--out",
    "run.h5",
    "-q",
)
MEASURE = ("measure", "run.h5", "models.parity", *SMALL)


def call(*words):
    return CliRunner().invoke(main, words)


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_they_are_those_of_the_last_step(dtype, tmp_path):
    seen = {}
    run = langevin.train(
        network(), Law(0.1), steps=20, chains=3, seed=1, recording=Recording([0, 20]),
        computation=langevin.sgld.Computation(dtype),
        callbacks=Callbacks(visit=lambda step, weights: seen.__setitem__(step, weights)),
    )  # fmt: skip
    langevin.save(tmp_path / "run.h5", run)
    for one in (run, langevin.load(tmp_path / "run.h5")):
        for chain, expected in enumerate(seen[20]):
            found = langevin.weights(one, network(), chain)
            assert jax.tree.structure(found) == jax.tree.structure(expected)
            jax.tree.map(np.testing.assert_array_equal, found, expected)
            assert {leaf.dtype for leaf in jax.tree.leaves(found)} == {np.dtype(dtype)}
    other = jax.tree.leaves(langevin.weights(run, network(), 0))[0]
    assert not np.array_equal(other, jax.tree.leaves(seen[20][1])[0])


def test_another_model_other_data_or_no_weights_are_refused():
    run = langevin.train(network(), Law(0.1), steps=5, chains=2, seed=1)
    with pytest.raises(UsageError, match="from 0 to 1"):
        langevin.weights(run, network(), 2)
    with pytest.raises(UsageError, match="the model of the run"):
        langevin.weights(run, replace(network(), name="another"))
    moved = network().train._replace(inputs=network().train.inputs + 1.0)
    with pytest.raises(UsageError, match="the data of the model given are not those"):
        langevin.weights(run, replace(network(), train=moved))
    with pytest.raises(InputFileError, match="holds no weights"):
        langevin.weights(replace(run, state={}), network())
    toy = langevin.simulate(
        langevin.Problem(langevin.potentials.quadratic(), 1.0), walkers=2, steps=2, dt=0.1
    )
    with pytest.raises(UsageError, match="no network"):
        langevin.weights(toy, network())


@pytest.mark.parametrize(
    "damage",
    [
        {"leaf 0": np.zeros((2, 3), np.float32)},
        {"leaf 0": np.zeros((2, 40))},
    ],
)
def test_damaged_states_are_refused(damage):
    run = langevin.train(network(), Law(0.1), steps=5, chains=2, seed=1)
    with pytest.raises(InputFileError):
        langevin.weights(replace(run, state={**run.state, **damage}), network())


@pytest.mark.parametrize(
    "damage",
    [
        {"dtype": "complex128"},
        {"content": None},
        {"content": {"data": 3}},
        {"arrays": None},
        {"arrays": [{}]},
        {"arrays": [{"path": ["a"], "shape": [-1]}]},
        {"arrays": [{"path": ["a"], "shape": [2**40]}]},
        {"arrays": [{"path": ["a"], "shape": [1] * 70 + [40]}, {"path": ["b"], "shape": [8]}]},
        {"arrays": [{"path": ["a"], "shape": [0, 2**60, 2**60]}, {"path": ["b"], "shape": [48]}]},
    ],
)
def test_a_damaged_meta_is_refused(damage):
    run = langevin.train(network(), Law(0.1), steps=5, chains=2, seed=1)
    damaged = replace(run, meta={**run.meta, **damage})
    model = network() if {"dtype", "content"} & set(damage) else None
    with pytest.raises((InputFileError, UsageError)):
        langevin.weights(damaged, model)


def test_numbers_are_added_to_the_file_beside_all_that_was_there(here):
    assert call(*TRAINING).exit_code == 0
    before = langevin.load("run.h5")
    kept = {name: np.array(values) for name, values in before.events.items()}
    states = np.array(before.states)
    result = call(*MEASURE, "--what", "trace,norm")
    assert result.exit_code == 0, result.output
    assert "trace of the Hessian" in result.stdout
    after = langevin.load("run.h5")
    np.testing.assert_array_equal(after.states, states)
    for name, values in kept.items():
        np.testing.assert_array_equal(after.events[name], values)
    small = model(n=6, width=8, samples=32)
    for chain in range(3):
        here = langevin.weights(after, small, chain)
        assert np.isclose(after.events["trace"][chain], networks.hessian_trace(small, here).value)
        assert np.isclose(after.events["norm"][chain], after.observables["weight_norm"][chain, -1], rtol=1e-5)
    entry = next(one for one in after.meta["measured"] if one["quantity"] == "trace of the Hessian")
    values = np.asarray(after.events["trace"])
    assert np.isclose(entry["value"], values.mean())
    assert np.isclose(entry["error"], values.std(ddof=1) / 3**0.5)
    assert call(*MEASURE, "--what", "norm").exit_code == 0  # again: no second entry
    again = [one["quantity"] for one in langevin.load("run.h5").meta["measured"]]
    assert len(again) == len(set(again))


def test_refusals_of_the_command_leave_the_file_as_it_was(here):
    assert call(*TRAINING).exit_code == 0
    whole = (here / "run.h5").read_bytes()
    for words, code in (
        (("measure", "run.h5", "models.parity"), 2),
        ((*MEASURE, "--what", "colour"), 2),
        (("measure", "none.h5", "models.parity"), 4),
        (("measure", "run.h5", "models.nothing"), 2),
    ):
        assert call(*words).exit_code == code, words
    assert (here / "run.h5").read_bytes() == whole


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The file of a training that memorises, with kept weights."""
    file = tmp_path_factory.mktemp("trained") / "run.h5"
    words = ("train", "models.parity", *SMALL, "--steps", "400", "--seeds", "3", "--seed", "1",
             "--learning-rate", "0.3", "--weights", "every:200", "--frames", "8", "-q", "--out", str(file))  # fmt: skip
    assert call(*words).exit_code == 0
    return file


@pytest.fixture
def kept(trained, here):
    """A copy of this file in a folder of the test."""
    (here / "run.h5").write_bytes(trained.read_bytes())
    return here


def test_numbers_at_kept_steps_are_observables(kept):
    result = call(*MEASURE, "--what", "norm,trace,norms", "--at", "frames", "--plot", "a.png")
    assert result.exit_code == 0, result.output
    run = langevin.load("run.h5")
    there = np.isin(run.steps, [0, 200, 400])
    norms = np.asarray(run.observables["norm"])
    np.testing.assert_allclose(
        norms[:, there], np.asarray(run.observables["weight_norm"])[:, there], rtol=1e-5
    )
    assert np.isnan(norms[:, ~there]).all()
    parts = [np.asarray(run.observables[f"norms[{name}]"]) for name in ("hidden", "hidden bias", "output")]
    np.testing.assert_allclose(np.sqrt(sum(part**2 for part in parts)), norms, rtol=1e-12)
    entry = next(
        one for one in run.meta["measured"]
        if one["quantity"] == "norm of the weights" and one["at"] == {"step": 200.0}
    )  # fmt: skip
    assert np.isclose(entry["value"], norms[:, run.steps == 200].mean())
    assert (kept / "a.png").stat().st_size > 1000
    shown = call("compare", "run.h5").output
    assert "Measured on the weights" in shown
    assert "norm of hidden bias" in shown


@pytest.mark.usefixtures("kept")
def test_numbers_of_moments_are_events():
    assert call(*MEASURE, "--what", "norm", "--at", "memorised").exit_code == 0
    run = langevin.load("run.h5")
    steps, norms = np.asarray(run.events["memorised_step"]), np.asarray(run.events["norm_memorised"])
    for chain, step in enumerate(steps.tolist()):
        seen = (
            np.asarray(run.observables["weight_norm"])[chain, run.steps.tolist().index(step)]
            if step >= 0
            else np.nan
        )
        np.testing.assert_allclose(norms[chain], seen, rtol=1e-5)


@pytest.mark.usefixtures("kept")
def test_the_kernel_is_compared_with_that_of_the_start():
    """At step 0 nothing has changed; the start is drawn again if its weights were not kept."""
    assert call(*MEASURE, "--what", "ntk,cka", "--at", "0").exit_code == 0
    run = langevin.load("run.h5")
    assert (np.asarray(run.observables["ntk"])[:, 0] == 0).all()
    np.testing.assert_allclose(np.asarray(run.observables["cka"])[:, 0], 1.0)
    assert call(*MEASURE, "--what", "ntk").exit_code == 0
    run = langevin.load("run.h5")
    change = np.asarray(run.events["ntk"])
    assert (change > 0).all()
    drawn, _ = measure_weights(replace(run, weights={}), model(n=6, width=8, samples=32), ["ntk"])
    np.testing.assert_allclose(drawn.events["ntk"], change, rtol=1e-6)


def test_a_file_with_measured_numbers_is_not_replaced_by_a_longer_run(here):
    """Measured numbers belong to the training in the file; without such numbers the file is replaced."""
    longer = ("train", "models.parity", *SMALL, "--steps", "60", "--seeds", "3", "--extend", "run.h5", "-q")
    assert call(*TRAINING).exit_code == 0
    assert call(*MEASURE, "--what", "norm").exit_code == 0
    before = Path("run.h5").read_bytes()
    refused = call(*longer)
    assert refused.exit_code == 5
    assert "norm of the weights" in refused.output
    assert Path("run.h5").read_bytes() == before
    done = call(*longer, "--out", "longer.h5")
    assert done.exit_code == 0, done.output
    assert langevin.load("longer.h5").meta["steps"] == 60
    more = [*longer[:-3], "--steps", "80", "--extend", "longer.h5", "-q"]
    assert call(*more).exit_code == 0
    assert langevin.load("longer.h5").meta["steps"] == 80


def test_a_mean_says_why_an_estimate_has_not_settled():
    """Walks of four draws cannot show that they have settled."""
    run = langevin.train(network(), Law(0.1), steps=20, chains=1, seed=1)
    options = {"draws": 4, "every": 1, "burn_in": 0, "chains": 2}
    [(_, _, mean)] = measure_weights(run, network(), ["llc"], options=options)[1]
    assert not mean.mixed
    assert mean.note.startswith("not settled in 1 network: step ")


@pytest.mark.usefixtures("kept")
def test_places_without_weights_are_refused():
    for at in ("20", "often"):
        result = call(*MEASURE, "--at", at)
        assert result.exit_code == 2
        assert "takes end, memorised" in result.output
    with pytest.raises(UsageError, match="kept no weights"):
        measure_weights(
            replace(langevin.load("run.h5"), weights={}), model(n=6, width=8, samples=32), ["norm"], "frames"
        )
    assert call(*MEASURE, "--what", "fourier").exit_code == 2
    for words, sentence in (
        (("--what", "norm", "--option", "draws=9"), "option of the quantity llc"),
        (("--what", "llc", "--option", "draws=9,10"), "takes one value"),
        (("--what", "llc", "--option", "draws=9.5"), "must be a whole number"),
    ):
        result = call(*MEASURE, *words)
        assert result.exit_code == 2
        assert sentence in result.output
    before = Path("run.h5").read_bytes()
    assert "--at frames" in call(*MEASURE, "--plot", "b.png").output  # before anything is measured
    assert Path("run.h5").read_bytes() == before


@pytest.mark.slow
def test_a_learning_coefficient_of_a_regular_minimum_is_half_the_weights():
    """A linear regression: lambda = d / 2, minus the effects of the localisation and of the step (1 % each here)."""
    generator = np.random.default_rng(3)
    inputs = np.linalg.qr(generator.normal(size=(50, 4)))[0] * 50**0.5
    data = Data(inputs, inputs @ np.ones((4, 1)))
    regression = Model(
        "line",
        lambda key: {"w": jax.random.normal(key, (4, 1))},
        lambda w, x: x @ w["w"],
        "half-mse",
        data,
        data,
    )
    run = langevin.train(regression, Law(0.5), steps=200, chains=2, seed=1)
    _, rows = measure_weights(run, regression, ["llc"], options={"draws": 400, "chains": 8})
    mean = rows[0][2]
    assert abs(mean.value - 2.0 / 1.01) < 0.15  # three standard errors of eight walks of 400 draws each, 0.05
    _, broken = measure_weights(run, regression, ["llc"], options={"localisation": 50.0})
    assert broken[0][2].value < 1.9 - 0.3  # localised as strongly as curved: half of it
