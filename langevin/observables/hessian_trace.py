"""The trace of the Hessian of the training loss, by random signs."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jax import random

from langevin.sgld.model import Data, Model, Weights
from langevin.sgld.sharpness import product
from langevin.types import Observable

#: Probes at each recorded step, a product with the Hessian each; they are the same at all steps and of all networks.
PROBES, KEY = 16, 20_260_311


def look(model: Model, weights: Weights, data: tuple[Data, Data]) -> dict[str, Any]:
    """The mean of z^T H z over `PROBES` vectors z of random signs, and its standard error (Hutchinson 1990).

    As the signs stay the same, a difference between two steps has a smaller error, and the errors of several networks
    are not independent: a mean over networks has nearly the error of one.
    """
    leaves = jax.tree.leaves(weights)
    size, dtype = sum(leaf.size for leaf in leaves), leaves[0].dtype
    signs = random.rademacher(random.key(KEY), (PROBES, size), dtype)
    values = jax.lax.map(lambda z: z @ product(weights, data[0], z, model=model)[1], signs)
    return {"value": jnp.mean(values), "error": jnp.std(values, ddof=1) / PROBES**0.5}


hessian_trace = Observable(
    summary="trace of the Hessian from 16 random signs, with its standard error", look=look
)
