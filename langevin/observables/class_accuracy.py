"""Accuracy on the test set, class by class."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from langevin.errors import UsageError
from langevin.sgld.labels import reading
from langevin.sgld.model import Data, Model, Weights
from langevin.types import Observable


def look(model: Model, weights: Weights, data: tuple[Data, Data]) -> dict[str, Any]:
    """The fraction of correct test samples of each class, by the number of the class, or its label.

    With several outputs a class is the number of the largest target, with one it is the label. Classes that the test
    set does not have are left out.

    Raises:
        UsageError: the targets are numbers and no labels, or there is no test set.
    """
    right = reading(model).right
    if right is None:
        raise UsageError(
            f"the targets of {model.name} are numbers and no labels, so it has no accuracies",
            "targets that are labels, or `correct` of the Model",
            "leave this observable out",
        )
    if model.test is None:
        raise UsageError(f"{model.name} has no test set", "a Model with one", "leave this observable out")
    targets = np.asarray(model.test.targets)
    labels = targets.argmax(axis=1) if targets.shape[1] > 1 else targets[:, 0]
    inputs, wanted = data[1]
    hits = right(model.apply(weights, inputs), wanted).astype(wanted.dtype)
    return {
        f"{label:.17g}": jnp.mean(hits[np.flatnonzero(labels == label)])
        for label in np.unique(labels).tolist()
    }


class_accuracy = Observable(summary="accuracy on the test set, by class", look=look)
