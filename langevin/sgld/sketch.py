"""A fixed random sketch of weights too many to keep: a Johnson-Lindenstrauss projection.

Each of the s sketch coordinates is sum_j e_j w_j / sqrt(s) with signs e_j = +-1 drawn once (Achlioptas
2003). Squared distances are unbiased: E |S(w - v)|^2 = |w - v|^2, with the variance
(2/s) (|w - v|^4 - sum_j (w_j - v_j)^4), a relative standard deviation of at most sqrt(2/s).
"""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax, random

from langevin.sgld.start import SOON

#: The sketch is part of the record's meaning, the same for every run: its key never changes.
KEY = 20_231_212
BLOCK = 4096
#: Signs are kept through a run up to this number of bytes, one each; beyond it they are made anew for every sketch.
KEPT = 2**26


def signs(block: Any, rows: int, size: int) -> Any:
    """The signs (rows, size) of one block of weights, one random bit each."""
    words = random.bits(random.fold_in(random.key(KEY), block), (rows, -(-size // 32)), "uint32")
    bits = (words[:, :, None] >> jnp.arange(32, dtype="uint32")) & 1
    return 1 - 2 * bits.reshape(rows, -1)[:, :size].astype("int32")


@partial(jax.jit, static_argnames=("parameters", "size"), compiler_options=SOON)
def kept_signs(parameters: int, size: int) -> Any:
    """All signs (blocks, rows, size) of so many weights as bytes; None if they are more than `KEPT`."""
    blocks = -(-parameters // BLOCK)
    if blocks * BLOCK * size > KEPT:
        return None
    return lax.map(lambda block: signs(block, BLOCK, size).astype("int8"), jnp.arange(blocks))


def sketch(rows: Any, size: int, kept: Any = None) -> Any:
    """Sketches (networks, size) of weights (networks, parameters), a block of weights at a time.

    Signs are those kept, or made anew; what they cost is shared by the networks.
    """
    count, parameters = rows.shape
    blocks = -(-parameters // BLOCK)
    padded = jnp.pad(rows, ((0, 0), (0, -parameters % BLOCK))).reshape(count, blocks, BLOCK)

    def add(block: Any, total: Any) -> Any:
        here = signs(block, BLOCK, size) if kept is None else kept[block]
        return total + padded[:, block] @ here.astype(rows.dtype)

    return lax.fori_loop(0, blocks, add, jnp.zeros((count, size), rows.dtype)) / size**0.5
