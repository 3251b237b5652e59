"""Leaves of the weights: fixed leaves, which no gradient moves, and factors of rate and decay for single leaves.

Fixed leaves are, for instance, the moving statistics of batch normalisation.

A factor names a leaf by its keys, joined by points: `output`, `layers.0.weight`. A factor of a branch, such as
`layers.0`, applies to all leaves below it. If several names fit a leaf, the longest name counts. A dash means the same
as an underscore.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from langevin.errors import UsageError

if TYPE_CHECKING:
    from langevin.sgld.model import Model, Weights
    from langevin.sgld.records import Leaf


@dataclass(frozen=True)
class Held:
    """A function of weights and inputs whose derivative along fixed leaves is 0 by definition.

    So Hessians, Jacobians, ranks and tangent kernels are computed in the other leaves only.
    """

    apply: Callable[..., Any]
    fixed: Callable[[Any], Any]

    def __call__(self, weights: Weights, inputs: Any) -> Any:
        """The outputs of the function, with derivative 0 along the fixed leaves."""
        return self.apply(still(self.fixed, weights), inputs)


def still(fixed: Callable[[Any], Any] | None, weights: Weights) -> Weights:
    """The same weights, but every derivative along their fixed leaves is 0."""
    import jax

    if fixed is None:
        return weights
    stop = jax.lax.stop_gradient
    return jax.tree.map(lambda leaf, is_fixed: stop(leaf) if is_fixed else leaf, weights, fixed(weights))


def as_trained(model: Model) -> Model:
    """The model with the outputs of the network in training, for one random key."""
    fit = model.fit
    if fit is None:
        return model
    import jax

    return replace(model, apply=lambda weights, inputs: fit(weights, inputs, jax.random.key(0))[0])


def stays(model: Model, weights: Weights) -> Any:
    """A tree of booleans: which leaves are fixed."""
    import jax

    return jax.tree.map(lambda leaf: False, weights) if model.fixed is None else model.fixed(weights)


def trained(model: Model, weights: Weights) -> list[Any]:
    """The leaves that a training moves, in the order of `jax.tree.leaves`."""
    import jax

    pairs = zip(jax.tree.leaves(weights), jax.tree.leaves(stays(model, weights)), strict=True)
    return [leaf for leaf, is_fixed in pairs if not is_fixed]


def restored(model: Model, stepped: Weights, refreshed: Weights) -> Weights:
    """The weights after a step, with fixed leaves as the network in training has them."""
    import jax

    if model.fixed is None:
        return stepped
    return jax.tree.map(
        lambda after, fresh, is_fixed: fresh if is_fixed else after, stepped, refreshed, model.fixed(stepped)
    )


def by_leaf(number: Any, leaves: Mapping[str, Leaf], factor: str, weights: Weights) -> Any:
    """The number for each leaf of the weights, times the factor of this leaf, `rate` or `decay`, if it has one."""
    import jax

    def of_leaf(path: Any, leaf: Any) -> Any:
        fitting = _fitting(_name(path), leaves)
        return number * getattr(leaves[fitting], factor) if fitting else number

    return jax.tree_util.tree_map_with_path(of_leaf, weights)


def check_leaves(leaves: Mapping[str, Leaf], weights: Weights) -> None:
    """Refuse factors of a leaf that the weights do not have.

    Raises:
        UsageError: there is no such leaf; the message lists the leaves.
    """
    import jax

    names = [_name(path) for path, _ in jax.tree_util.tree_leaves_with_path(weights)]
    for wanted in leaves:
        if not any(_fitting(name, [wanted]) for name in names):
            raise UsageError(
                f"the weights have no leaf {wanted!r}",
                f"leaves by their names: {', '.join(filter(None, names)) or 'there is one, without a name'}",
                "name one of these, or the beginning of several",
            )


def _fitting(name: str, keys: Iterable[str]) -> str:
    """The longest of the keys that names this leaf or a branch that contains it; empty if there is none."""
    fits = [key for key in keys if f"{name}.".replace("-", "_").startswith(f"{key}.".replace("-", "_"))]
    return max(fits, key=len, default="")


def _name(path: Any) -> str:
    """The keys that lead to a leaf, joined by points."""
    return ".".join(str(getattr(key, "key", getattr(key, "idx", getattr(key, "name", key)))) for key in path)
