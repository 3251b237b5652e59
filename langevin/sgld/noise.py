"""Random words and standard normals of networks: the transform of the landscape simulations, with other words.

The words are those of Threefry-2x32, with the bits of `jax.random`, for arrays of NumPy and for traced arrays of JAX.
JAX compiles each call of `jax.random` as a loop of five rounds, which takes 0.05 seconds. A key is a pair of words here
(`random.key_data`). With (x, y) = threefry(key, c), the pair (x, y) is the key that `random.fold_in(key, c)` gives, and
key number c of `random.split`; x ^ y is word number c of `random.bits`.

`jax.random.normal` takes three times as long on a CPU. It uses one of the two words of every call of Threefry-2x32. JAX
compiles the call as a loop of five rounds over all counters, and each round reads and writes all of them in memory. Its
inverse of the error function is slow. Here both words are used, the rounds are written out, and the Box-Muller
transform makes two normals of them. They have the resolution of float32 in networks of either precision.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax, random

from langevin.kernels.box_muller import box_muller
from langevin.sgld import traced_arrays

SINE = np.array([True, False])
ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))
PARITY = np.uint32(0x1BD11BDA)


def draw(wanted: Any, key: Any, step: Any, sd: Any, like: Any) -> Any:
    """Normal noise of one step with standard deviation `sd`, in shape and precision of `like`; zeros if not `wanted`.

    The pairs are flattened and cut outside the condition: inside it, XLA would compute them number by number, which
    takes six times as long.
    """
    pairs = -(-like.size // 2)

    def scaled() -> Any:
        return sd * normal_pairs(random.fold_in(key, step), pairs).astype(like.dtype)

    drawn = lax.cond(wanted, scaled, lambda: jnp.zeros((pairs, 2), like.dtype))
    return drawn.reshape(-1)[: like.size].reshape(like.shape)


def normal_pairs(key: Any, pairs: int) -> Any:
    """Standard normals (pairs, 2) in float32 of a key of Threefry-2x32, for up to 2^32 pairs."""
    radius, angle = (
        lax.bitcast_convert_type(word, jnp.int32)[:, None]
        for word in threefry(random.key_data(key), lax.iota(jnp.uint32, pairs))
    )
    # Both normals of a pair are computed, and one is chosen: XLA does this in vectors, but joins arrays one by one.
    return jnp.where(SINE, *box_muller(traced_arrays, radius, angle))


def threefry(key: Any, counter: Any) -> tuple[Any, Any]:
    """Two words of 32 random bits for each counter (0, c): Threefry-2x32-20 of Salmon et al. (SC 2011)."""
    first, second = key
    schedule = (first, second, first ^ second ^ PARITY)
    x, y = first, counter + second
    for turn in range(5):
        for rotation in ROTATIONS[turn % 2]:
            x = x + y
            y = x ^ ((y << rotation) | (y >> (32 - rotation)))
        x = x + schedule[(turn + 1) % 3]
        y = y + schedule[(turn + 2) % 3] + np.uint32(turn + 1)
    return x, y
