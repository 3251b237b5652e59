"""Sharpness and trace at recorded steps agree with the whole Hessian, norms and accuracies with plain sums."""

from functools import partial

import jax
import numpy as np
import pytest

from langevin import registry
from langevin.measure.networks import hessian_products
from langevin.sgld import Callbacks, Data, Law, Model, Recording, train
from langevin.sgld.computation import data_in
from langevin.types import Observable
from tests.observables.circuits import outputs_of, seen
from tests.tiny_network import network

#: Tolerance for the relative error of the followed eigenvalue.
CLOSE = 1e-4
NAMES = ("sharpness", "hessian_trace", "norms", "class_accuracy")


def followed(model, observe, **changed):
    shown = []
    callbacks = Callbacks(visit=lambda step, weights: shown.append(weights))
    arguments = {"law": Law(0.1), "steps": 200, "chains": 2} | changed
    recording = Recording(range(0, arguments["steps"] + 1, 10), observe)
    return train(model, **arguments, recording=recording, callbacks=callbacks), shown


def forgets(model, weights, data, memory):
    """The sharpness from a random vector, without a memory."""
    cold = jax.random.normal(jax.random.key(3), memory.shape, memory.dtype)
    return registry.entry("observables", "sharpness").look(model, weights, data, cold)[0], memory


@pytest.fixture(scope="module")
def run():
    observe = {name: registry.entry("observables", name) for name in NAMES}
    return followed(network(), {**observe, "cold": Observable("", forgets, uses_memory=True)})


@pytest.fixture(scope="module")
def spectra(run):
    """Eigenvalues (chains, draws, parameters) of the whole Hessian, by all its products, and Hessians."""
    whole = [[hessian_products(network(), one, np.eye(48)) for one in weights] for weights in run[1]]
    return np.linalg.eigvalsh(np.array(whole)).swapaxes(0, 1), np.array(whole).swapaxes(0, 1)


def test_the_sharpness_is_the_largest_eigenvalue_within_its_error(run, spectra):
    """An eigenvalue lies within `error`, to the round-off of float32, and it is the largest, within `CLOSE`."""
    value, error = (run[0].observables[f"sharpness[{part}]"] for part in ("value", "error"))
    largest = spectra[0][:, :, -1]
    nearest = np.abs(spectra[0] - value[:, :, None]).min(axis=2)
    assert (nearest <= error + 1e-5 * largest).all()
    np.testing.assert_allclose(value, largest, rtol=CLOSE)
    assert (value <= largest * (1 + 1e-5)).all()  # a Rayleigh quotient


def test_without_its_memory_it_is_wrong_and_says_so(run, spectra):
    """Control: four products from a random vector at each recorded step are not enough."""
    largest = spectra[0][:, :, -1]
    value, error = (run[0].observables[f"cold[{part}]"] for part in ("value", "error"))
    assert (np.abs(value / largest - 1) > CLOSE).mean() > 0.9
    assert (np.abs(spectra[0] - value[:, :, None]).min(axis=2) <= error + 1e-5 * largest).all()


def test_the_trace_is_that_of_the_hessian_within_its_error(run, spectra):
    """Sixteen probes, the same signs in all draws, so that few numbers are independent: 4 standard errors."""
    value, error = (run[0].observables[f"hessian_trace[{part}]"] for part in ("value", "error"))
    exact = np.trace(spectra[1], axis1=2, axis2=3)
    off = spectra[1] * (1 - np.eye(48))
    predicted = np.sqrt(2 * (off**2).sum(axis=(2, 3)) / 16)
    assert (np.abs(value - exact) < 4 * predicted).all()
    ratio = error / predicted  # of an estimated standard error, about 1 / sqrt(2 x 15) = 0.18 off
    assert ((ratio > 0.4) & (ratio < 1.8)).all()
    assert (np.abs(value - exact) > 1e-3 * np.abs(exact)).any()  # it is an estimate


def test_norms_and_accuracies_are_plain_sums(run):
    found, shown = run
    for draw in (0, 7, 20):
        for chain in (0, 1):
            here = shown[draw][chain]
            for name in ("in", "out"):
                size = found.observables[f"norms[{name}]"][chain, draw]
                assert size == pytest.approx(np.linalg.norm(here[name]), rel=1e-5)
            targets = network().test.targets[:, 0]
            outputs = np.asarray(network().apply(here, network().test.inputs))[:, 0]
            for label in (-1, 1):
                hits = np.mean(outputs[targets == label] * label > 0)
                assert found.observables[f"class_accuracy[{label}]"][chain, draw] == pytest.approx(
                    hits, abs=1e-6
                )


def test_of_several_outputs_a_class_is_counted_by_its_number():
    generator = np.random.default_rng(1)
    inputs, labels = generator.normal(size=(30, 4)), generator.integers(0, 3, 30)
    labels[labels == 1] = 2  # none of class 1
    data = Data(inputs, labels)
    model = Model(
        "three", lambda key: jax.random.normal(key, (4, 3)), lambda w, x: x @ w, "cross-entropy", data, data
    )
    found = seen(model, {"by": registry.entry("observables", "class-accuracy")})
    best = outputs_of(model)[:30].argmax(axis=1)
    assert {name for name in found if name.startswith("by")} == {"by[0]", "by[2]"}
    for label in (0, 2):
        assert found[f"by[{label}]"] == pytest.approx(np.mean(best[labels == label] == label), abs=1e-6)


@pytest.mark.parametrize("slope", [1.0, 0.0])
def test_a_loss_in_one_direction_and_a_flat_one_are_no_trouble(slope):
    """The Krylov space ends before four products."""
    data = Data(np.array([[1.0, 2.0]]), np.array([[3.0]]))
    model = Model("small", lambda key: key, lambda w, x: slope * x @ w[:, None], "half-mse", data, data)
    look = jax.jit(partial(registry.entry("observables", "sharpness").look, model))
    weights, memory = np.array([1.0, -1.0], "f4"), np.zeros(2, "f4")
    for _ in range(2):
        found, memory = look(weights, tuple(map(data_in, (data, data), ("float32",) * 2)), memory)
        assert float(found["value"]) == pytest.approx(5.0 * slope, abs=1e-5)
        assert float(found["error"]) == pytest.approx(0, abs=1e-5)
