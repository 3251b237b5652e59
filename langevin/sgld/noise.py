"""Random words and standard normals of networks: the normals are transformed from words as those of the toys are.

The words are those of Threefry-2x32, with the bits of `jax.random`, for arrays of NumPy and for those that JAX traces.
JAX compiles each of its own calls as a loop of five rounds, and each costs half a tenth of a second of compilation. A
key is a pair of words here (`random.key_data`). With (x, y) = threefry(key, c), the pair is the key that
`random.fold_in(key, c)` gives, and key number c of `random.split`; x ^ y is word number c of `random.bits`.

JAX's own normals cost three times as much on a CPU: `jax.random.normal` takes one word from every call of
Threefry-2x32, which gives two, and JAX compiles that as a loop of five rounds over all counters, each round a pass
through memory; its inverse of the error function is long. Here both words are used, the rounds are written out, and Box
and Muller make two normals of them. They have the resolution of float32 in networks of either precision.
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
    """Normal noise of one step with this standard deviation, of the shape and precision of `like`; zeros if not wanted.

    The pairs leave the condition as they are: flattened or cut inside, XLA would compute them number by
    number, six times as slowly.
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
    # Both of a pair where one is wanted: XLA writes two arrays into one element by element, a choice in vectors.
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
