"""Where a training is computed, of what JAX offers, and in which precision a network's outputs are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from typing import Any

from langevin.errors import UsageError
from langevin.sgld.model import Model, Weights
from langevin.sgld.precision import precision
from langevin.sgld.records import Computation


@contextmanager
def computing(computation: Computation) -> Iterator[None]:
    """Compute on the device and in the precision that are asked for inside the block.

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
