"""Factors of a number by leaf of the weights: rates and decays that differ from layer to layer.

A leaf is called by its keys, with points between: `output`, `layers.0.weight`. A factor of a branch, `layers.0`, is one
of all leaves below it; of several that fit, the longest name counts. A dash is the same as an underscore.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import jax

from langevin.errors import UsageError
from langevin.sgld.model import Weights
from langevin.sgld.records import Leaf


def by_leaf(number: Any, leaves: Mapping[str, Leaf], factor: str, weights: Weights) -> Any:
    """The number for each leaf of the weights, times the factor of this leaf, `rate` or `decay`, if it has one."""

    def of_leaf(path: Any, leaf: Any) -> Any:
        fitting = _fitting(_name(path), leaves)
        return number * getattr(leaves[fitting], factor) if fitting else number

    return jax.tree_util.tree_map_with_path(of_leaf, weights)


def check_leaves(leaves: Mapping[str, Leaf], weights: Weights) -> None:
    """Refuse factors of a leaf that the weights do not have.

    Raises:
        UsageError: so it is; the sentence says which they have.
    """
    names = [_name(path) for path, _ in jax.tree_util.tree_leaves_with_path(weights)]
    for wanted in leaves:
        if not any(_fitting(name, [wanted]) for name in names):
            raise UsageError(
                f"the weights have no leaf {wanted!r}",
                f"leaves by their names: {', '.join(filter(None, names)) or 'there is one, without a name'}",
                "name one of these, or the beginning of several",
            )


def _fitting(name: str, keys: Iterable[str]) -> str:
    """The longest of the keys that is the name of this leaf or of a branch with it; empty if there is none."""
    fits = [key for key in keys if f"{name}.".replace("-", "_").startswith(f"{key}.".replace("-", "_"))]
    return max(fits, key=len, default="")


def _name(path: Any) -> str:
    """The keys that lead to a leaf, with points between."""
    return ".".join(str(getattr(key, "key", getattr(key, "idx", getattr(key, "name", key)))) for key in path)
