"""Digits: a network with far more weights than constraints, on its zero-loss set."""

import numpy as np
import pytest

from langevin.errors import UsageError
from langevin.sgld import Law, Recording, execute, train
from models import digits


def test_a_small_network_learns_its_digits_and_arrives_on_the_zero_loss_set():
    model = digits.model(samples=8, width=48)
    law, recording = Law(0.05, temperature=1e-5), Recording(frames=40, sketch=32)
    trajectory = train(model, law, steps=800, chains=1, recording=recording)
    assert trajectory.meta["parameters"] == 75 * 48 + 10
    assert trajectory.meta["rank"] == 80
    assert trajectory.observables["train_accuracy"][0, -1] == 1
    assert 0 < trajectory.events["memorised_step"][0] < trajectory.events["arrival_step"][0] < 800


def test_the_default_network_has_a_zero_loss_set():
    model = digits.model()
    samples, outputs = model.train.targets.shape
    parameters = 75 * model.dials["width"] + 10
    assert parameters > 10 * samples
    assert parameters > 5 * samples * outputs
    assert len(model.train.inputs) + len(model.test.inputs) == 1797


@pytest.mark.parametrize("dials", [{"samples": 0}, {"samples": 1797}, {"width": 0}, {"scale": 0.0}])
def test_impossible_dials_are_refused(dials):
    with pytest.raises(UsageError, match=r"samples is|width is|scale is"):
        digits.model(**dials)


@pytest.mark.slow
@pytest.mark.statistical
def test_default_run_equilibrates_and_then_diffuses():
    """Loss theta/2 sum 1 / (1 - lr lambda / 2), lambda the curvatures of the constraints; then MSD ~ t."""
    from langevin.measure import local_exponent
    from langevin.sgld.rank import spectrum
    from langevin.sgld.start import chain_key, initial_weights

    model = digits.model()
    trajectory = execute(model, digits.DEFAULTS)
    assert trajectory.counts["finished"] == 5
    assert (trajectory.observables["train_accuracy"][:, -1] == 1).all()
    assert (trajectory.events["arrival_step"] > 0).all()
    late = trajectory.steps > 10_000
    loss = trajectory.observables["train_loss"][:, late].mean(axis=1)
    rate, theta = digits.DEFAULTS.law.learning_rate, digits.DEFAULTS.law.temperature
    weights = initial_weights(chain_key(0, 0), model=model, dtype="float32")
    curvature = spectrum(model, weights) / len(model.train.targets)
    expected = theta / 2 * np.sum(1 / (1 - rate * curvature / 2))
    # Curvatures are those of the initial weights: they move by a few per cent, in a correction of 2 %.
    assert abs(loss.mean() / expected - 1) < 0.02
    exponent = local_exponent(trajectory, window="after arrival")
    # The relaxation of the softest constraints just after arrival bends the exponent by some 0.02.
    assert abs(exponent.value - 1) < 4 * exponent.error + 0.02
    assert exponent.error < 0.05
