"""Arrays for the innermost loops: without reference counting, and of lengths that are known where they are compiled.

Numba counts references to every view that a compiled function makes, with two atomic instructions each: with
a few views a step that is half the cost of a step in one dimension. A borrowed array has no counter, and
nor have the views of it; its owner must keep it alive.

The arrays of few walkers have lengths that are known, so their states can stay in registers: a loop over such a length
has no ends to look for, and numbers that no other array can overlap need no way through memory from one step to the
next. In pure Python all arrays are what they are without this.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

from llvmlite import ir
from numba.core import cgutils, types
from numba.core.errors import TypingError
from numba.extending import intrinsic, lower_builtin, overload, type_callable
from numba.np.arrayobj import make_array, populate_array

from langevin.kernels.lanes import LONG


class Few(NamedTuple):
    """Lengths that a driver for few walkers knows: coordinates, rows of memory, numbers of noise a step, lanes."""

    dim: int
    memory: int
    numbers: int
    lanes: int


def borrow(array: Any) -> Any:
    """The same array, uncounted when compiled; the caller of the compiled function owns it."""
    return array


@intrinsic
def _borrow_array(typing_context: Any, array: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        lent = make_array(array)(context, builder, arguments[0])
        lent.meminfo = cgutils.get_null_value(lent.meminfo.type)
        lent.parent = cgutils.get_null_value(lent.parent.type)
        return lent._getvalue()

    return array(array), generate


# Numba compares the signatures of an overload and of its implementation, annotations included.
@overload(borrow, jit_options={"forceinline": True})
def _borrow(array):
    return (lambda array: _borrow_array(array)) if isinstance(array, types.Array) else None


def flat(array: Any) -> Any:
    """All numbers of a contiguous array in one row, borrowed: a loop over them has no ends of rows to stop at."""
    return array.reshape(-1)


@intrinsic
def _flatten(typing_context: Any, array: Any) -> Any:
    if array.layout != "C":
        raise TypingError(f"only a contiguous array lies in one row, got {array}")
    row = types.Array(array.dtype, 1, "C", readonly=not array.mutable)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        whole = make_array(array)(context, builder, arguments[0])
        lent = make_array(row)(context, builder)
        populate_array(
            lent, data=whole.data, shape=[whole.nitems], strides=[whole.itemsize], itemsize=whole.itemsize,
            meminfo=None, parent=None,
        )  # fmt: skip
        return lent._getvalue()

    return row(array), generate


@overload(flat, jit_options={"forceinline": True})
def _flat(array):
    return (lambda array: _flatten(array)) if isinstance(array, types.Array) else None


@cache
def shaped(*lengths: int) -> Callable[[Any], Any]:
    """The function `shape(array)`: the same array, borrowed, whose last axes are known to have these lengths."""

    def shape(array: Any) -> Any:
        if array.shape[array.ndim - len(lengths) :] != lengths:
            raise IndexError(f"an array of the shape {array.shape} has not the last lengths {lengths}")
        return array

    _teach(shape, lengths, lambda builder, data: data)
    return shape


@cache
def held(*lengths: int) -> Callable[[Any], Any]:
    """The function `hold(array)`: a copy of an array of these lengths on the stack of the caller."""

    def hold(array: Any) -> Any:
        if array.shape != lengths:
            raise IndexError(f"an array of the shape {array.shape} has not the shape {lengths}")
        return array.copy()

    def copied(builder: ir.IRBuilder, data: Any) -> Any:
        size = math.prod(lengths)
        place = cgutils.alloca_once(builder, data.type.pointee, size=max(size, 1))
        cgutils.memcpy(builder, place, data, LONG(size))
        return place

    _teach(hold, lengths, copied)
    return hold


def _teach(function: Callable[[Any], Any], lengths: tuple[int, ...], data_of: Callable[..., Any]) -> None:
    """Teach Numba the type and the instructions, written where the function is called: no other has its stack."""

    @type_callable(function)
    def typed(context):
        def typer(array):
            if not isinstance(array, types.Array) or array.layout != "C" or array.ndim < len(lengths):
                raise TypingError(f"a contiguous array of {len(lengths)} axes or more is needed, got {array}")
            return array

        return typer

    @lower_builtin(function, types.Array)
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        (kind,) = signature.args
        whole = make_array(kind)(context, builder, arguments[0])
        lent = make_array(kind)(context, builder)
        before = cgutils.unpack_tuple(builder, whole.shape)[: kind.ndim - len(lengths)]
        shape = [*before, *(context.get_constant(types.intp, length) for length in lengths)]
        strides = [whole.itemsize]
        for length in reversed(shape[1:]):
            strides.insert(0, builder.mul(strides[0], length))
        populate_array(
            lent, data=data_of(builder, whole.data), shape=shape, strides=strides, itemsize=whole.itemsize,
            meminfo=None, parent=None,
        )  # fmt: skip
        return lent._getvalue()
