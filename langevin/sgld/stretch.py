"""Steps and recorded steps of a block of networks in one compiled call, so that a recorded step costs what it computes.

A call of its own for every recorded step would cost some hundred microseconds, as much as several steps of a small
network.
"""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax

from langevin.sgld.law import State, advance_block, no_order
from langevin.sgld.leaves import trained
from langevin.sgld.model import Data, Model, Observer
from langevin.sgld.observation import look, sketch

#: Stops of a call at most, bytes of the states that are kept at them (4 MiB), and stops that are sketched at once.
STOPS, KEPT_BYTES, TOGETHER = 16, 2**22, 8


class Passed(NamedTuple):
    """A block at the stops of a call: states, and at observed stops observables, sketches and memories.

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
    """A block of networks advanced from stop to stop, and observed at the stops that `looks` (stops,) marks.

    Args:
        states: Of the block, with a leading axis (lanes,) as all that is its own.
        initial: Weights that it started from.
        memory: Memory of observables, None if none has any.
        keys: Of its runs.
        data: Training and test set.
        signs: As `langevin.sgld.observation.look` has them.
        goals: Steps (stops, lanes) up to which each network goes; one that is there stays.
        looks: At which stops it is observed.
        count: Number of stops, up to the length of `goals` and `looks`; the others cost nothing.
        factors: Of the learning rate, of the steps at, at + 1, ...
        at: Step where the call begins.
        model: The network.
        size: Of the sketch.
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
    """Sketches (stops, lanes, size) of weights at stops, several at once where one of them is observed.

    The number at once is a power of 2 and the same in all calls: a product of matrices then has the same bits for a
    network wherever it stands in it.
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
