"""A training passes its last recorded numbers to a progress bar."""

import numpy as np

from langevin.cli.train_and_show import done_before, seen
from langevin.sgld import Callbacks, Law, Plan, execute
from tests.tiny_network import network


def test_what_is_seen_is_what_is_recorded():
    told = []
    plan = Plan(Law(0.05), 40, 2, 1)
    run = execute(network(), plan, Callbacks(seen=lambda step, values: told.append((step, values))))
    step, values = told[-1]
    assert step == run.steps[-1] == 40
    assert np.array_equal(values["train_loss"], run.observables["train_loss"][:, -1])
    assert all(step in run.steps for step, _ in told)


def test_a_bar_shows_medians_of_networks_with_a_number():
    values = {
        "train_loss": [0.5, np.nan, 0.3],
        "test_loss": [1.0, 1.0, 2.0],
        "train_accuracy": [1.0, 1.0, 0.5],
    }
    assert seen(7, values) == "step 7, loss 0.4 (test 1), accuracy 1 (test -)"
    assert seen(7, {"train_loss": [0.25], "test_loss": [np.inf]}) == "step 7, loss 0.25 (test -)"


def test_steps_that_are_done_are_not_ahead():
    assert done_before(None, None) == 0
    assert done_before({"at": np.array([12])}, None) == 12
    assert done_before({"at": np.array(["x"])}, None) == done_before({}, None) == 0, (
        "a state may have any content"
    )
