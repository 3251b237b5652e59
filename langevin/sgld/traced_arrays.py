"""The functions of `langevin.kernels.arrays`, but for traced arrays of JAX instead of NumPy arrays."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
from jax import lax


def number(words: Any) -> Any:
    """Integers as float32 numbers, rounded to the nearest."""
    return words.astype(jnp.float32)


def as_word(numbers: Any) -> Any:
    """The bits of float32 numbers as integers."""
    return lax.bitcast_convert_type(numbers, jnp.int32)


def as_number(words: Any) -> Any:
    """The float32 numbers that have these bits."""
    return lax.bitcast_convert_type(words, jnp.float32)


def multiply_add(a: Any, b: Any, c: Any) -> Any:
    """a b + c of float32 numbers; the compiler decides whether the product is rounded first."""
    return a * b + c


def square_root(numbers: Any) -> Any:
    """Square roots of float32 numbers."""
    return jnp.sqrt(numbers)
