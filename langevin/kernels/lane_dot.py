"""Sums of products, one a lane, as vector instructions: what small matrices in lanes are made of.

LLVM turns a loop over lanes into vectors, but keeps its sums in memory and guards every loop against arrays that
overlap: five times slower, and seconds of compilation. Here the sums of sixteen lanes stay in registers. Each lane
is summed in the order of the terms, so vectors of any width give the same bits, and plain Python too.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.errors import TypingError
from numba.extending import intrinsic, overload
from numba.np.arrayobj import make_array

INDEX, DOUBLE = ir.IntType(64), ir.DoubleType()
VECTOR = ir.VectorType(DOUBLE, 8)
#: What one turn takes: four sums at a time hide the latency of an addition; then half of that, and single lanes.
TURNS = (VECTOR, 4), (VECTOR, 2), (DOUBLE, 1)


def add_dot(
    out: Any, left: Any, first: int, stride: int, right: Any, other: int, jump: int, count: int
) -> None:
    """out (lanes,) += sum_k left[first + k stride] right[other + k jump] over `count` terms.

    The arrays are contiguous, with the lanes last: left and right of shape (rows, lanes) or any that has as many
    numbers, rows counted through. A left of one dimension holds numbers that all lanes share. `out` is no row
    of the others.
    """
    _sum(out, left, first, stride, right, other, jump, count, 1.0)


def subtract_dot(
    out: Any, left: Any, first: int, stride: int, right: Any, other: int, jump: int, count: int
) -> None:
    """The same with -= for each term; `out` may be a row of the others that is not in the sum."""
    _sum(out, left, first, stride, right, other, jump, count, -1.0)


def _sum(
    out: Any, left: Any, first: int, stride: int, right: Any, other: int, jump: int, count: int, sign: float
) -> None:
    factors = left[:, None] if left.ndim == 1 else left.reshape(-1, out.size)
    terms = np.arange(count)
    products = factors[first + terms * stride] * right.reshape(-1, out.size)[other + terms * jump]
    out[:] = np.add.accumulate(np.concatenate([out[None], sign * products]))[-1]  # one after another


def _intrinsic(combine: str) -> Any:
    """The intrinsic whose terms are added (`fadd`) or subtracted (`fsub`)."""

    @intrinsic
    def sums(
        typing_context: Any, out: Any, left: Any, first: Any, stride: Any, right: Any, other: Any, jump: Any,
        count: Any,
    ) -> Any:  # fmt: skip
        for array in (out, left, right):  # the instructions below would read anything else as if it were this
            if array.dtype != types.float64 or array.layout != "C":
                raise TypingError(f"sums of products take contiguous arrays of doubles, got {array}")

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            arrays = [
                make_array(kind)(context, builder, value)
                for kind, value in zip(signature.args, arguments, strict=True)
                if isinstance(kind, types.Array)
            ]
            sum_, factors, rows = (array.data for array in arrays)
            lanes = cgutils.unpack_tuple(builder, arrays[0].shape)[0]
            shared = signature.args[1].ndim == 1
            begin, step, begin_right, step_right, terms = (arguments[place] for place in (2, 3, 5, 6, 7))
            if not shared:
                begin, step = builder.mul(begin, lanes), builder.mul(step, lanes)
            begin_right, step_right = builder.mul(begin_right, lanes), builder.mul(step_right, lanes)
            factors = builder.gep(factors, [begin])
            rows = builder.gep(rows, [begin_right])

            def block(lane: Any, kind: Any, sums: int) -> None:
                """Lanes `lane` on, in `sums` sums of one kind: vectors, or single numbers."""
                width = kind.count if isinstance(kind, ir.VectorType) else 1
                places = [builder.add(lane, INDEX(number * width)) for number in range(sums)]

                def load(base: Any, place: Any) -> Any:
                    pointer = builder.bitcast(builder.gep(base, [place]), kind.as_pointer())
                    return builder.load(pointer, align=8)

                def spread(base: Any) -> Any:
                    number = builder.load(base)
                    if width == 1:
                        return number
                    vector = builder.insert_element(ir.Constant(kind, ir.Undefined), number, ir.IntType(32)(0))
                    zeros = ir.Constant(ir.VectorType(ir.IntType(32), width), None)
                    return builder.shuffle_vector(vector, ir.Constant(kind, ir.Undefined), zeros)

                totals = [cgutils.alloca_once_value(builder, load(sum_, place)) for place in places]
                with cgutils.for_range(builder, terms, intp=INDEX) as loop:
                    here = builder.gep(factors, [builder.mul(loop.index, step)])
                    there = builder.gep(rows, [builder.mul(loop.index, step_right)])
                    for total, place in zip(totals, places, strict=True):
                        factor = spread(here) if shared else load(here, place)
                        term = builder.fmul(factor, load(there, place))
                        builder.store(getattr(builder, combine)(builder.load(total), term), total)
                for total, place in zip(totals, places, strict=True):
                    pointer = builder.bitcast(builder.gep(sum_, [place]), kind.as_pointer())
                    builder.store(builder.load(total), pointer, align=8)

            begun = INDEX(0)
            for kind, sums in TURNS:
                turn = INDEX(sums * (kind.count if isinstance(kind, ir.VectorType) else 1))
                ended = builder.mul(builder.sdiv(lanes, turn), turn)
                with cgutils.for_range_slice(builder, begun, ended, turn, intp=INDEX) as (lane, _):
                    block(lane, kind, sums)
                begun = ended
            return context.get_dummy_value()

        index = types.int64
        return types.none(out, left, index, index, right, index, index, index), generate

    return sums


_add_dot, _subtract_dot = _intrinsic("fadd"), _intrinsic("fsub")


@overload(add_dot)
def _add_dot_overload(out, left, first, stride, right, other, jump, count):
    return lambda out, left, first, stride, right, other, jump, count: _add_dot(
        out, left, first, stride, right, other, jump, count
    )


@overload(subtract_dot)
def _subtract_dot_overload(out, left, first, stride, right, other, jump, count):
    return lambda out, left, first, stride, right, other, jump, count: _subtract_dot(
        out, left, first, stride, right, other, jump, count
    )
