"""Interventions on a network that has memorised: its norm is held, or its outputs are taken at another temperature.

Both say what the delay of generalisation rests on. With the norm held, no decay of the weights can explain it; with
outputs divided by a temperature, the gradient of a network that is sure of its answers vanishes later or earlier.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from langevin.sgld.leaves import trained
from langevin.sgld.model import Model, Weights
from langevin.sgld.records import HELD

if TYPE_CHECKING:
    from langevin.sgld.law import State

#: Among the changes after memorisation: the norm, in units of that at the moment, and the temperature of outputs.
NORM, OUTPUT = HELD


class Held(NamedTuple):
    """The norm at which the weights are held, 0 for none, and what the outputs in the loss are divided by."""

    norm: Any
    output: Any


def beginning(changes: Mapping[str, float], dtype: str) -> Held | tuple[()]:
    """Nothing held yet; nothing at all where no such change is to come, so that nothing is compiled in."""
    known = {NORM, OUTPUT} & set(changes)
    return Held(np.asarray(0.0, dtype), np.asarray(1.0, dtype)) if known else ()


def divided(outputs: Any, held: Held | tuple[()]) -> Any:
    """Outputs as the loss of a step takes them."""
    return outputs / held.output if isinstance(held, Held) else outputs


def on_sphere(model: Model, weights: Weights, held: Held | tuple[()]) -> Weights:
    """The weights, those that are trained put back to the norm that is held."""
    if not isinstance(held, Held):
        return weights
    length = norm_of(model, weights)
    scale = jnp.where(held.norm > 0, held.norm / jnp.where(length > 0, length, 1), 1).astype(length.dtype)
    if model.fixed is None:
        return jax.tree.map(lambda leaf: scale * leaf, weights)
    return jax.tree.map(
        lambda leaf, is_fixed: leaf if is_fixed else scale * leaf, weights, model.fixed(weights)
    )


def norm_of(model: Model, weights: Weights) -> Any:
    """Euclidean norm of all trained weights together."""
    return jnp.sqrt(sum(jnp.vdot(leaf, leaf) for leaf in trained(model, weights)))


def changed(
    model: Model, state: State, changes: Mapping[str, float], here: NDArray[np.bool_]
) -> Held | tuple[()]:
    """What is held in a block of networks (lanes,) after those that are `here` have memorised."""
    now = state.held
    if not isinstance(now, Held):
        return ()
    norms = jax.vmap(lambda weights: norm_of(model, weights))(state.weights)
    return Held(
        jnp.where(here & (NORM in changes), changes.get(NORM, 0.0) * norms, now.norm).astype(now.norm.dtype),
        jnp.where(here & (OUTPUT in changes), changes.get(OUTPUT, 1.0), now.output).astype(now.output.dtype),
    )
