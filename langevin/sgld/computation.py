"""How a training is computed: on which device of JAX, and in which precision."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from langevin.errors import UsageError
from langevin.sgld.model import Data, Model, Weights
from langevin.sgld.records import Computation

#: What JAX says of numbers of unlike precision that meet: when it compiles, and when it differentiates.
SIGNS = ("verifier errors", "to have the same dtypes")


@contextmanager
def computing(computation: Computation) -> Iterator[None]:
    """Compute on the device and in the precision that were chosen, inside the block.

    Raises:
        UsageError: JAX offers no such device; or as `precision`.
    """
    import jax

    with jax.default_device(device_of(computation.device)), precision(computation.dtype):
        yield


def device_of(name: str | None) -> Any:
    """The device of JAX that is called `cpu`, `gpu`, `cuda:1` ...; the one in force if no name is given.

    Raises:
        UsageError: JAX offers none of this name.
    """
    import jax

    if name is None:
        return jax.config.jax_default_device
    kind, _, number = name.partition(":")
    try:
        offered = jax.devices(kind) if kind else []
    except RuntimeError:
        offered = []
    place = int(number) if number.isascii() and number.isdigit() else 0 if name == kind else -1
    if not 0 <= place < len(offered):
        known = ", ".join(f"{one.platform}:{one.id}" for one in {*jax.devices(), *jax.devices("cpu")})
        raise UsageError(
            f"JAX offers no device {name!r} here",
            f"one of {known}",
            "install a JAX for it, or name one of these",
        )
    return offered[place]


@lru_cache(maxsize=64)
def in_half(model: Model, kind: str | None) -> Model:
    """The model whose outputs are computed in `bfloat16`, from weights and inputs rounded to it; itself without a kind.

    Weights, steps, noise, losses and all that is recorded keep the precision of the training.
    """
    if kind is None:
        return model
    import jax
    import jax.numpy as jnp

    def rounded(leaf: Any) -> Any:
        return leaf.astype(kind) if jnp.issubdtype(leaf.dtype, jnp.floating) else leaf

    def apply(weights: Weights, inputs: Any) -> Any:
        outputs = model.apply(jax.tree.map(rounded, weights), rounded(inputs))
        return outputs.astype(jax.tree.leaves(weights)[0].dtype)

    return replace(model, apply=apply)


@contextmanager
def precision(dtype: str) -> Iterator[None]:
    """Compute in `float32` or `float64` inside the block.

    JAX (0.10) remembers the form in which a compiled function first saw a NumPy array that it captured, as long as that
    function is kept, and uses it in functions compiled in the other precision. Mostly they do not compile then.

    Raises:
        UsageError: a model captures an array without saying in which precision, or mixes them in another way.
    """
    import jax

    try:
        with jax.enable_x64(dtype == "float64"):
            yield
    except (TypeError, ValueError) as error:
        if not any(sign in str(error) for sign in SIGNS):
            raise
        raise UsageError(
            f"a function of the model mixes precisions ({dtype} is required)",
            "one precision",
            "cast each NumPy array that it holds where it is used, as in jnp.asarray(array, weights.dtype)",
        ) from error


def input_kind(inputs: Any, dtype: str) -> str:
    """The required precision, but `int32` for inputs that are whole numbers, such as tokens."""
    return "int32" if np.issubdtype(np.asarray(inputs).dtype, np.integer) else dtype


def data_in(data: Data, dtype: str) -> Data:
    """The data as arrays of JAX; NumPy rounds them, for which JAX would compile."""
    import jax

    inputs = np.asarray(data.inputs, input_kind(data.inputs, dtype))
    return Data(jax.device_put(inputs), jax.device_put(np.asarray(data.targets, dtype)))
