"""What is kept of the weights at a recorded step: numbers, and a sketch."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.flatten_util import ravel_pytree

from langevin.sgld.fixed import trained
from langevin.sgld.labels import reading
from langevin.sgld.lanes import each
from langevin.sgld.losses import per_sample
from langevin.sgld.model import Data, Model, Observer, PerSample, Weights
from langevin.sgld.sketch import sketch
from langevin.types import FloatArray

#: Samples of a set that are evaluated at once, at most.
EVALUATED = 4096


@partial(jax.jit, static_argnames=("model", "size", "extra"))
def look(
    weights: Weights,
    initial: Weights,
    train: Data,
    test: Data | None,
    signs: Any,
    *,
    model: Model,
    size: int,
    extra: tuple[tuple[str, Observer], ...],
) -> tuple[dict[str, Any], Any]:
    """Observables (lanes,) of a block, accuracies as counts of samples, and its sketches (lanes, size).

    A regression has no accuracies (`langevin.sgld.labels`).

    `signs` are those of `langevin.sgld.sketch.kept_signs`.
    """
    loss_of, right = per_sample(model.loss), reading(model).right

    def one(weights: Weights, initial: Weights) -> tuple[dict[str, Any], Any]:
        flat, start = (ravel_pytree(trained(model, leaves))[0] for leaves in (weights, initial))
        values = {"weight_norm": jnp.linalg.norm(flat), "displacement": jnp.linalg.norm(flat - start)}
        for part, data in parts_of(train, test):
            lost, found = _seen(partial(_sums, model, loss_of, right, weights), data)
            values[f"{part}_loss"] = lost
            if right is not None:
                values[f"{part}_accuracy"] = found
        return values | {name: observer(weights) for name, observer in extra}, sketch(flat, size, signs)

    return each(one, weights, initial)  # type: ignore[no-any-return]


def parts_of(train: Data, test: Data | None) -> list[tuple[str, Data]]:
    """Training and test set by name; without the test set where there is none."""
    return [("train", train), *([] if test is None else [("test", test)])]


def _sums(
    model: Model, loss_of: PerSample, right: PerSample | None, weights: Weights, data: Data
) -> tuple[Any, Any]:
    """Losses of samples summed, and how many are right."""
    outputs = model.apply(weights, data.inputs)
    losses = loss_of(outputs, data.targets)
    return jnp.sum(losses), jnp.sum(right(outputs, data.targets)) if right else 0


def _seen(sums: Callable[[Data], tuple[Any, Any]], data: Data) -> tuple[Any, Any]:
    """The mean loss over all samples, and how many are right; of many samples `EVALUATED` at a time.

    What a network holds of its samples on the way then takes the same memory for a set of any size.
    """
    samples = len(data.targets)
    if samples <= EVALUATED:
        lost, found = sums(data)
        return lost / samples, found
    whole = samples // EVALUATED * EVALUATED
    parts = jax.tree.map(lambda array: array[:whole].reshape(-1, EVALUATED, *array.shape[1:]), data)
    lost, found = (jnp.sum(one) for one in lax.map(sums, parts))
    if whole < samples:
        more, other = sums(jax.tree.map(lambda array: array[whole:], data))
        lost, found = lost + more, found + other
    return lost / samples, found


def observe(
    model: Model,
    blocks: list[tuple[Weights, Weights]],
    data: tuple[Data, Data | None],
    signs: Any,
    size: int,
    extra: tuple[tuple[str, Observer], ...],
) -> tuple[dict[str, FloatArray], FloatArray]:
    """Observables (chains,), accuracies from 0 to 1, and sketches (chains, size) of all blocks (weights, initial)."""
    seen = [look(*block, *data, signs, model=model, size=size, extra=extra) for block in blocks]
    counts = {f"{part}_accuracy": len(one.targets) for part, one in parts_of(*data)}
    values = {
        name: np.concatenate([np.asarray(block[0][name], np.float64) for block in seen]) / counts.get(name, 1)
        for name in seen[0][0]
    }
    return values, np.concatenate([np.asarray(block[1], np.float64) for block in seen])
