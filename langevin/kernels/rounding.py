"""Arithmetic of doubles with the same bits on every processor: a b + c rounded once, and roots.

A fused a b + c, rounded once, takes less time than a product and a sum, rounded twice. A compiler that may fuse does it
at different places for different processors, so bits differ; here the code states each place.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from llvmlite import ir
from numba import config, types
from numba.core import cgutils
from numba.extending import intrinsic, overload, register_jitable

from langevin.kernels.lanes import DOUBLE, LONG

#: Whether plain Python rounds exactly as compiled code does, as the reference of tests. Otherwise plain Python is used
#: for checks, which do not need the last bit; exact rounding would make them a hundred times slower.
EXACT = bool(config.DISABLE_JIT)
ROOT_BITS = np.int64(0x5FEBFF50C7B537A9)
# y (A0 + A1 e + A2 e^2 + A3 e^3) with e = 1 - q y^2 for the guess y: 1 / sqrt(q) to 4.2e-7 (a minimax fit)
A0, A1, A2, A3 = 0.99384513, 0.45262832, 0.22654238, 0.06136245


def fused(a: Any, b: Any, c: Any) -> Any:
    """a b + c of doubles, rounded once; in plain Python also of arrays."""
    plain = a * b + c
    if not EXACT:
        return plain
    if isinstance(plain, np.ndarray):
        return np.vectorize(fused, otypes=[np.float64])(a, b, c)
    if not math.isfinite(plain):
        return plain
    (a, under_a), (b, under_b), (c, under_c) = (float(number).as_integer_ratio() for number in (a, b, c))
    # exact integers of any length; Python rounds their quotient once
    return (a * b * under_c + c * under_a * under_b) / (under_a * under_b * under_c)


@intrinsic
def _fused(typing_context: Any, a: Any, b: Any, c: Any) -> Any:
    def generate(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
        return builder.fma(*arguments)

    return types.float64(types.float64, types.float64, types.float64), generate


# Numba compares the signatures of an overload and of its implementation, annotations included.
@overload(fused, jit_options={"forceinline": True})
def _fused_overload(a, b, c):
    return lambda a, b, c: _fused(a, b, c)


def root(number: Any) -> Any:
    """Square root of a double, rounded once, by one instruction; Numba's root would call the C library."""
    return np.sqrt(number)


@intrinsic
def _root(typing_context: Any, number: Any) -> Any:
    def generate(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
        kind = ir.DoubleType()
        function = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(kind, [kind]), "llvm.sqrt.f64"
        )
        return builder.call(function, arguments)

    return types.float64(types.float64), generate


@overload(root, jit_options={"forceinline": True})
def _root_overload(number):
    return lambda number: _root(number)


@register_jitable(forceinline=True)
def inverse_root(q):
    """1 / sqrt(q) for 1e-300 < q < 1e300, to three units in the last place.

    The second step is the series of (1 - e)^(-1/2) to e^2, which cubes the error. A square root and a division would
    take half of the time of a step in two dimensions.
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
