"""Sums of products, one a lane, as vector instructions: what small matrices in lanes are made of.

LLVM turns a loop over lanes into vectors, but keeps its sums in memory and guards every loop against arrays that
overlap: three times slower, and seconds of compilation. Here the sums of 32 lanes stay in registers. Each lane is
summed in the order of the terms, so vectors of any width give the same bits, and plain Python too.
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

INT = types.int64
INDEX, DOUBLE = ir.IntType(64), ir.DoubleType()
VECTOR = ir.VectorType(DOUBLE, 8)
#: What one turn takes: four sums at a time hide the latency of an addition; then half of that, and single lanes.
TURNS = (VECTOR, 4), (VECTOR, 2), (DOUBLE, 1)


def add_dot(
    out: Any, left: Any, first: int, stride: int, right: Any, other: int, jump: int, count: int
) -> None:
    """out (lanes,) += sum_k left[first + k stride] right[other + k jump] over `count` terms.

    The arrays are contiguous, with the lanes last: left and right of shape (rows, lanes) or any that has as many
    numbers, rows counted through, with stride and jump above 0. A left of one dimension holds numbers that all lanes
    share. `out` is no row of the others.
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
    if count > 0:
        factors = left[:, None] if left.ndim == 1 else left.reshape(-1, out.size)
        rows = right.reshape(-1, out.size)
        terms = factors[first : first + count * stride : stride] * rows[other : other + count * jump : jump]
        out[:] = np.add.accumulate(np.concatenate([out[None], sign * terms]))[-1]  # one after another


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
        shared = left.ndim == 1

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            _, _, begin, step, _, begin_right, step_right, terms = arguments
            sum_, factors, rows = (
                make_array(signature.args[place])(context, builder, arguments[place]) for place in (0, 1, 4)
            )
            (lanes,) = cgutils.unpack_tuple(builder, sum_.shape)
            if not shared:
                begin, step = builder.mul(begin, lanes), builder.mul(step, lanes)
            begin_right, step_right = builder.mul(begin_right, lanes), builder.mul(step_right, lanes)
            factors, rows = builder.gep(factors.data, [begin]), builder.gep(rows.data, [begin_right])
            function = _function(builder.module, combine, shared)
            builder.call(function, (sum_.data, lanes, factors, step, rows, step_right, terms))
            return context.get_dummy_value()

        return types.none(out, left, INT, INT, right, INT, INT, INT), generate

    return sums


def _function(module: ir.Module, combine: str, shared: bool) -> ir.Function:
    """The loops as a function of its own in a module: optimised as it stands, and not once more at every call."""
    name = f"lane_dot_{combine}_{'shared' if shared else 'own'}"
    if name in module.globals:
        return module.globals[name]
    pointer = DOUBLE.as_pointer()
    kind = ir.FunctionType(ir.VoidType(), (pointer, INDEX, pointer, INDEX, pointer, INDEX, INDEX))
    function = ir.Function(module, kind, name)
    function.linkage = "internal"
    for attribute in ("noinline", "nounwind", "optsize"):
        function.attributes.add(attribute)
    sum_, lanes, factors, step, rows, step_right, terms = function.args
    builder = ir.IRBuilder(function.append_basic_block())

    def turn(lane: Any, kind: Any, sums: int) -> None:
        """Sums of one kind, vectors or single lanes, from `lane` on."""
        width = getattr(kind, "count", 1)
        places = [builder.add(lane, INDEX(number * width)) for number in range(sums)]

        def at(base: Any, place: Any) -> Any:
            return builder.bitcast(builder.gep(base, [place]), kind.as_pointer())

        def spread(number: Any) -> Any:
            if width == 1:
                return number
            vector = builder.insert_element(ir.Constant(kind, ir.Undefined), number, ir.IntType(32)(0))
            return builder.shuffle_vector(
                vector, vector, ir.Constant(ir.VectorType(ir.IntType(32), width), None)
            )

        totals = [
            cgutils.alloca_once_value(builder, builder.load(at(sum_, place), align=8)) for place in places
        ]
        with cgutils.for_range(builder, terms, intp=INDEX) as loop:
            here = builder.gep(factors, [builder.mul(loop.index, step)])
            there = builder.gep(rows, [builder.mul(loop.index, step_right)])
            number = spread(builder.load(here)) if shared else None
            for total, place in zip(totals, places, strict=True):
                factor = number if shared else builder.load(at(here, place), align=8)
                term = builder.fmul(factor, builder.load(at(there, place), align=8))
                builder.store(getattr(builder, combine)(builder.load(total), term), total)
        for total, place in zip(totals, places, strict=True):
            builder.store(builder.load(total), at(sum_, place), align=8)

    begun = INDEX(0)
    for kind, sums in TURNS:
        width = INDEX(sums * getattr(kind, "count", 1))
        ended = builder.mul(builder.sdiv(lanes, width), width)
        with cgutils.for_range_slice(builder, begun, ended, width, intp=INDEX) as (lane, _):
            turn(lane, kind, sums)
        begun = ended
    builder.ret_void()
    return function


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
