"""Random words of Threefry-2x32 for arrays of NumPy and for those that JAX traces, with the bits of `jax.random`.

JAX compiles each of its own calls as a loop of five rounds, and each costs half a tenth of a second of compilation. A
key is a pair of words here (`random.key_data`). With (x, y) = threefry(key, c), the pair is the key that
`random.fold_in(key, c)` gives, and key number c of `random.split`; x ^ y is word number c of `random.bits`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))
PARITY = np.uint32(0x1BD11BDA)


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
