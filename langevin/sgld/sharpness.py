"""The largest eigenvalue of the Hessian of the training loss, which decides the largest stable step."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree

from langevin.sgld.losses import per_sample
from langevin.sgld.model import Data, Model, Weights, by_leaf
from langevin.sgld.records import Leaf
from langevin.sgld.start import SOON
from langevin.types import FloatArray

#: Largest number of products with the Hessian, and the relative error at which to stop; it suffices to judge a step.
PRODUCTS, TOLERANCE = 40, 1e-3
#: Largest number of samples times weights, and smallest number of samples: a product takes some hundredths of a second.
WORK, LEAST = 2**27, 64


@partial(jax.jit, static_argnames="model")
def product(weights: Weights, data: Data, vector: Any, *, model: Model) -> tuple[Any, Any]:
    """Gradient (parameters,) of the training loss, and its Hessian times a vector: Pearlmutter (1994)."""
    flat, unravel = ravel_pytree(weights)
    gradient = jax.grad(
        lambda flat: jnp.mean(per_sample(model.loss)(model.apply(unravel(flat), data.inputs), data.targets))
    )
    slope, image = jax.jvp(gradient, (flat,), (vector,))
    return slope, image


#: `product` compiled for calls from Python: only there JAX accepts options of the compiler.
_product_soon = jax.jit(product, static_argnames="model", compiler_options=SOON)


def sharpness(
    model: Model, weights: Weights, data: Data, leaves: Mapping[str, Leaf] = {}
) -> tuple[float, FloatArray]:
    """Largest eigenvalue of the Hessian, by Lanczos iteration from a fixed random vector, and gradient (parameters,).

    The result is a lower bound, to about a part in a thousand if the spectrum allows it in `PRODUCTS` products; nan if
    the Hessian is not finite. With factors R of the learning rate by leaf the matrix is R^(1/2) H R^(1/2), whose
    eigenvalues determine the stability instead of those of H. Only the last two vectors are kept: the loss of
    orthogonality repeats eigenvalues that are already found, and makes none larger (Paige 1980).
    """
    size = sum(leaf.size for leaf in jax.tree.leaves(weights))
    factors = jax.tree.map(
        lambda leaf, factor: np.full(leaf.size, factor), weights, by_leaf(1.0, leaves, "rate", weights)
    )
    root = np.concatenate(jax.tree.leaves(factors)) ** 0.5
    vector = np.random.default_rng(0).normal(size=size)
    vector, before = vector / _length(vector), np.zeros(size)
    diagonal: list[float] = []
    off_diagonal: list[float] = []
    dtype = jax.tree.leaves(weights)[0].dtype
    while True:
        gradient, image = (
            np.asarray(found, np.float64)
            for found in _product_soon(weights, data, (root * vector).astype(dtype), model=model)
        )
        image = root * image
        if not np.isfinite(image).all():
            return float("nan"), gradient
        diagonal.append(float(np.sum(vector * image)))
        image = image - diagonal[-1] * vector - (off_diagonal[-1] if off_diagonal else 0.0) * before
        length = _length(image)
        values, modes = np.linalg.eigh(
            np.diag(diagonal) + np.diag(off_diagonal, 1) + np.diag(off_diagonal, -1)
        )
        error = length * abs(float(modes[-1, -1]))  # |H v - lambda v| of the Ritz vector v
        if error <= TOLERANCE * abs(values[-1]) or len(diagonal) == min(size, PRODUCTS) or length == 0:
            return float(values[-1]), gradient
        off_diagonal.append(length)
        vector, before = image / length, vector


def _length(vector: FloatArray) -> float:
    """Length of a vector, without BLAS, whose threads would take more time than the sum."""
    return math.sqrt(float(np.sum(vector**2)))


def part_of(data: Data, parameters: int) -> Data:
    """A random choice of samples whose number times the weights is at most `WORK`; all samples if that is so for them.

    The mean curvature of such a subset is that of all samples; its largest curvature is on average larger.
    """
    samples, most = len(data.targets), max(LEAST, WORK // parameters)
    if samples <= most:
        return data
    chosen = np.sort(np.random.default_rng(0).choice(samples, most, replace=False))
    return Data(*(np.asarray(array)[chosen] for array in data))  # JAX would compile


def is_quadratic(model: Model, weights: Weights, data: Data) -> bool:
    """Whether the Hessian is the same at other weights, within single precision."""
    generator = np.random.default_rng(0)
    other = jax.tree.map(lambda leaf: leaf + generator.normal(size=leaf.shape).astype(leaf.dtype), weights)
    size = sum(leaf.size for leaf in jax.tree.leaves(weights))
    vector = generator.normal(size=size).astype(jax.tree.leaves(weights)[0].dtype)
    here, there = (_product_soon(place, data, vector, model=model)[1] for place in (weights, other))
    return bool(np.allclose(here, there, rtol=1e-3, atol=1e-3 * float(np.abs(here).max())))
