"""The same function for one network or for several at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np


def each(function: Callable[..., Any], *stacked: Any) -> Any:
    """Apply the function to each network of a block; arguments and result have a leading axis (lanes,).

    One network is computed directly, several by vmap. With vmap, sums are computed in another order, which changes
    results by rounding.
    """
    if len(jax.tree.leaves(stacked)[0]) > 1:
        return jax.vmap(function)(*stacked)
    alone = jax.tree.map(lambda leaf: leaf[0], stacked)
    return jax.tree.map(lambda leaf: jnp.asarray(leaf)[None], function(*alone))


def stack(trees: list[Any]) -> Any:
    """Stack trees of equal shape to one tree with a leading axis; by NumPy, since JAX would compile for every shape."""
    return jax.tree.map(
        lambda *leaves: jax.device_put(np.stack([np.asarray(leaf) for leaf in leaves])), *trees
    )


def single(tree: Any, lane: int) -> Any:
    """The tree of one network of a block, as NumPy arrays."""
    return jax.tree.map(lambda leaf: np.asarray(leaf)[lane], tree)
