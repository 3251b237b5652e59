"""Numbers measured on kept weights agree with the observables of the training, for each setting, in correct files."""

from dataclasses import replace

import jax
import numpy as np
import pytest

import langevin
from langevin.errors import InputFileError, UsageError
from langevin.experiment.measured_weights import measure_weights
from langevin.experiment.weight_quantities import QUANTITIES
from langevin.measure import networks
from langevin.observables.norms import norms
from langevin.sgld import Law, Plan, Protocol, Recording, execute, extend, split
from langevin.types import Measurement
from tests.tiny_network import network


def test_observables_of_the_training_stay_what_they_are():
    model = replace(network(), observe={"trace": lambda weights: weights["in"].sum()})
    plan = Plan(Law(0.1), 20, 2, 5, recording=Recording([0, 5, 10, 20], weights=10, observe={"norms": norms}))
    run = execute(model, plan)
    for at in ("frames", "end"):
        measured, _ = measure_weights(run, model, ["trace", "norms"], at)
        for name, seen in run.observables.items():
            np.testing.assert_array_equal(measured.observables[name], seen)
    assert np.isclose(
        measured.events["trace"][1],
        networks.hessian_trace(model, langevin.weights(run, model, 1)).value,
    )
    measured, _ = measure_weights(run, model, ["trace", "norms"], "10")
    there = networks.hessian_trace(model, langevin.weights(run, model, 1, 10)).value
    np.testing.assert_allclose(measured.observables["measured_trace"][1], [np.nan, np.nan, there, np.nan])
    assert "measured_norms[in]" in measured.observables


def test_a_setting_of_a_sweep_has_the_weights_of_its_networks():
    sweep = Protocol(sweep={"temperature": [1e-6, 1e-4]})
    run = langevin.train(network(), Law(0.1), steps=5, chains=2, seed=1, protocol=sweep)
    for setting, part in enumerate(split(run)):
        for chain in range(2):
            found, wanted = (
                langevin.weights(one, network(), number)
                for one, number in ((part, chain), (run, 2 * setting + chain))
            )
            jax.tree.map(np.testing.assert_array_equal, found, wanted)
    with pytest.raises(UsageError, match="no state to continue from"):
        extend(part, network(), Plan(Law(0.1), 9, 2, 1))


@pytest.mark.parametrize(
    ("name", "array", "at"),
    [
        ("memorised", np.array(["x", "y"]), "memorised"),
        ("memorised", np.zeros(2, np.float32), "memorised"),
        ("steps", np.array(["a", "b", "c"]), "frames"),
        ("steps", np.zeros((3, 1), np.int64), "frames"),
        ("steps", np.full(3, np.nan), "frames"),
        ("steps", np.zeros(3, np.int64), "frames"),
        ("steps", np.array([0, 20, 10**6]), "frames"),
        ("stepwise", np.zeros((2, 3), np.float32), "frames"),
    ],
)
def test_damaged_kept_weights_are_refused(name, array, at):
    recording = Recording([0, 20, 40], weights="frames")
    run = langevin.train(network(), Law(0.3), steps=40, chains=2, seed=1, recording=recording)
    assert "memorised" in run.weights
    damaged = replace(run, weights={**run.weights, name: array})
    with pytest.raises(InputFileError, match="damaged"):
        measure_weights(damaged, network(), ["norm"], at)


def test_an_estimate_that_has_not_settled_is_told_of_its_setting_alone(monkeypatch):
    sweep = Protocol(sweep={"learning_rate": [0.1, 0.2]})
    run = langevin.train(network(), Law(0.1), steps=5, chains=2, seed=1, protocol=sweep)
    answers = iter([True, True, True, False])
    restless = lambda one: Measurement(1.0, 0.1, 1, "none", next(answers))  # noqa: E731
    monkeypatch.setitem(QUANTITIES, "restless", ("restless", restless))
    _, rows = measure_weights(run, network(), ["restless"])
    assert [row[2].mixed for row in rows] == [True, False]
    assert [row[2].note for row in rows] == ["", "not settled in 1 network: no reason is known"]


def test_options_without_a_quantity_that_takes_them_are_refused():
    run = langevin.train(network(), Law(0.1), steps=5, chains=1, seed=1)
    with pytest.raises(UsageError, match="draws is an option of the quantity llc"):
        measure_weights(run, network(), ["norm"], options={"draws": 3})
