"""Arrays for the innermost loops: without reference counting, and with lengths that are known at compile time.

Numba counts references to every view that a compiled function makes, with two atomic instructions each. With
a few views in each step this is half the time of a step in one dimension. A borrowed array and its views have no
counter; its owner must keep it alive.

The arrays of few walkers have lengths that are known at compile time, so their states can stay in registers: a loop
over such a length is unrolled, and numbers that no other array can overlap need not be written to memory between two
steps. In pure Python these functions do not change an array.
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
    """Lengths compiled into a driver for few walkers: coordinates, rows of memory, noise numbers of a step, lanes."""

    dim: int
    memory: int
    numbers: int
    lanes: int


def borrow(array: Any) -> Any:
    """The same array, without reference counting when compiled; the caller of the compiled function keeps it alive."""
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
    """All numbers of a contiguous array as one borrowed row, so a loop over them does not stop at ends of rows."""
    return array.reshape(-1)


@intrinsic
def _flatten(typing_context: Any, array: Any) -> Any:
    if array.layout != "C":
        raise TypingError(f"only a contiguous array can be one row, got {array}")
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
    """The function `shape(array)`: the same array, borrowed, with last axes of these lengths known at compile time."""

    def shape(array: Any) -> Any:
        if array.shape[array.ndim - len(lengths) :] != lengths:
            raise IndexError(f"an array of the shape {array.shape} has not the last lengths {lengths}")
        return array

    _teach(shape, lengths, lambda builder, data: data)
    return shape


@cache
def held(*lengths: int) -> Callable[[Any], Any]:
    """The function `hold(array)`: a copy of an array of these lengths, on the stack of the caller."""

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
    """Register type and instructions with Numba; they are written into the caller, because its stack is needed."""

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
