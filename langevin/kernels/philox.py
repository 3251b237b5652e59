"""Philox4x32-10: random words as a pure function of (seed, stream, walker, group), and signs from their bits.

Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).
The counter is (group low, group high, walker, stream), 32 bits each, and the key the 64-bit seed:
any word of any walker can be had without the words before it, so a run's bits do not depend on
threads, block sizes, chunks or restarts. Words live in uint64, where LLVM turns the 32 x 32
multiplication into one vector instruction.

Signs are two-point noise, +1 or -1 with equal chances: enough where only weak order 1 matters. Their moments agree with
a normal's up to the third (Kloeden and Platen 1992, section 14.1). They are addressed like normals: number j of a
walker lies in group j // 16, four numbers to a word, taken from the word's highest bits down.
"""

import numpy as np
from numba.extending import register_jitable

MULTIPLIER_0 = np.uint64(0xD2511F53)
MULTIPLIER_1 = np.uint64(0xCD9E8D57)
WEYL_0 = np.uint64(0x9E3779B9)
WEYL_1 = np.uint64(0xBB67AE85)
LOW = np.uint64(0xFFFFFFFF)
SHIFT = np.uint64(32)
ROUNDS = 10
WALKERS = 2**32
GROUPS = 2**63
#: Signs served by one call of the generator.
SIGNS = 16
HIGHEST = np.uint64(31)


@register_jitable(forceinline=True)
def philox(c0, c1, c2, c3, k0, k1):
    """Four random 32-bit words (in uint64) of one 128-bit counter under a 64-bit key, all uint64.

    Between the rounds the high halves carry what the multiplications left there: they never reach a low
    half, and clearing them each time would cost a quarter of the speed.
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

    Arguments as those of normals.fill_normals.
    """
    for index in range(out.shape[0] // SIGNS):
        group = np.uint64(first_group + index)
        for lane in range(walkers.size):
            drawn = philox(group & LOW, group >> SHIFT, walkers[lane], stream, key_0, key_1)
            for number in range(SIGNS):
                bit = (drawn[number // 4] >> (HIGHEST - np.uint64(number % 4))) & np.uint64(1)
                out[SIGNS * index + number, lane] = np.float32(1.0) - np.float32(2.0) * np.float32(bit)
