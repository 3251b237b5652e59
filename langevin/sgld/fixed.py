"""Leaves of the weights that no gradient moves, such as the moving statistics of batch normalisation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from langevin.sgld.model import Model, Weights


@dataclass(frozen=True)
class Held:
    """A function of weights and inputs whose derivative along fixed leaves is 0 by definition.

    So Hessians, Jacobians, ranks and tangent kernels are those in the other leaves.
    """

    apply: Callable[..., Any]
    fixed: Callable[[Any], Any]

    def __call__(self, weights: Weights, inputs: Any) -> Any:
        """The same outputs."""
        return self.apply(still(self.fixed, weights), inputs)


def still(fixed: Callable[[Any], Any] | None, weights: Weights) -> Weights:
    """The same weights, along whose fixed leaves every derivative is 0."""
    import jax

    if fixed is None:
        return weights
    stop = jax.lax.stop_gradient
    return jax.tree.map(lambda leaf, is_fixed: stop(leaf) if is_fixed else leaf, weights, fixed(weights))


def as_trained(model: Model) -> Model:
    """The model whose outputs are those of the network in training, under one random key."""
    fit = model.fit
    if fit is None:
        return model
    import jax

    return replace(model, apply=lambda weights, inputs: fit(weights, inputs, jax.random.key(0))[0])


def stays(model: Model, weights: Weights) -> Any:
    """A tree of truths: which leaves are fixed."""
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
