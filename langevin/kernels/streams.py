"""Named streams of one seed, and uniforms for what is drawn once per walker."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from langevin.kernels.philox import LOW, SHIFT, philox

WALK = np.uint64(0)
#: WALK + 1 holds the noise "before" the first step (see driver).
START = np.uint64(2)
DERIVE = np.uint64(3)


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
    shape = (walkers.size, pairs.size)
    group = np.broadcast_to(pairs, shape)
    words = philox(
        group & LOW, group >> SHIFT, np.broadcast_to(walkers[:, None], shape), START, *split_key(seed)
    )
    whole = [
        (high.astype(np.float64) * 2.0**20 + (low >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52
        for high, low in (words[:2], words[2:])
    ]
    return np.stack(whole, axis=-1).reshape(walkers.size, -1)[:, :dim]
