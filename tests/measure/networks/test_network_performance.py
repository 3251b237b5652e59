"""Loss and accuracy at given weights."""

from dataclasses import replace

import numpy as np
import pytest

from langevin.errors import UsageError
from langevin.measure import networks
from langevin.sgld import Callbacks, Data, Law, Recording, train
from langevin.sgld.losses import within
from tests.measure.networks.small import network, regression

INPUTS = np.array([[1.0, 0], [0, 1], [1, 1], [-1, 0]])
LABELS = np.array([[1.0], [-1], [-1], [-1]])
WEIGHTS = np.array([[1.0], [0.5]])  # outputs 1, 0.5, 1.5, -1


def signs(loss):
    model = network(lambda weights, x: x @ weights, INPUTS, LABELS, loss)
    return replace(model, test=Data(INPUTS[:2], LABELS[:2]))


@pytest.mark.parametrize(
    ("loss", "losses"),
    [
        ("half-mse", ((0 + 1.5**2 + 2.5**2 + 0) / 8, 1.5**2 / 4)),
        ("hinge", ((0 + 1.5 + 2.5 + 0) / 4, 1.5 / 2)),
    ],
)
def test_losses_and_shares_are_those_counted_by_hand(loss, losses):
    found = networks.performance(signs(loss), WEIGHTS)
    assert found == pytest.approx((*losses, 0.5, 0.5))


def test_what_counts_as_right_is_up_to_the_model():
    model = replace(signs("half-mse"), correct=within(1.6))
    assert networks.performance(model, WEIGHTS)[2:] == (0.75, 1.0)


def test_it_is_what_a_run_records():
    seen, model = [], replace(regression(), init=lambda key: np.ones((4, 1)), apply=lambda w, x: x @ w)
    assert np.isnan(networks.performance(model, np.ones((4, 1)))[2:]).all()  # numbers, no labels
    model = replace(model, correct=within(0.5))
    run = train(
        model, Law(0.1), steps=5, chains=1, recording=Recording([5]),
        callbacks=Callbacks(visit=lambda step, now: seen.append(now[0])),
    )  # fmt: skip
    for frame, weights in enumerate(seen):
        found = networks.performance(model, weights)._asdict()
        recorded = {name: run.observables[name][0, frame] for name in found}
        assert found == pytest.approx(recorded, rel=1e-6)  # of single precision
    assert found["train_loss"] < 0.9 * run.observables["train_loss"][0, 0]


def test_a_network_that_diverged_has_none():
    with pytest.raises(UsageError, match="not all finite"):
        networks.performance(signs("hinge"), np.full((2, 1), np.nan))
