"""The numbers recorded of the weights at a recorded step: observables, and a fixed random sketch of the weights.

The sketch is recorded instead of the weights, which are too large; it is a Johnson-Lindenstrauss projection. Each
of its s coordinates is sum_j e_j w_j / sqrt(s) with signs e_j = +-1 drawn once (Achlioptas 2003). Squared distances are
unbiased: E |S(w - v)|^2 = |w - v|^2, with the variance (2/s) (|w - v|^4 - sum_j (w_j - v_j)^4), a relative standard
deviation of at most sqrt(2/s).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax, random
from jax.flatten_util import ravel_pytree

from langevin.sgld.labels import reading
from langevin.sgld.lanes import each
from langevin.sgld.losses import per_sample
from langevin.sgld.model import Data, Model, Observer, PerSample, Weights, trained
from langevin.sgld.noise import threefry
from langevin.sgld.observers import apart, looking, memory_count
from langevin.types import FloatArray

#: Largest number of samples of a set that are evaluated at once.
EVALUATED = 4096
#: Key of the signs of the sketch. It is the same for every run and never changes, so sketches can be compared.
KEY = 20_231_212
BLOCK = 4096
#: Signs are kept during a run up to this number of bytes (one byte each); more signs are drawn again for every sketch.
KEPT = 2**26


@partial(jax.jit, static_argnames=("model", "extra"))
def look(
    weights: Weights,
    initial: Weights,
    memory: Any,
    train: Data,
    test: Data | None,
    *,
    model: Model,
    extra: tuple[tuple[str, Observer], ...],
) -> tuple[dict[str, Any], Any]:
    """Observables of a block by name, with accuracies as counts of samples, and the new memory of observables.

    Observables are (lanes,), or have several parts (see `langevin.sgld.observers.apart`); a regression has no
    accuracies (`langevin.sgld.labels`). `memory` (lanes, width) is None if no observable has a memory.
    """
    loss_of, right = per_sample(model.loss), reading(model).right

    def one(weights: Weights, initial: Weights, memory: Any) -> tuple[dict[str, Any], Any]:
        flat, start = (ravel_pytree(trained(model, leaves))[0] for leaves in (weights, initial))
        values = {"weight_norm": jnp.linalg.norm(flat), "displacement": jnp.linalg.norm(flat - start)}
        for part, data in parts_of(train, test):
            lost, found = _seen(partial(_sums, model, loss_of, right, weights), data)
            values[f"{part}_loss"] = lost
            if right is not None:
                values[f"{part}_accuracy"] = found
        seen, after = watched(extra, model, weights, (train, test), memory)
        return values | seen, after

    return each(one, weights, initial, memory)  # type: ignore[no-any-return]


def parts_of(train: Data, test: Data | None) -> list[tuple[str, Data]]:
    """Training and test set by name; without the test set if there is none."""
    return [("train", train), *([] if test is None else [("test", test)])]


def part_size(samples: int) -> int:
    """Number of samples of a set that are evaluated at once: the largest equal parts of at most `EVALUATED` samples.

    If no equal parts have more than half of `EVALUATED` samples, the last part is smaller, which costs a copy of the
    set and a second program.
    """
    fewest = -(-samples // EVALUATED)
    for count in range(fewest, 2 * fewest):
        if samples % count == 0:
            return samples // count
    return min(samples, EVALUATED)


def in_numbers(values: list[dict[str, Any]], data: tuple[Data, Data | None]) -> dict[str, FloatArray]:
    """Observables of all networks by the names of their numbers (stops, chains), accuracies from 0 to 1.

    `values` are those of `look` of each block, with the leading axes (stops, lanes).
    """
    whole = jax.tree.map(
        lambda *leaves: np.concatenate([np.asarray(leaf, np.float64) for leaf in leaves], axis=1), *values
    )
    shape = whole["train_loss"].shape
    flat = jax.tree.map(lambda one: one.reshape(-1, *one.shape[2:]), whole)
    found = {
        one: number.reshape(shape) for name, seen in flat.items() for one, number in apart(name, seen).items()
    }
    counts = {f"{part}_accuracy": len(one.targets) for part, one in parts_of(*data)}
    return found | {name: found[name] / count for name, count in counts.items() if name in found}


def watched(
    extra: tuple[tuple[str, Observer], ...],
    model: Model,
    weights: Weights,
    data: tuple[Data, Data | None],
    memory: Any,
) -> tuple[dict[str, Any], Any]:
    """The observables of one network by name, and their memory (width,), or None."""
    own = iter(() if memory is None else jnp.split(memory, memory_count(extra)))
    values: dict[str, Any] = {}
    kept = []
    for name, observer in extra:
        before = next(own) if memory_count([(name, observer)]) else None
        seen, after = looking(observer)(model, weights, data, before)
        values[name] = jax.tree.map(jnp.asarray, seen)
        kept += [] if before is None else [after]
    return values, jnp.concatenate(kept) if kept else None


def memory_in(memory: FloatArray) -> Any:
    """The argument `memory` of `look`: None if there is no memory, so that nothing is compiled for it."""
    return jnp.asarray(memory) if memory.size else None


def signs(block: Any, rows: int, size: int) -> Any:
    """The signs (rows, size) of one block of weights, one random bit each."""
    words = random.bits(random.fold_in(random.key(KEY), block), (rows, -(-size // 32)), "uint32")
    bits = (words[:, :, None] >> jnp.arange(32, dtype="uint32")) & 1
    return 1 - 2 * bits.reshape(rows, -1)[:, :size].astype("int32")


def kept_signs(parameters: int, size: int) -> Any:
    """All signs (blocks, rows, size) of `parameters` weights as bytes, by NumPy; None if they are more than `KEPT`."""
    blocks, words = -(-parameters // BLOCK), -(-size // 32)
    if blocks * BLOCK * size > KEPT:
        return None
    kept = np.empty((blocks, BLOCK, size), np.int8)
    for block in range(blocks):
        key = np.concatenate(threefry(np.array([0, KEY], np.uint32), np.array([block], np.uint32)))
        one, other = threefry(key, np.arange(BLOCK * words, dtype=np.uint32))
        bits = np.unpackbits((one ^ other).astype("<u4").view(np.uint8), bitorder="little")
        kept[block] = 1 - 2 * bits.reshape(BLOCK, -1)[:, :size].astype(np.int8)
    return jax.device_put(kept)


def sketch(rows: Any, size: int, kept: Any = None) -> Any:
    """Sketches (networks, size) of weights (networks, parameters), computed in blocks of weights.

    The signs are `kept`, or are drawn again once for all networks.
    """
    count, parameters = rows.shape
    blocks = -(-parameters // BLOCK)
    padded = jnp.pad(rows, ((0, 0), (0, -parameters % BLOCK))).reshape(count, blocks, BLOCK)

    def add(block: Any, total: Any) -> Any:
        here = signs(block, BLOCK, size) if kept is None else kept[block]
        return total + padded[:, block] @ here.astype(rows.dtype)

    return lax.fori_loop(0, blocks, add, jnp.zeros((count, size), rows.dtype)) / size**0.5


def _sums(
    model: Model, loss_of: PerSample, right: PerSample | None, weights: Weights, data: Data
) -> tuple[Any, Any]:
    """Losses of samples summed, and how many are right."""
    outputs = model.apply(weights, data.inputs)
    losses = loss_of(outputs, data.targets)
    return jnp.sum(losses), jnp.sum(right(outputs, data.targets)) if right else 0


def _seen(sums: Callable[[Data], tuple[Any, Any]], data: Data) -> tuple[Any, Any]:
    """The mean loss over all samples, and how many are right; many samples are evaluated in parts.

    The intermediate values of a network then take the same memory for a set of any size.
    """
    samples = len(data.targets)
    size = part_size(samples)
    if samples == size:
        lost, found = sums(data)
        return lost / samples, found
    whole = samples // size * size
    parts = jax.tree.map(lambda array: array[:whole].reshape(-1, size, *array.shape[1:]), data)
    lost, found = (jnp.sum(one) for one in lax.map(sums, parts))
    if whole < samples:
        more, other = sums(jax.tree.map(lambda array: array[whole:], data))
        lost, found = lost + more, found + other
    return lost / samples, found
