"""Loss and accuracy of a network at given weights."""

from __future__ import annotations

import math
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from langevin.measure.networks.point import loss, point
from langevin.sgld.labels import reading
from langevin.sgld.model import Data, Model, Weights
from langevin.sgld.precision import data_in, precision


class Performance(NamedTuple):
    """Mean losses over the samples, and fractions of the samples that are classified correctly."""

    train_loss: float
    test_loss: float
    train_accuracy: float
    test_accuracy: float


@partial(jax.jit, static_argnames="model")
def accuracy(weights: Weights, data: Data, *, model: Model) -> Any:
    """Fraction of the samples that the model classifies correctly; NaN for a regression (`langevin.sgld.labels`)."""
    right = reading(model).right
    return jnp.nan if right is None else jnp.mean(right(model.apply(weights, data.inputs), data.targets))


def performance(model: Model, weights: Weights) -> Performance:
    """Loss and accuracy on training and test set, as `langevin.sgld.train` records them; nan without a test set.

    Args:
        model: the network and its data.
        weights: of the network.

    Raises:
        UsageError: the weights do not fit the model, or are not finite.
    """
    with precision("float64"):
        here = point(model, weights)
        parts = (here.data, *([] if model.test is None else [data_in(model.test, "float64")]))
        losses = [float(loss(here.weights, data, model=model)) for data in parts]
        shares = [float(accuracy(here.weights, data, model=model)) for data in parts]
    missing = [math.nan] * (2 - len(parts))
    return Performance(*losses, *missing, *shares, *missing)
