"""Trace, sharpness, scale of the outputs and tangent kernel of a network, in one compiled function of its weights.

Everything is in the precision of the training; the random vectors are the same at all weights.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import random
from jax.flatten_util import ravel_pytree

from langevin.sgld.losses import per_sample
from langevin.sgld.model import Model

#: Training samples of the kernel; random directions of the outputs for kernel and trace; products of the power
#: iteration, after which the largest eigenvalue of well separated ones is right to a per cent.
SAMPLES, DIRECTIONS, PRODUCTS = 64, 4, 40


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
