"""Parity: memorised first, generalised later."""

import numpy as np
import pytest

from langevin.errors import UsageError
from langevin.sgld import Law, Recording, execute, train
from models import parity


def test_a_small_network_memorises():
    model = parity.model(n=30, samples=100, width=100)
    law = Law(0.1, weight_decay=0.01, batch=32)
    trajectory = train(model, law, steps=300, chains=2, recording=Recording(frames=40))
    assert (trajectory.observables["train_accuracy"][:, -1] == 1).all()
    assert (trajectory.events["memorised_step"] > 0).all()
    assert trajectory.meta["parameters"] == 32 * 100


def test_labels_are_the_product_of_the_first_signs():
    model = parity.model(n=7, k=3)
    for inputs, targets in (model.train, model.test):
        assert set(np.unique(inputs)) == {-1, 1}
        np.testing.assert_array_equal(targets[:, 0], inputs[:, 0] * inputs[:, 1] * inputs[:, 2])
    assert (len(model.train.inputs), len(model.test.inputs)) == (300, 100)


def test_outliers_are_wrong_training_labels():
    clean, tricked = parity.model(), parity.model(outliers=0.1)
    assert (clean.train.targets != tricked.train.targets).sum() == 30
    np.testing.assert_array_equal(clean.train.inputs, tricked.train.inputs)
    np.testing.assert_array_equal(clean.test.targets, tricked.test.targets)


def test_initial_weights_fill_the_range_of_torch_linear_layers():
    import jax

    weights = jax.jit(parity.model().init)(jax.random.key(0))
    for name, fan_in in (("hidden", 50), ("hidden bias", 50), ("output", 500)):
        largest = float(abs(weights[name]).max())
        assert 0.98 * fan_in**-0.5 < largest <= fan_in**-0.5  # of 500 draws, the largest is within 2 %


@pytest.mark.parametrize(
    "dials",
    [
        {"k": 0},
        {"k": 51},
        {"samples": 0},
        {"test_samples": 0},
        {"width": 0},
        {"outliers": 51.0},
        {"loss": "0"},
    ],
)
def test_impossible_dials_are_refused(dials):
    with pytest.raises(UsageError, match=r"is 0|is 51|is '0'"):
        parity.model(**dials)


@pytest.mark.slow
def test_default_run_memorises_then_generalises_in_every_network():
    trajectory = execute(parity.model(), parity.DEFAULTS)
    memorised, generalised = trajectory.events["memorised_step"], trajectory.events["generalised_step"]
    assert (memorised > 0).all()
    assert (generalised > 5 * memorised).all()
