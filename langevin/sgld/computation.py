"""The device of JAX and the precision in which a training is computed."""

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

#: Parts of JAX's error messages when an operation mixes precisions: while it compiles, and while it differentiates.
SIGNS = ("verifier errors", "to have the same dtypes")


@contextmanager
def computing(computation: Computation) -> Iterator[None]:
    """Inside the block, compute on the device and in the precision of `computation`.

    Raises:
        UsageError: JAX has no device of this name; or a model mixes precisions (see `precision`).
    """
    import jax

    with jax.default_device(device_of(computation.device)), precision(computation.dtype):
        yield


def device_of(name: str | None) -> Any:
    """The device of JAX with this name (`cpu`, `gpu`, `cuda:1` ...); the present default device if no name is given.

    Raises:
        UsageError: JAX has no device of this name.
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
    """The model with outputs computed in `bfloat16` from rounded weights and inputs; the model itself if kind is None.

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
    """Inside the block, compute in `float32` or `float64`.

    If a compiled function captures a NumPy array, JAX (0.10) keeps the precision in which the function first used it,
    and uses it also when functions are compiled in the other precision. Their compilation then fails in most cases.

    Raises:
        UsageError: a model captures an array without a cast to a precision, or mixes precisions in another way.
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
            "cast each NumPy array that it holds at its use, as in jnp.asarray(array, weights.dtype)",
        ) from error


def input_kind(inputs: Any, dtype: str) -> str:
    """The type of inputs in JAX: the precision `dtype`, but `int32` for whole numbers, such as tokens."""
    return "int32" if np.issubdtype(np.asarray(inputs).dtype, np.integer) else dtype


def data_in(data: Data, dtype: str) -> Data:
    """The data as arrays of JAX; NumPy rounds them, because JAX would compile a program for it."""
    import jax

    inputs = np.asarray(data.inputs, input_kind(data.inputs, dtype))
    return Data(jax.device_put(inputs), jax.device_put(np.asarray(data.targets, dtype)))
