"""The weights of a training that are kept in addition to those at its end."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import jax
import numpy as np
from numpy.typing import NDArray

from langevin.errors import UsageError
from langevin.sgld.model import Weights
from langevin.sgld.plan import Plan
from langevin.sgld.records import MOMENTS
from langevin.types import FloatArray

#: Most bytes of weights that are kept without a request (64 MiB), and of weights that may be requested (2 GiB).
UNASKED_BYTES, MOST_BYTES = 2**26, 2**31
#: Type of kept weights.
KIND = np.dtype(np.float32)


def marked_width(plan: Plan, parameters: int) -> int:
    """How many numbers of a network are kept at each of the `MOMENTS`: all its weights, or 0 if they are too many."""
    requested = plan.recording.weights != "final"
    size = len(MOMENTS) * plan.total * parameters * KIND.itemsize
    return parameters if requested or size <= UNASKED_BYTES else 0


def check_room(plan: Plan, parameters: int) -> None:
    """Refuse to keep more weights than fit into memory, where they stay until the end of the run.

    Raises:
        UsageError: the kept weights do not fit.
    """
    frames = len(plan.kept) + len(MOMENTS)
    size = frames * plan.total * parameters * KIND.itemsize
    if plan.recording.weights != "final" and size > MOST_BYTES:
        raise UsageError(
            f"{plan.total} networks of {parameters} weights at {frames} steps take {size / 2**30:.1f} GiB",
            f"at most {MOST_BYTES / 2**30:.0f} GiB of kept weights",
            "keep them at fewer steps, by weights every N steps (`--weights every:N`), or train fewer networks",
        )


def rows_of(blocks: Iterable[Weights]) -> NDArray[np.float32]:
    """The weights of all networks as rows (chains, parameters), leaf after leaf in the order of `jax.tree.leaves`."""
    rows = []
    for weights in blocks:
        leaves = [np.asarray(leaf, KIND) for leaf in jax.tree.leaves(weights)]
        rows.append(np.concatenate([leaf.reshape(len(leaf), -1) for leaf in leaves], axis=1))
    return np.concatenate(rows)


def reached(level: FloatArray, train: FloatArray, test: FloatArray, loss: FloatArray) -> NDArray[np.bool_]:
    """Which networks have reached which of the `MOMENTS` (chains, 3), by accuracies and train loss (chains,).

    `level` (chains,) is the loss of arrival, theta x rank(J) (`langevin.sgld.record.arrival_rule`). The rank is known
    only at the end. Until then its largest possible value is used. If the rank is smaller, the weights were kept too
    early, and are dropped.
    """
    arrived = np.where(level > 0, loss <= level, train >= 1)
    return np.stack([train >= 1, test >= 1, arrived], axis=1)


def leaf_shapes(weights: Any) -> list[dict[str, Any]]:
    """The path of each leaf of the weights, as keys and numbers from the outermost container inwards, and its shape."""
    entries = []
    for path, leaf in jax.tree_util.tree_flatten_with_path(weights)[0]:
        entries.append({"path": [_step(one) for one in path], "shape": list(np.shape(leaf))})
    return entries


def _step(one: Any) -> str | int:
    """One step into nested containers: the key of a dictionary, the number in a list, the name of an attribute."""
    if isinstance(one, jax.tree_util.SequenceKey):
        return int(one.idx)
    return str(getattr(one, "key", getattr(one, "name", one)))


def named(path: list[str | int]) -> str:
    """The name of a leaf, such as `layers/0/kernel`; empty if the weights are one array."""
    return "/".join(map(str, path))


def nested(rows: NDArray[Any], like: Any) -> Any:
    """The numbers of a network, a row of all its weights, in the containers and shapes of `like`."""
    leaves, structure = jax.tree.flatten(like)
    ends = np.cumsum([np.size(leaf) for leaf in leaves])[:-1]
    parts = np.split(np.asarray(rows), ends)
    return jax.tree.unflatten(structure, [part.reshape(np.shape(leaf)) for part, leaf in zip(parts, leaves)])
