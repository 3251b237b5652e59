"""Right outputs: labels of any two values, classes as integers, and never the sign of a measured number."""

from functools import partial

import numpy as np
import pytest

from langevin.errors import UsageError
from langevin.sgld import Data, Law, Model, Protocol, Recording, train
from langevin.sgld.labels import reading
from langevin.sgld.training import check_targets

CORNERS = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])
XOR = np.array([[0.0], [1], [1], [0]])


def model(targets, loss="half-mse", outputs=1, inputs=CORNERS, **rest):
    import jax.numpy as jnp

    data = Data(inputs[: len(targets)], targets)
    return Model(
        "mine",
        lambda key: jnp.zeros((inputs.shape[1], outputs)),
        lambda w, x: x @ w,
        loss,
        data,
        data,
        **rest,
    )


def logistic(outputs, targets):
    import jax.numpy as jnp

    return jnp.sum(jnp.logaddexp(0, outputs) - targets * outputs, axis=-1)


def counted(one, outputs):
    return np.asarray(
        reading(one).right(np.asarray(outputs, np.float32), np.asarray(one.train.targets))
    ).tolist()


def test_labels_of_one_column_are_on_their_side_of_the_middle():
    assert counted(model(XOR), [[0.4], [0.6], [0.4], [0.6]]) == [True, True, False, False]
    assert counted(model(2 * XOR - 1), [[-0.1], [0.1], [-0.1], [0.0]]) == [True, True, False, False]
    assert counted(model(0.1 + 0.8 * XOR), [[0.4], [0.6], [0.4], [0.6]]) == [True, True, False, False]
    assert counted(model(XOR == 1), [[0.4], [0.6], [0.4], [0.6]]) == [True, True, False, False]


def test_under_a_loss_of_ones_own_the_loss_says_which_label_is_meant():
    # Outputs are logits here, so the two labels meet at 0, where the middle of the labels would say .5.
    assert counted(model(XOR, logistic), [[0.3], [0.3], [-0.3], [-0.3]]) == [False, True, False, True]


def test_an_exclusive_or_of_labels_0_and_1_is_memorised():
    """A network at loss 0 is right on every sample; by the sign it would be right on half of them."""
    inputs = np.column_stack([CORNERS, CORNERS[:, 0] * CORNERS[:, 1]])  # x + y - 2 x y
    run = train(model(XOR, inputs=inputs), Law(1.0), steps=400, chains=1, recording=Recording([100]))
    assert run.observables["train_loss"][0, -1] < 1e-4
    assert run.observables["train_accuracy"][0, -1] == 1
    assert run.events["memorised_step"][0] in (100, 400)
    assert run.meta["right"] == "every output on its label's side of 0.5"


def test_classes_in_whole_numbers_are_columns():
    classes = np.array([2, 0, 1, 2])
    for loss, off in (("half-mse", 0.0), ("cross-entropy", 0.0), ("hinge", -1.0)):
        one = model(classes, loss, outputs=3)
        assert one.train.targets.tolist() == np.where(np.eye(3)[classes] == 1, 1, off).tolist()
        assert counted(one, np.eye(3)[[2, 0, 0, 2]]) == [True, True, False, True]
        check_targets(one)
    assert model(np.array([0, 1, 1, 0])).train.targets.tolist() == XOR.tolist()
    assert model(np.array([0, 1, 1, 0]), outputs=2).train.targets.shape == (4, 2)
    with pytest.raises(UsageError, match="from 0 to 3: with 3 outputs they must go from 0 to 2"):
        model(np.array([0, 1, 2, 3]), outputs=3)
    run = train(model(classes, "cross-entropy", outputs=3), Law(0.5), steps=3, chains=1)
    assert {"train_accuracy", "test_accuracy"} <= set(run.observables)


@pytest.mark.parametrize(
    "targets", [[[0.1], [0.7], [-0.3], [2.0]], [[0.1], [0.7]], [[0.1, 0.2], [0.7, 0.0], [0.2, 0.3]]]
)
def test_a_regression_has_no_accuracies(targets):
    one = model(np.array(targets), outputs=len(targets[0]))
    assert reading(one).right is None
    run = train(one, Law(0.1, temperature=1e-3), steps=20, chains=2, recording=Recording([10]))
    assert not {"train_accuracy", "test_accuracy"} & set(run.observables)
    assert not {"memorised_step", "generalised_step"} & set(run.events)
    assert run.counts["finished"] == 2
    from langevin.cli.training_text import as_text

    assert "acc." not in as_text(run, {})
    assert "memorised" not in as_text(run, {})
    with pytest.raises(UsageError, match="no accuracies to decide by"):
        train(one, Law(0.1), steps=20, protocol=Protocol(stop={"generalised": 3}))


def test_several_labels_a_sample_are_all_asked_for():
    one = model(np.array([[1.0, 1, 0], [0, 0, 0], [1, 0, 1]]), outputs=3)
    assert counted(one, [[1, 1, 0], [0, 0.6, 0], [0.6, 0.4, 0.6]]) == [True, False, True]


def test_targets_without_a_meaning_for_the_loss_are_refused():
    refused = partial(pytest.raises, UsageError)
    with refused(match="hinge loss takes the labels -1 and 1"):
        train(model(XOR, "hinge"), Law(0.1), steps=1)
    with refused(match="cross-entropy of one output is always 0"):
        train(model(XOR, "cross-entropy"), Law(0.1), steps=1)
    with refused(match="shares of the classes"):
        train(model(np.array([[1.0, -1], [-1, 1]]), "cross-entropy", outputs=2), Law(0.1), steps=1)


@pytest.mark.parametrize(
    ("targets", "said"),
    [(np.array(["cat", "dog"]), "numbers them"), (np.array(["cat", "dog"], object), "numbers them"),
     ([1.0, -1.0], "must be an array")],
)  # fmt: skip
def test_targets_that_are_no_numbers_are_refused(targets, said):
    with pytest.raises(UsageError, match=said):
        model(targets)
