"""Single-precision numbers as bits: what no arithmetic expression can say without leaving 32 bits.

Numba promotes 32-bit integers to 64, which halves the width of vectors, and a view of an array goes
through memory, which keeps the compiler from using vectors at all; so three operations are written
as instructions. The plain functions are what the pure-Python run of a kernel calls.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic, overload

WORD, NUMBER = ir.IntType(32), ir.FloatType()
LONG, DOUBLE = ir.IntType(64), ir.DoubleType()
ONE = 0x3F800000
#: Added to the bits of a number, it carries into the exponent where the mantissa is sqrt(2) or more.
CARRY = ONE - 0x3F3504F3
MANTISSA_BITS = 23
ROOT_BITS = np.int64(0x5FEBFF50C7B537A9)
BIAS = 127.0


def split_power(number: Any) -> Any:
    """(m, e) with number = m 2^e and sqrt(1/2) <= m < sqrt(2), both float32; for numbers above 0."""
    bits = int(np.float32(number).view(np.uint32))
    exponent = (bits + CARRY) >> MANTISSA_BITS
    mantissa = np.uint32(bits + ONE - (exponent << MANTISSA_BITS)).view(np.float32)
    return mantissa, np.float32(exponent - BIAS)


def with_sign(number: Any, word: Any) -> Any:
    """The float32 number >= 0, negated where the lowest bit of the int32 word is set."""
    return -number if int(word) & 1 else number


def multiply_add(a: Any, b: Any, c: Any) -> Any:
    """a b + c of float32 numbers, rounded once: one instruction on every processor with AVX2."""
    return np.float32(np.float64(a) * np.float64(b) + np.float64(c))


def root_guess(number: Any) -> Any:
    """About 1.2 / sqrt(number) for a double above 0, from its bits: half the exponent, negated (Lomont 2003)."""
    return (ROOT_BITS - (np.asarray(number, np.float64).view(np.int64) >> 1)).view(np.float64)[()]


@intrinsic
def _root_guess(typing_context: Any, number: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        half = builder.lshr(builder.bitcast(arguments[0], LONG), LONG(1))
        return builder.bitcast(builder.sub(LONG(int(ROOT_BITS)), half), DOUBLE)

    return types.float64(types.float64), generate


@intrinsic
def _multiply_add(typing_context: Any, a: Any, b: Any, c: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.fma(*arguments)

    return types.float32(types.float32, types.float32, types.float32), generate


@intrinsic
def _split_power(typing_context: Any, number: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        bits = builder.bitcast(arguments[0], WORD)
        exponent = builder.lshr(builder.add(bits, WORD(CARRY)), WORD(MANTISSA_BITS))
        rest = builder.sub(builder.add(bits, WORD(ONE)), builder.shl(exponent, WORD(MANTISSA_BITS)))
        power = builder.fsub(builder.sitofp(exponent, NUMBER), NUMBER(BIAS))
        return context.make_tuple(builder, signature.return_type, (builder.bitcast(rest, NUMBER), power))

    return types.UniTuple(types.float32, 2)(types.float32), generate


@intrinsic
def _with_sign(typing_context: Any, number: Any, word: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        sign = builder.shl(arguments[1], WORD(31))
        return builder.bitcast(builder.or_(builder.bitcast(arguments[0], WORD), sign), NUMBER)

    return types.float32(types.float32, types.int32), generate


# Numba compares the signatures of an overload and of its implementation, annotations included.
@overload(split_power, jit_options={"forceinline": True})
def _split_power_overload(number):
    return lambda number: _split_power(number)


@overload(with_sign, jit_options={"forceinline": True})
def _with_sign_overload(number, word):
    return lambda number, word: _with_sign(number, word)


@overload(multiply_add, jit_options={"forceinline": True})
def _multiply_add_overload(a, b, c):
    return lambda a, b, c: _multiply_add(a, b, c)


@overload(root_guess, jit_options={"forceinline": True})
def _root_guess_overload(number):
    return lambda number: _root_guess(number)
