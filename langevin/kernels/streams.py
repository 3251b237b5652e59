"""Random words, signs and uniforms of numbered streams of one seed, by Philox4x32-10.

Philox is a pure function of (seed, stream, walker, group): Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as
easy as 1, 2, 3" (SC 2011). The counter is (group low, group high, walker, stream), 32 bits each, and the key the 64-bit
seed: any word of any walker can be computed without earlier words, so a run's bits do not depend on threads, block
sizes, chunks or restarts. Words are stored in uint64, where LLVM makes the 32 x 32 multiplication one vector
instruction.

Signs are two-point noise, +1 or -1 with equal probabilities, which suffices for weak order 1. Their moments agree with
those of a normal up to the third (Kloeden and Platen 1992, section 14.1). They are addressed like normals: number j
of a walker is in group j // 16, four numbers in each word, taken from the word's highest bits downwards.
"""

from __future__ import annotations

import numpy as np
from numba.extending import register_jitable
from numpy.typing import NDArray

MULTIPLIER_0 = np.uint64(0xD2511F53)
MULTIPLIER_1 = np.uint64(0xCD9E8D57)
WEYL_0 = np.uint64(0x9E3779B9)
WEYL_1 = np.uint64(0xBB67AE85)
LOW = np.uint64(0xFFFFFFFF)
SHIFT = np.uint64(32)
ROUNDS = 10
WALKERS = 2**32
GROUPS = 2**63
#: How many signs one call of the generator gives.
SIGNS = 16
HIGHEST = np.uint64(31)
WALK = np.uint64(0)
#: The stream WALK + 1 has the noise "before" the first step (see driver).
START = np.uint64(2)
#: Number of calls of the generator at once, whose words fit into the cache of a core.
AT_ONCE = 4096
DERIVE = np.uint64(3)


@register_jitable(forceinline=True)
def philox(c0, c1, c2, c3, k0, k1):
    """Four random 32-bit words (in uint64) from one 128-bit counter and a 64-bit key, all uint64.

    Between the rounds the high halves keep bits of the multiplications. These never reach a low
    half, and to clear them each time would cost a quarter of the speed.
    """
    for _ in range(ROUNDS):
        product_0 = MULTIPLIER_0 * (c0 & LOW)
        product_1 = MULTIPLIER_1 * (c2 & LOW)
        c0 = (product_1 >> SHIFT) ^ c1 ^ k0
        c1 = product_1
        c2 = (product_0 >> SHIFT) ^ c3 ^ k1
        c3 = product_0
        k0 = (k0 + WEYL_0) & LOW
        k1 = (k1 + WEYL_1) & LOW
    return c0 & LOW, c1 & LOW, c2 & LOW, c3 & LOW


@register_jitable
def fill_signs(out, first_group, walkers, stream, key_0, key_1):
    """Fill `out` (rows, lanes) float32, rows a multiple of 16, with numbers 16 * first_group ... of each walker.

    The arguments are those of normals.fill_normals.
    """
    for index in range(out.shape[0] // SIGNS):
        group = np.uint64(first_group + index)
        for lane in range(walkers.size):
            drawn = philox(group & LOW, group >> SHIFT, walkers[lane], stream, key_0, key_1)
            for number in range(SIGNS):
                bit = (drawn[number // 4] >> (HIGHEST - np.uint64(number % 4))) & np.uint64(1)
                out[SIGNS * index + number, lane] = np.float32(1.0) - np.float32(2.0) * np.float32(bit)


def split_key(seed: int) -> tuple[np.uint64, np.uint64]:
    """The two 32-bit halves of a 64-bit seed, low half first."""
    key = np.uint64(seed)
    return key & LOW, key >> SHIFT


def derived_seed(seed: int, label: int) -> int:
    """A new 64-bit seed from a seed and a whole number: one for each point of a sweep."""
    key = np.uint64(label)
    w0, w1, _, _ = philox(key & LOW, key >> SHIFT, np.uint64(0), DERIVE, *split_key(seed))
    return int(w0) << 32 | int(w1)


def start_uniforms(seed: int, walkers: NDArray[np.uint64], dim: int) -> NDArray[np.float64]:
    """Uniforms in (0, 1) of 52 bits, (walkers, dim); row w depends on the seed and walkers[w] only."""
    pairs = np.arange((dim + 1) // 2, dtype=np.uint64)
    uniforms = np.empty((walkers.size, pairs.size, 2))
    many = max(1, AT_ONCE // max(1, pairs.size))
    for begin in range(0, walkers.size, many):
        rows = slice(begin, begin + many)
        shape = uniforms[rows].shape[:2]
        group, names = np.broadcast_to(pairs, shape), np.broadcast_to(walkers[rows, None], shape)
        words = philox(group & LOW, group >> SHIFT, names, START, *split_key(seed))
        for place, (high, low) in enumerate((words[:2], words[2:])):
            whole = high.astype(np.float64) * 2.0**20 + (low >> np.uint64(12)).astype(np.float64)
            uniforms[rows, :, place] = (whole + 0.5) * 2.0**-52
    return uniforms.reshape(walkers.size, -1)[:, :dim]
