"""The laws of motion of the weights, compiled.

    x <- x - lr (grad f(x) + wd x) + sqrt(2 lr theta) xi,    xi ~ N(0, 1) drawn at every step

is Euler-Maruyama with the learning rate as time step for dX = -(grad f + wd X) dt + sqrt(2 theta) dW
(Welling and Teh 2011, in the convention of this project); `langevin.sgld.laws` names the others, and those with memory
are in `langevin.sgld.laws_with_memory`. With label noise the targets of the step are y + sigma xi.

Noise and batches are functions of (key, global step), so a run in several chunks has the bits of a run
in one piece. All numbers are traced: other values need no new compilation.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax, random
from jax.flatten_util import ravel_pytree

from langevin.sgld.held import divided, on_sphere
from langevin.sgld.lanes import each
from langevin.sgld.laws import is_optimiser, takes
from langevin.sgld.laws_with_memory import OWN, Step, Thermal, transform
from langevin.sgld.losses import per_sample
from langevin.sgld.model import Data, Model, Weights, by_leaf, restored, still
from langevin.sgld.noise import draw, threefry
from langevin.sgld.plan import noise_sd
from langevin.sgld.records import NUMBERS, Law, Leaf

#: Counter of the keys of networks in training; no step of the noise has this counter.
IN_TRAINING = 2**32 - 2
#: Kinds of options that are not numbers, and so are compiled in.
STATIC = (bool, str, type(None))


def _taken_apart(law: Law) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    traced = {name: value for name, value in law.options.items() if not isinstance(value, STATIC)}
    fixed = tuple((name, value) for name, value in law.options.items() if isinstance(value, STATIC))
    numbers = (*(getattr(law, name) for name in NUMBERS), *traced.values(), dict(law.leaves))
    return numbers, (law.name, law.batch, law.decay, tuple(traced), fixed, law.optimiser)


def _put_together(fixed: tuple[Any, ...], numbers: tuple[Any, ...]) -> Law:
    name, batch, decay, traced, options, optimiser = fixed
    *own, leaves = numbers
    named = dict(zip(traced, own[len(NUMBERS) :], strict=True)) | dict(options)
    return Law(
        *own[: len(NUMBERS)], name=name, batch=batch, decay=decay, options=named, optimiser=optimiser, leaves=leaves
    )  # fmt: skip


# Numbers are traced; all other fields of a law are compiled in.
jax.tree_util.register_dataclass(Leaf, ["rate", "decay"], [])
jax.tree_util.register_pytree_node(Law, _taken_apart, _put_together)


class State(NamedTuple):
    """A network in training: weights, memory of its law, steps done, present law, whether finite, and held values."""

    weights: Weights
    memory: Any
    step: Any
    law: Law
    finite: Any
    held: Any = ()


class Noisy(NamedTuple):
    """Whether any network of a block has thermal noise, and whether any has noise on its labels; else none is drawn."""

    weights: Any
    labels: Any


#: Number of an epoch and the order (samples,) in which it takes the samples; empty without batches.
Order = Any


def no_order(states: State, data: Data, *, model: Model) -> Order:
    """Initial orders for each network of a block, which belong to no epoch."""
    if states.law.batch is None or model.fresh is not None:
        return ()
    lanes = len(states.step)
    return jnp.full(lanes, -1, states.step.dtype), jnp.zeros((lanes, len(data.targets)), int)


def minibatch(order: Any, step: Any, batch: int) -> tuple[Any, Any]:
    """Indices (batch,) of the samples of one step, and which of these indices are used.

    Every epoch is a new random order, divided into batches; its last batch may be smaller.
    """
    samples = len(order)
    place = (step % -(-samples // batch)) * batch + jnp.arange(batch)
    return order[jnp.minimum(place, samples - 1)], place < samples


def walk(
    state: State,
    order: Order,
    last: Any,
    key: Any,
    data: Data,
    factor: Callable[[Any], Any],
    noisy: Noisy,
    *,
    model: Model,
) -> tuple[State, Order]:
    """The network after step last - 1, and the order of its last epoch.

    The given `order` is used only if it belongs to the present epoch. The network stops if one of its outputs is not a
    number. `factor(step)` multiplies the learning rate.
    """
    loss_of, law, samples = per_sample(model.loss), state.law, len(data.targets)
    batch = law.batch if model.fresh is None else None  # of the training set
    # Noise is drawn as one array; gradients stay in their arrays, since to join them costs as much as a step.
    flat, unravel = ravel_pytree(state.weights)
    noise_key, batch_key, label_key = random.split(key, 3)

    def loss(weights: Weights, step: Any, order: Any) -> tuple[Any, Any]:
        inputs, targets, filled = data.inputs, data.targets, True
        if model.fresh is not None and law.batch is not None:
            inputs, targets = cast(model.fresh(random.fold_in(batch_key, step), law.batch), data)
        elif batch is not None:
            index, filled = minibatch(order, step, batch)
            inputs, targets = inputs[index], targets[index]
        if takes(law, "label_noise"):
            targets = targets + draw(noisy.labels, label_key, step, law.label_noise, targets)
        outputs, refreshed = in_training(model, weights, inputs, key, step)
        # If a loss is not finite, the next outputs are NaN. To check these by columns takes no time; to compute the
        # loss itself, which no step needs, would take a tenth of a step.
        lost = jnp.isnan(outputs).any(axis=0).any()
        losses = loss_of(divided(outputs, state.held), targets)
        if batch is None:
            return jnp.mean(losses), (lost, refreshed)
        return jnp.sum(jnp.where(filled, losses, 0)) / jnp.sum(filled), (lost, refreshed)

    def body(order: Any, carry: tuple[Any, ...]) -> tuple[Any, ...]:
        step, weights, memory, _ = carry
        rate = law.learning_rate * factor(step)
        gradient, (lost, refreshed) = jax.grad(loss, has_aux=True)(weights, step, order)

        def thermal(sd: Any) -> Weights:
            return unravel(draw(noisy.weights, noise_key, step, sd, flat))

        weights, memory = step_of(law)(law, step, rate, gradient, memory, weights, thermal)
        weights = on_sphere(model, restored(model, weights, refreshed), state.held)
        return step + 1, weights, memory, ~lost

    def up_to(end: Any, order: Any, carry: tuple[Any, ...]) -> tuple[Any, ...]:
        return lax.while_loop(lambda carry: (carry[0] < end) & carry[3], partial(body, order), carry)  # type: ignore[no-any-return]

    def epoch(carry: tuple[Order, tuple[Any, ...]]) -> tuple[Order, tuple[Any, ...]]:
        (known, order), now = carry
        assert batch is not None
        turns = -(-samples // batch)
        number = now[0] // turns
        order = lax.cond(known == number, lambda: order, lambda: shuffled(batch_key, number, samples))
        return (number, order), up_to(jnp.minimum(last, (number + 1) * turns), order, now)

    now = (state.step, state.weights, state.memory, state.finite)
    if batch is None:
        now = up_to(last, (), now)
    else:
        order, now = lax.while_loop(lambda carry: (carry[1][0] < last) & carry[1][3], epoch, (order, now))
    step, weights, memory, finite = now
    return State(weights, memory, step, law, finite, state.held), order


def shuffled(key: Any, epoch: Any, samples: int) -> Any:
    """Order (samples,) in which an epoch takes the samples.

    It is `random.permutation` with the key of the epoch: samples are sorted by random words, more than once in a large
    set.
    """
    turns = math.ceil(3 * math.log(samples) / math.log(2**32 - 1))

    def turn(_: Any, now: Any) -> Any:
        key, order = now
        first, second = threefry(key, lax.iota(jnp.uint32, 2))
        one, other = threefry((first[1], second[1]), lax.iota(jnp.uint32, samples))
        return (first[0], second[0]), lax.sort_key_val(one ^ other, order)[1]

    own = threefry(random.key_data(key), jnp.asarray(epoch).astype(jnp.uint32))
    return lax.fori_loop(0, turns, turn, (own, jnp.arange(samples)))[1]


def in_training(model: Model, weights: Weights, inputs: Any, key: Any, step: Any) -> tuple[Any, Any]:
    """Outputs of the network in training, and its weights with new values of the fixed leaves, empty if it has none."""
    if model.fit is None:
        return model.apply(weights, inputs), weights if model.fixed is not None else ()
    own = random.fold_in(random.fold_in(key, IN_TRAINING), step)
    outputs, refreshed = model.fit(still(model.fixed, weights), inputs, own)
    return outputs, refreshed if model.fixed is not None else ()


def cast(fresh: Data, like: Data) -> tuple[Any, Any]:
    """Fresh samples in the precision of the training set."""
    return jnp.asarray(fresh[0], like.inputs.dtype), jnp.asarray(fresh[1], like.targets.dtype)


def step_of(law: Law) -> Step:
    """The function that makes one step of a law."""
    if is_optimiser(law):
        return optimised
    return OWN[law.name][1] if law.name in OWN else descent


def descent(
    law: Law, step: Any, rate: Any, gradient: Weights, memory: Any, weights: Weights, thermal: Thermal
) -> tuple[Weights, Any]:
    """Weights after a step along the gradient, with thermal noise if the law has it; the law has no memory."""
    rates, decays = (
        by_leaf(rate, law.leaves, "rate", weights),
        by_leaf(law.weight_decay, law.leaves, "decay", weights),
    )
    moved = jax.tree.map(lambda w, g, lr, wd: w - lr * (g + wd * w), weights, gradient, rates, decays)
    if takes(law, "temperature"):
        noise = thermal(noise_sd(rate, law.temperature))
        if law.leaves:
            factors = by_leaf(1.0, law.leaves, "rate", weights)
            noise = jax.tree.map(lambda xi, factor: factor**0.5 * xi, noise, factors)
        moved = jax.tree.map(jnp.add, moved, noise)
    return moved, memory


def optimised(
    law: Law, step: Any, rate: Any, gradient: Weights, memory: Any, weights: Weights, thermal: Thermal
) -> tuple[Weights, Any]:
    """Weights and memory after a step of an optimiser, with weight decay.

    The factor of the learning rate of a leaf multiplies the optimiser's change of this leaf, and its decay.
    """
    decays = by_leaf(law.weight_decay, law.leaves, "decay", weights)
    decay = jax.tree.map(lambda w, wd: wd * w, weights, decays)
    decoupled = law.decay == "decoupled"
    pulled = gradient if decoupled else jax.tree.map(jnp.add, gradient, decay)
    move, memory = transform(law, rate).update(pulled, memory, weights)
    if law.leaves:
        move = jax.tree.map(jnp.multiply, move, by_leaf(1.0, law.leaves, "rate", weights))
    moved = jax.tree.map(jnp.add, weights, move)
    if decoupled:
        rates = by_leaf(rate, law.leaves, "rate", weights)
        moved = jax.tree.map(lambda w, lr, d: w - lr * d, moved, rates, decay)
    return moved, memory


def memory_of(law: Law, weights: Weights, key: Any) -> Any:
    """The memory of a law before the first step; `key` is the key of the chain's noise. Most laws have no memory."""
    if is_optimiser(law):
        return transform(law, law.learning_rate).init(weights)
    return OWN[law.name][0](law, weights, random.split(key, 3)[0]) if law.name in OWN else ()


