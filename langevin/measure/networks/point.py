"""A network at one point of weight space: in double precision its loss and its performance, and quick measurements.

The quick ones are trace, sharpness, scale of the outputs and tangent kernel, in one compiled function of the weights.
They have the precision of the training; the random vectors are the same at all weights.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import random
from jax.flatten_util import ravel_pytree

from langevin.errors import UsageError
from langevin.sgld.computation import data_in, precision
from langevin.sgld.labels import reading
from langevin.sgld.losses import per_sample
from langevin.sgld.model import Data, Model, Weights
from langevin.sgld.start import count_parameters

EPS = float(np.finfo(np.float64).eps)
#: Training samples of the kernel; random directions of the outputs for kernel and trace; products of the power
#: iteration, after which the largest eigenvalue of well separated ones is right to a per cent.
SAMPLES, DIRECTIONS, PRODUCTS = 64, 4, 40


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

    Args:
        model: the network.
        weights: of the network.

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


class Probed(NamedTuple):
    """Measured at given weights; the kernel is (samples, samples)."""

    trace: Any
    sharpness: Any
    logit_scale: Any
    kernel: Any


def probe_of(model: Model) -> Callable[[Any], Probed]:
    """The function of the weights of a model, compiled once.

    trace        tr J J^T / samples: the mean of |J^T z|^2 over random signs z of all samples and outputs, divided by
                 the number of samples
    sharpness    largest eigenvalue of the Hessian of the mean loss, by power iteration
    logit_scale  root mean square of the outputs, less their mean over several outputs
    kernel       mean over random signs z of the outputs of (J^T z)(x) . (J^T z)(x'), whose mean is the tangent kernel
                 summed over outputs
    """
    inputs, targets = (jnp.asarray(part) for part in model.train)
    few = np.random.default_rng(0).permutation(len(inputs))[:SAMPLES]
    loss = per_sample(model.loss)
    signs, start = random.split(random.key(0))

    def probe(weights: Any) -> Probed:
        flat, unravel = ravel_pytree(weights)
        some = inputs if jnp.issubdtype(inputs.dtype, jnp.integer) else inputs.astype(flat.dtype)
        goal = targets.astype(flat.dtype)

        def outputs(point: Any) -> Any:
            return model.apply(unravel(point), some)

        def mean_loss(point: Any) -> Any:
            return jnp.mean(loss(outputs(point), goal))

        here, pull = jax.vjp(outputs, flat)
        z = random.rademacher(signs, (8, *here.shape), here.dtype)
        squares = jax.lax.map(lambda one: jnp.sum(pull(one)[0] ** 2), z)
        centred = here - here.mean(axis=1, keepdims=True) if here.shape[1] > 1 else here

        def product(v: Any, _: Any) -> Any:
            image = jax.jvp(jax.grad(mean_loss), (flat,), (v,))[1]
            size = jnp.linalg.norm(image)
            return image / jnp.maximum(size, 1e-30), size

        _, sizes = jax.lax.scan(product, random.normal(start, flat.shape, flat.dtype), length=PRODUCTS)

        def row(index: Any, direction: Any) -> Any:
            def output(point: Any) -> Any:
                return jnp.vdot(model.apply(unravel(point), some[index][None])[0], direction)

            return jax.grad(output)(flat)

        chosen = z[:DIRECTIONS, 0, :]
        features = jax.lax.map(
            lambda direction: jax.lax.map(lambda index: row(index, direction), jnp.asarray(few)), chosen
        )
        kernel = jnp.mean(jnp.einsum("dsp,dtp->dst", features, features), axis=0)
        return Probed(jnp.mean(squares) / len(some), sizes[-1], jnp.sqrt(jnp.mean(centred**2)), kernel)

    compiled: Callable[[Any], Probed] = jax.jit(probe)
    return compiled


def target_kernel(model: Model) -> np.ndarray[Any, Any]:
    """Kernel of the targets of the samples whose tangent kernel is measured."""
    few = np.random.default_rng(0).permutation(len(model.train.inputs))[:SAMPLES]
    targets = np.asarray(model.train.targets, float)[few]
    return np.asarray(targets @ targets.T)
