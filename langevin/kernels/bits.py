"""The bits of a single-precision number as an integer, and back: one instruction, or none, when compiled.

Going through a view of an array would do the same in memory, and keep the compiler from using vectors. The
plain functions are what the pure-Python run of a kernel calls.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic, overload


def bits_of(number: Any) -> Any:
    """The 32 bits of a float32 as a uint32."""
    return np.float32(number).view(np.uint32)


def number_of(bits: Any) -> Any:
    """The float32 with these 32 bits."""
    return np.uint32(bits).view(np.float32)


@intrinsic
def _cast_to_bits(typing_context: Any, number: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.IntType(32))

    return types.uint32(types.float32), generate


@intrinsic
def _cast_to_number(typing_context: Any, bits: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.FloatType())

    return types.float32(types.uint32), generate


# Numba compares the signatures of an overload and of its implementation, annotations included.
@overload(bits_of, jit_options={"forceinline": True})
def _bits_of(number):  # type: ignore[no-untyped-def]
    return lambda number: _cast_to_bits(np.float32(number))


@overload(number_of, jit_options={"forceinline": True})
def _number_of(bits):  # type: ignore[no-untyped-def]
    return lambda bits: _cast_to_number(np.uint32(bits))
