"""Interventions on a network that has memorised: its norm is held constant, or its outputs are divided by a number.

Both test causes of the delay of generalisation. If the norm is held, a decay of the weights cannot explain the delay.
If the outputs are divided by a temperature, the gradient becomes small at larger or at smaller outputs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from langevin.sgld.model import Model, Weights, trained
from langevin.sgld.records import HELD

if TYPE_CHECKING:
    from langevin.sgld.law import State

#: Names of changes after memorisation: the norm, in units of the norm at that step, and the temperature of outputs.
NORM, OUTPUT = HELD


class Held(NamedTuple):
    """The norm at which the weights are held, 0 if they are not held, and the divisor of the outputs in the loss."""

    norm: Any
    output: Any


def beginning(changes: Mapping[str, float], dtype: str) -> Held | tuple[()]:
    """The state before an intervention; empty if none of the `changes` is an intervention, so nothing is compiled."""
    known = {NORM, OUTPUT} & set(changes)
    return Held(np.asarray(0.0, dtype), np.asarray(1.0, dtype)) if known else ()


def divided(outputs: Any, held: Held | tuple[()]) -> Any:
    """The outputs that the loss of a step takes: divided by the temperature of outputs."""
    return outputs / held.output if isinstance(held, Held) else outputs


def on_sphere(model: Model, weights: Weights, held: Held | tuple[()]) -> Weights:
    """The weights after the trained ones are rescaled to the held norm."""
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
    """Euclidean norm of the vector of all trained weights."""
    return jnp.sqrt(sum(jnp.vdot(leaf, leaf) for leaf in trained(model, weights)))


def changed(
    model: Model, state: State, changes: Mapping[str, float], here: NDArray[np.bool_]
) -> Held | tuple[()]:
    """The held values of a block of networks (lanes,) after the networks `here` have memorised."""
    now = state.held
    if not isinstance(now, Held):
        return ()
    norms = jax.vmap(lambda weights: norm_of(model, weights))(state.weights)
    return Held(
        jnp.where(here & (NORM in changes), changes.get(NORM, 0.0) * norms, now.norm).astype(now.norm.dtype),
        jnp.where(here & (OUTPUT in changes), changes.get(OUTPUT, 1.0), now.output).astype(now.output.dtype),
    )
