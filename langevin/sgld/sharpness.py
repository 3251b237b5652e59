"""The largest eigenvalue of the Hessian of the training loss, which decides the largest stable step."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree

from langevin.sgld.losses import per_sample
from langevin.sgld.model import Data, Model, Weights
from langevin.types import FloatArray

#: Products with the Hessian at most, and the relative error to stop at: a step is judged, nothing is measured.
PRODUCTS, TOLERANCE = 40, 1e-3


@partial(jax.jit, static_argnames="model")
def product(weights: Weights, data: Data, vector: Any, *, model: Model) -> tuple[Any, Any]:
    """Gradient (parameters,) of the training loss, and its Hessian times a vector: Pearlmutter (1994)."""
    flat, unravel = ravel_pytree(weights)
    gradient = jax.grad(
        lambda flat: jnp.mean(per_sample(model.loss)(model.apply(unravel(flat), data.inputs), data.targets))
    )
    slope, image = jax.jvp(gradient, (flat,), (vector,))
    return slope, image


def sharpness(model: Model, weights: Weights, data: Data) -> tuple[float, FloatArray]:
    """Largest eigenvalue by Lanczos iteration from a fixed random vector, every vector kept orthogonal to all others.

    From below, to about a part in a thousand where the spectrum allows it in `PRODUCTS` products; nan where
    the Hessian is not finite. With it the gradient (parameters,), which comes along.
    """
    size = sum(leaf.size for leaf in jax.tree.leaves(weights))
    vector = np.random.default_rng(0).normal(size=size)
    basis = [vector / np.linalg.norm(vector)]
    diagonal: list[float] = []
    beside: list[float] = []
    dtype = jax.tree.leaves(weights)[0].dtype
    while True:
        gradient, image = (
            np.asarray(vector, np.float64)
            for vector in product(weights, data, basis[-1].astype(dtype), model=model)
        )
        if not np.isfinite(image).all():
            return float("nan"), gradient
        diagonal.append(float(basis[-1] @ image))
        rows = np.array(basis)
        for _ in range(2):
            image = image - rows.T @ (rows @ image)
        length = float(np.linalg.norm(image))
        values, modes = np.linalg.eigh(np.diag(diagonal) + np.diag(beside, 1) + np.diag(beside, -1))
        error = length * abs(float(modes[-1, -1]))  # |H v - lambda v| of the Ritz vector v
        if error <= TOLERANCE * abs(values[-1]) or len(diagonal) == min(size, PRODUCTS) or length == 0:
            return float(values[-1]), gradient
        beside.append(length)
        basis.append(image / length)


def is_quadratic(model: Model, weights: Weights, data: Data) -> bool:
    """Whether the Hessian is the same at other weights, within single precision."""
    generator = np.random.default_rng(0)
    other = jax.tree.map(lambda leaf: leaf + generator.normal(size=leaf.shape).astype(leaf.dtype), weights)
    size = sum(leaf.size for leaf in jax.tree.leaves(weights))
    vector = generator.normal(size=size).astype(jax.tree.leaves(weights)[0].dtype)
    here, there = (product(place, data, vector, model=model)[1] for place in (weights, other))
    return bool(np.allclose(here, there, rtol=1e-3, atol=1e-3 * float(np.abs(here).max())))
