"""Standard normals of a key: those of `jax.random.normal`, to the bit, in half the time on a CPU.

JAX compiles Threefry-2x32 (Salmon et al. 2011) on a CPU as a loop of five rounds over all counters, each round a pass
through memory; written out, the rounds are one pass. The words and what becomes of them are the same.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax, random

ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))
PARITY = np.uint32(0x1BD11BDA)


def normal(key: Any, shape: tuple[int, ...], dtype: Any) -> Any:
    """Standard normals of this shape; where JAX is set to other generators or words, whatever it draws."""
    size = int(np.prod(shape))
    usual = str(random.key_impl(key)) == "threefry2x32" and jax.config.jax_threefry_partitionable
    if dtype != jnp.float32 or not usual or size >= 2**32:
        return random.normal(key, shape, dtype)
    one, lowest = np.float32(1), np.nextafter(np.float32(-1), np.float32(0))
    fraction = (words(key, size) >> 9) | one.view(np.uint32)  # the mantissa of a number in [1, 2)
    uniform = lax.bitcast_convert_type(fraction, jnp.float32) - one
    uniform = jnp.maximum(lowest, uniform * (one - lowest) + lowest)
    return (np.float32(2**0.5) * lax.erf_inv(uniform)).reshape(shape)


def words(key: Any, size: int) -> Any:
    """One word of 32 random bits for each of the counters 0 ... size - 1."""
    first, second = random.key_data(key)
    schedule = (first, second, first ^ second ^ PARITY)
    counter = lax.iota(jnp.uint32, size)
    x, y = jnp.full_like(counter, first), counter + second
    for turn in range(5):
        for rotation in ROTATIONS[turn % 2]:
            x = x + y
            y = x ^ ((y << rotation) | (y >> (32 - rotation)))
        x = x + schedule[(turn + 1) % 3]
        y = y + schedule[(turn + 2) % 3] + np.uint32(turn + 1)
    return x ^ y
