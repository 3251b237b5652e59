"""Philox4x32-10: random words as a pure function of (seed, stream, walker, group).

Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).
The counter is (group low, group high, walker, stream), 32 bits each, and the key the 64-bit seed:
any word of any walker can be had without the words before it, so a run's bits do not depend on
threads, block sizes, chunks or restarts. Words live in uint64, where LLVM turns the 32 x 32
multiplication into one vector instruction.
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
