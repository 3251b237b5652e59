"""A network at one point of weight space, in double precision, and its loss there."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree

from langevin.errors import UsageError
from langevin.sgld.losses import per_sample
from langevin.sgld.model import Data, Model, Weights
from langevin.sgld.precision import data_in
from langevin.sgld.start import count_parameters

EPS = float(np.finfo(np.float64).eps)


class Point(NamedTuple):
    """Weights and training data in float64, and the number of weights, including fixed weights, whose slope is zero."""

    weights: Weights
    data: Data
    parameters: int


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