@partial(jax.jit, static_argnames="model")
def advance_block(
    states: State, orders: Order, last: Any, keys: Any, data: Data, factors: Any, at: Any, *, model: Model
) -> tuple[State, Order]:
    """Advance a block of networks, each to its step in `last` (lanes,); all arrays have a leading axis (lanes,).

    The orders of their epochs are passed on, so that a known order is not computed again. `factors` are the factors of
    the learning rate at the steps at, at + 1, ...
    """
    noisy = Noisy(jnp.any(states.law.temperature > 0), jnp.any(states.law.label_noise > 0))

    def one(state: State, order: Order, last: Any, key: Any) -> tuple[State, Order]:
        return walk(state, order, last, key, data, lambda step: factors[step - at], noisy, model=model)

    return each(one, states, orders, last, keys)  # type: ignore[no-any-return]


@partial(jax.jit, static_argnames="model")
def advance(
    weights: Weights,
    first: Any,
    last: Any,
    key: Any,
    data: Data,
    law: Law,
    *,
    model: Model,
) -> tuple[Weights, Any]:
    """Weights of one network after the steps first, ..., last - 1 of SGLD, and the step that it reached.

    The step is less than `last` if the network diverged.
    """
    state = State(weights, (), jnp.asarray(first), law, jnp.asarray(True))
    noisy = Noisy(law.temperature > 0, jnp.asarray(law.label_noise) > 0)
    alone = jax.tree.map(lambda leaf: jnp.asarray(leaf)[None], state)
    order = jax.tree.map(lambda leaf: leaf[0], no_order(alone, data, model=model))
    done, _ = walk(state, order, last, key, data, lambda _: 1, noisy, model=model)
    return done.weights, done.step
