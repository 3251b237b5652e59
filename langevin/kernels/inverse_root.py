"""1 / sqrt(q) in double precision, from a guess at its bits and two polynomial steps."""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic, overload, register_jitable

from langevin.kernels.lanes import DOUBLE, LONG
from langevin.kernels.rounding import fused

ROOT_BITS = np.int64(0x5FEBFF50C7B537A9)
# y (A0 + A1 e + A2 e^2 + A3 e^3) with e = 1 - q y^2 for the guess y: 1 / sqrt(q) to 4.2e-7 (own minimax fit)
A0, A1, A2, A3 = 0.99384513, 0.45262832, 0.22654238, 0.06136245


@register_jitable(forceinline=True)
def inverse_root(q):
    """1 / sqrt(q) for 1e-300 < q < 1e300, to three units in the last place.

    The second step is the series of (1 - e)^(-1/2) to e^2, which cubes the error. Square root and division would
    take half of a step in two dimensions.
    """
    y = root_guess(q)
    e = fused(-q * y, y, 1.0)
    y = y * fused(e, fused(e, fused(e, A3, A2), A1), A0)
    e = fused(-q * y, y, 1.0)
    return fused(y * e, fused(0.375, e, 0.5), y)


def root_guess(number: Any) -> Any:
    """About 1.2 / sqrt(number) for a double above 0, from its bits: half the exponent, negated (Lomont 2003)."""
    return (ROOT_BITS - (np.asarray(number, np.float64).view(np.int64) >> 1)).view(np.float64)[()]


@intrinsic
def _root_guess(typing_context: Any, number: Any) -> Any:
    def generate(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
        half = builder.lshr(builder.bitcast(arguments[0], LONG), LONG(1))
        return builder.bitcast(builder.sub(LONG(int(ROOT_BITS)), half), DOUBLE)

    return types.float64(types.float64), generate


# Numba compares the signatures of an overload and of its implementation, annotations included.
@overload(root_guess, jit_options={"forceinline": True})
def _root_guess_overload(number):
    return lambda number: _root_guess(number)
