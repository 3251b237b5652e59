"""Steps and recorded steps of a block of networks in one compiled call, so that a recorded step has no extra cost.

A separate call for every recorded step would take some hundred microseconds, as much as several steps of a small
network.
"""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax

from langevin.sgld.law import State, advance_block, no_order
from langevin.sgld.model import Data, Model, Observer, trained
from langevin.sgld.observation import look, sketch

#: Largest number of stops of a call, bytes of the states kept at them (4 MiB), and number of stops sketched at once.
STOPS, KEPT_BYTES, TOGETHER = 16, 2**22, 8


class Passed(NamedTuple):
    """The records of a block at the stops of a call: states, and at observed stops observables, sketches and memories.

    Arrays have the leading axes (stops, lanes). Observables are 0 at stops that are not observed.
    """

    states: State
    values: dict[str, Any]
    sketches: Any
    memory: Any


def stops_of(states: State) -> int:
    """Number of stops of a call for a block, a power of 2: by a rule of bytes, so that a large network has one."""
    size: int = sum(leaf.size * leaf.dtype.itemsize for leaf in jax.tree.leaves(states))
    return 1 << (max(1, min(STOPS, KEPT_BYTES // size)).bit_length() - 1)


@partial(jax.jit, static_argnames=("model", "size", "extra"))
def stretch(
    states: State,
    initial: Any,
    memory: Any,
    keys: Any,
    data: tuple[Data, Data | None],
    signs: Any,
    goals: Any,
    looks: Any,
    count: Any,
    factors: Any,
    at: Any,
    *,
    model: Model,
    size: int,
    extra: tuple[tuple[str, Observer], ...],
) -> tuple[State, Passed]:
    """Advance a block of networks from stop to stop, and observe it at the stops that `looks` (stops,) marks.

    Args:
        states: States of the block; like all arrays of the block they have a leading axis (lanes,).
        initial: Initial weights of the block.
        memory: Memory of observables (lanes, width), None if no observable has one.
        keys: Keys of the steps (lanes,).
        data: Training and test set.
        signs: Signs of the sketch (`langevin.sgld.observation.kept_signs`), or None.
        goals: Steps (stops, lanes) up to which each network is advanced; a network at its goal does not move.
        looks: Booleans (stops,): whether the block is observed at a stop.
        count: Number of stops that are used, at most the length of `goals` and `looks`.
        factors: Factors of the learning rate at the steps at, at + 1, ...
        at: Step at which the call begins.
        model: The network.
        size: Dimension of the sketch.
        extra: Observables by name.

    Returns:
        The states after the last stop, and the record of the block at the stops.
    """
    train, stops = data[0], len(looks)
    looking = partial(look, train=train, test=data[1], model=model, extra=extra)
    now = (states, no_order(states, train, model=model), memory)
    unseen = jax.tree.map(
        lambda one: jnp.zeros(one.shape, one.dtype),
        jax.eval_shape(looking, states.weights, initial, memory)[0],
    )
    room = jax.tree.map(lambda one: jnp.zeros((stops, *one.shape), one.dtype), (states, unseen, memory))

    def leg(place: Any, carried: Any) -> Any:
        (states, orders, memory), kept = carried
        states, orders = advance_block(states, orders, goals[place], keys, train, factors, at, model=model)
        values, memory = lax.cond(
            looks[place],
            lambda: looking(states.weights, initial, memory),
            lambda: (unseen, memory),
        )
        # The scatter of `.at[place].set` takes long to compile.
        kept = jax.tree.map(
            lambda whole, one: lax.dynamic_update_index_in_dim(whole, one, place, 0),
            kept, (states, values, memory),
        )  # fmt: skip
        return (states, orders, memory), kept

    (states, *_), (passed, values, memory) = lax.fori_loop(0, count, leg, (now, room))
    return states, Passed(passed, values, _sketches(passed.weights, looks, signs, model, size), memory)


def _sketches(weights: Any, looks: Any, signs: Any, model: Model, size: int) -> Any:
    """Sketches (stops, lanes, size) of weights at stops, computed for groups of stops of which one is observed.

    The size of a group is a power of 2 and the same in all calls: then the product of matrices gives the same bits for
    a network at every place in the group.
    """
    leaves = trained(model, weights)
    stops, lanes = leaves[0].shape[:2]
    together = min(stops, TOGETHER)

    def some(group: Any) -> Any:
        looked, *here = (leaf.reshape(-1, together, *leaf.shape[1:])[group] for leaf in (looks, *leaves))

        def of_all() -> Any:
            rows = jnp.concatenate([leaf.reshape(together * lanes, -1) for leaf in here], axis=1)
            return sketch(rows, size, signs).reshape(together, lanes, size)

        nothing = jnp.zeros((together, lanes, size), leaves[0].dtype)
        return lax.cond(jnp.any(looked), of_all, lambda: nothing)

    return lax.map(some, jnp.arange(stops // together)).reshape(stops, lanes, size)
