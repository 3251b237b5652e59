"""Norms of the weights, layer by layer."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from langevin.sgld.kept import leaf_shapes, named
from langevin.sgld.model import Data, Model, Weights
from langevin.types import Observable


def look(model: Model, weights: Weights, data: tuple[Data, Data]) -> dict[str, Any]:
    """The Euclidean norm of each array of the weights, by its path, as `layers.0.kernel`; `weights` of a single one."""
    names = [named(leaf["path"]).replace("/", ".") or "weights" for leaf in leaf_shapes(weights)]
    return {name: jnp.linalg.norm(leaf.ravel()) for name, leaf in zip(names, jax.tree.leaves(weights))}


norms = Observable(summary="the norm of each array of the weights, by its path", look=look)
