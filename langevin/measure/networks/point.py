"""A network at one point of weight space: in double precision, its loss there, and its performance."""

from __future__ import annotations

import math
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree

from langevin.errors import UsageError
from langevin.sgld.computation import data_in, precision
from langevin.sgld.labels import reading
from langevin.sgld.losses import per_sample
from langevin.sgld.model import Data, Model, Weights
from langevin.sgld.start import count_parameters

EPS = float(np.finfo(np.float64).eps)


class Point(NamedTuple):
    """Weights and training data in float64, and the number of weights, including fixed weights, whose slope is zero."""

    weights: Weights
    data: Data
    parameters: int


class Performance(NamedTuple):
    """Mean losses over the samples, and fractions of the samples that are classified correctly."""

    train_loss: float
    test_loss: float
    train_accuracy: float
    test_accuracy: float


def point(model: Model, weights: Weights) -> Point:
    """The network at these weights; call it under `precision("float64")`.

    Raises:
        UsageError: the weights do not fit the model, or are not finite.
    """
    try:
        weights = jax.tree.map(lambda leaf: jnp.asarray(np.asarray(leaf), "float64"), weights)
        count_parameters(model, weights)
        parameters = sum(leaf.size for leaf in jax.tree.leaves(weights))
    except UsageError:
        raise
    except Exception as error:
        raise UsageError(
            f"{model.name} cannot take these weights ({type(error).__name__})",
            "weights as its init returns them",
            "give what its init returns",
        ) from error
    if not all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(weights)):
        raise UsageError(
            f"the weights of {model.name} are not all finite",
            "finite weights",
            "take a network that did not diverge",
        )
    return Point(weights, data_in(model.train, "float64"), parameters)


@partial(jax.jit, static_argnames="model")
def loss(weights: Weights, data: Data, *, model: Model) -> Any:
    """Mean loss over the samples of `data`."""
    return jnp.mean(per_sample(model.loss)(model.apply(weights, data.inputs), data.targets))


@partial(jax.jit, static_argnames="model")
def products(weights: Weights, data: Data, vectors: Any, *, model: Model) -> Any:
    """Hessian of the loss times each of `vectors` (count, parameters): forward over reverse, without the matrix."""
    flat, unravel = ravel_pytree(weights)
    gradient = jax.grad(lambda flat: loss(unravel(flat), data, model=model))
    return jax.lax.map(lambda vector: jax.jvp(gradient, (flat,), (vector,))[1], vectors)


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
