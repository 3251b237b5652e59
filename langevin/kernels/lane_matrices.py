"""Small matrices, one in each lane: linear systems by Gaussian elimination, and sums of products in vector code.

LLVM makes vectors of a loop over lanes, but keeps its sums in memory and tests in every loop whether arrays overlap:
this is three times slower, and takes seconds of compilation. Here the sums of 32 lanes stay in registers. Each lane is
summed in the order of the terms, and each term a b is added with one rounding. So vectors of any width give the same
bits, and plain Python does too if it is the reference of tests (`rounding.EXACT`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, overload, register_jitable
from numba.np.arrayobj import make_array

from langevin.kernels import lanes, rounding
from langevin.kernels.lanes import DOUBLE, LONG, Lanes

INT = types.int64
POINTER = DOUBLE.as_pointer()
#: The two factors of a product; the first has all vectors of the turn.
Product = tuple[Lanes, Lanes]
#: Shapes of a turn: four vectors of sums at a time hide the latency of an addition; then two, then single lanes.
TURNS = (8, 4), (8, 2), (1, 1)


@register_jitable
def solve_lanes(matrix, right):
    """Overwrite `right` (m, lanes) with the solution of matrix @ y = right; matrix (m, m, lanes) is destroyed."""
    factor_lanes(matrix)
    substitute_lanes(matrix, right)


@register_jitable
def factor_lanes(matrix):
    """Overwrite matrix (m, m, lanes) by its factors: L below the diagonal, whose diagonal is 1, and U.

    There is no pivoting: the matrices are J J^T or close to it, so they are positive definite if the equations are
    independent. Their pivots stay on the diagonal. A singular matrix gives infinities, which the caller counts as a
    failure.
    """
    size, _, lanes = matrix.shape
    for i in range(size):
        for j in range(size):
            subtract_dot(matrix[i, j], matrix, i * size, 1, matrix, j, size, j if j < i else i)
            if j < i:
                for lane in range(lanes):
                    matrix[i, j, lane] = matrix[i, j, lane] / matrix[j, j, lane]


@register_jitable
def substitute_lanes(matrix, right):
    """Overwrite `right` (m, lanes) with the solution of L U y = right; `matrix` is what `factor_lanes` leaves."""
    size, lanes = right.shape
    for i in range(size):
        subtract_dot(right[i], matrix, i * size, 1, right, 0, 1, i)
    for back in range(size):
        k = size - 1 - back
        subtract_dot(right[k], matrix, k * size + k + 1, 1, right, k + 1, 1, back)
        for lane in range(lanes):
            right[k, lane] = right[k, lane] / matrix[k, k, lane]


@register_jitable
def gram(left, right, out):
    """out[a, b] = sum_i left[a, i] right[b, i] for each lane; left, right (m, dim, lanes)."""
    size, dim, lanes = left.shape
    for a in range(size):
        for b in range(size):
            for lane in range(lanes):
                out[a, b, lane] = 0.0
            add_dot(out[a, b], left, a * dim, 1, right, b * dim, 1, dim)


@register_jitable
def apply_rows(rows, x, out):
    """out[a] = sum_i rows[a, i] x[i] for each lane; rows (m, dim, lanes), x (dim, lanes)."""
    size, dim, lanes = rows.shape
    for a in range(size):
        for lane in range(lanes):
            out[a, lane] = 0.0
        add_dot(out[a], rows, a * dim, 1, x, 0, 1, dim)


@register_jitable
def subtract_rows(x, rows, weights):
    """x -= rows^T weights for each lane; rows (m, dim, lanes), weights (m, lanes)."""
    size, dim = rows.shape[:2]
    for i in range(dim):
        subtract_dot(x[i], rows, i, dim, weights, 0, 1, size)


def add_dot(out, left, first, stride, right, other, jump, count):
    """out (lanes,) += sum_k left[first + k stride] right[other + k jump] over `count` terms.

    The arrays are contiguous, with the lanes as the last axis: left and right have the shape (rows, lanes), or another
    shape whose other axes count as one axis of rows. stride and jump are above 0. If left has one dimension, its
    numbers are the same for all lanes. `out` is not a row of the others.
    """
    _sum(out, left, first, stride, right, other, jump, count, 1.0)


def subtract_dot(out, left, first, stride, right, other, jump, count):
    """As `add_dot`, with -= for each term; `out` may be a row of the others that is not in the sum."""
    _sum(out, left, first, stride, right, other, jump, count, -1.0)


def add_squares_and_dot(own, mixed, other, left, right):
    """own += |left|^2, mixed += left . right and other += |right|^2 for each lane, in one pass over both.

    left and right are (rows, lanes); own, mixed and other are (lanes,), and are not rows of left or right.
    """
    for row, partner in zip(left, right):
        for out, one, two in ((own, row, row), (mixed, row, partner), (other, partner, partner)):
            out[:] = rounding.fused(one, two, out)


def _sum(
    out: Any, left: Any, first: int, stride: int, right: Any, other: int, jump: int, count: int, sign: float
) -> None:
    if count == 0:
        return
    factors = left[:, None] if left.ndim == 1 else left.reshape(-1, out.size)
    factors = sign * factors[first : first + count * stride : stride]
    rows = right.reshape(-1, out.size)[other : other + count * jump : jump]
    if not rounding.EXACT:  # the terms are added one after another here too; `sum` would add pairs
        out[:] = np.add.accumulate(np.concatenate([out[None], factors * rows]))[-1]
        return
    for factor, row in zip(factors, rows):
        out[:] = rounding.fused(factor, row, out)


def _dot(negative: bool) -> Any:
    """The intrinsic that adds the terms, or subtracts them if `negative`."""

    @intrinsic
    def sums(
        typing_context: Any, out: Any, left: Any, first: Any, stride: Any, right: Any, other: Any, jump: Any,
        count: Any,
    ) -> Any:  # fmt: skip
        for array in (out, left, right):
            lanes.contiguous(array, types.float64)
        shared = left.ndim == 1

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            _, _, begin, step, _, begin_right, step_right, terms = arguments
            sum_, factors, rows = (
                make_array(signature.args[place])(context, builder, arguments[place]) for place in (0, 1, 4)
            )
            (width,) = cgutils.unpack_tuple(builder, sum_.shape)
            if not shared:
                begin, step = builder.mul(begin, width), builder.mul(step, width)
            begin_right, step_right = builder.mul(begin_right, width), builder.mul(step_right, width)
            factors, rows = builder.gep(factors.data, [begin]), builder.gep(rows.data, [begin_right])
            function = _dot_function(builder.module, negative, shared)
            builder.call(function, (sum_.data, width, factors, step, rows, step_right, terms))
            return context.get_dummy_value()

        return types.none(out, left, INT, INT, right, INT, INT, INT), generate

    return sums


@intrinsic
def _squares_and_dot(typing_context: Any, own: Any, mixed: Any, other: Any, left: Any, right: Any) -> Any:
    for array in (own, mixed, other, left, right):
        lanes.contiguous(array, types.float64)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        arrays = [make_array(kind)(context, builder, item) for kind, item in zip(signature.args, arguments)]
        terms, width = cgutils.unpack_tuple(builder, arrays[3].shape)
        function = _squares_function(builder.module)
        builder.call(function, (*(array.data for array in arrays), width, terms))
        return context.get_dummy_value()

    return types.none(own, mixed, other, left, right), generate


def _dot_function(module: ir.Module, negative: bool, shared: bool) -> ir.Function:
    """Function that adds the products of factors and rows to sum_ (lanes,); successive rows are a stride apart."""
    arguments = POINTER, LONG, POINTER, LONG, POINTER, LONG, LONG

    def write(builder: ir.IRBuilder, sum_, width, factors, step, rows, step_right, terms) -> None:
        def term(lane: Any, shape: Any, index: Any) -> list[Product]:
            here = builder.gep(factors, [builder.mul(index, step)])
            there = builder.gep(rows, [builder.add(builder.mul(index, step_right), lane)])
            left = (
                lanes.spread(builder, builder.load(here), shape[0])
                if shared
                else lanes.load(builder, builder.gep(here, [lane]), *shape)
            )
            return [(lanes.load(builder, there, *shape), -left if negative else left)]

        _accumulate(builder, [sum_], width, terms, term)

    name = f"lane_dot_{'subtract' if negative else 'add'}_{'shared' if shared else 'own'}"
    return lanes.function(module, name, arguments, write, "optsize")


def _squares_function(module: ir.Module) -> ir.Function:
    arguments = (POINTER,) * 5 + (LONG, LONG)

    def write(builder: ir.IRBuilder, own, mixed, other, left, right, width, terms) -> None:
        def term(lane: Any, shape: Any, index: Any) -> list[Product]:
            place = builder.add(builder.mul(index, width), lane)
            here, there = (lanes.load(builder, builder.gep(rows, [place]), *shape) for rows in (left, right))
            return [(here, here), (here, there), (there, there)]

        _accumulate(builder, [own, mixed, other], width, terms, term)

    return lanes.function(module, "lane_squares_and_dot", arguments, write, "optsize")


def _accumulate(
    builder: ir.IRBuilder,
    sums: Sequence[ir.Value],
    width: ir.Value,
    terms: ir.Value,
    term: Callable[[Any, tuple[int, int], Any], list[Product]],
) -> None:
    """Add `term(lane, shape of the turn, index)`, one product for each row of sums, to the sums, for all indices."""
    for lane, shape in lanes.turns(builder, width, TURNS):
        places = [builder.gep(row, [lane]) for row in sums]
        begun = [lanes.load(builder, place, *shape).vectors for place in places]
        totals = [[cgutils.alloca_once_value(builder, vector) for vector in row] for row in begun]
        with cgutils.for_range(builder, terms, intp=LONG) as loop:
            for total, factors in zip(totals, term(lane, shape, loop.index)):
                sum_ = lanes.multiply_add(*factors, _loaded(builder, total))
                for slot, vector in zip(total, sum_.vectors):
                    builder.store(vector, slot)
        for total, place in zip(totals, places):
            lanes.store(_loaded(builder, total), place)


def _loaded(builder: ir.IRBuilder, slots: Sequence[ir.Value]) -> Lanes:
    return Lanes(builder, [builder.load(slot) for slot in slots])


_add_dot, _subtract_dot = _dot(negative=False), _dot(negative=True)


@overload(add_squares_and_dot)
def _add_squares_and_dot_overload(own, mixed, other, left, right):
    return lambda own, mixed, other, left, right: _squares_and_dot(own, mixed, other, left, right)


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
