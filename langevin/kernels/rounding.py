"""Products and sums rounded once, a b + c: cheaper than rounded twice, and the same bits on every processor.

A compiler that is free to fuse does so where it likes, and other processors give other bits; here it is said where.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from llvmlite import ir
from numba import config, types
from numba.core import cgutils
from numba.extending import intrinsic, overload

#: Whether plain Python rounds as compiled code does: as the oracle of tests. Elsewhere it serves checks, which need no
#: last bit, and would be a hundred times slower.
EXACT = bool(config.DISABLE_JIT)


def fused(a: Any, b: Any, c: Any) -> Any:
    """a b + c of doubles, rounded once; of arrays of them in plain Python."""
    plain = a * b + c
    if not EXACT:
        return plain
    if isinstance(plain, np.ndarray):
        return np.vectorize(fused, otypes=[np.float64])(a, b, c)
    if not math.isfinite(plain):
        return plain
    (a, under_a), (b, under_b), (c, under_c) = (float(number).as_integer_ratio() for number in (a, b, c))
    # integers of any length; Python rounds their quotient once
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
    """Square root of a double, rounded once: one instruction, where Numba's own calls the library of C."""
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
