"""Arrays of few walkers, whose lengths are known where they are compiled: their states can stay in registers.

A loop over a length that is known has no ends to look for, and numbers that no other array can overlap need no way
through memory from one step to the next. In pure Python the arrays are what they are without this.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

from llvmlite import ir
from numba.core import cgutils, types
from numba.core.errors import TypingError
from numba.extending import lower_builtin, type_callable
from numba.np.arrayobj import make_array, populate_array

from langevin.kernels.lanes import LONG


class Few(NamedTuple):
    """Lengths that a driver for few walkers knows: coordinates, rows of memory, numbers of noise a step, lanes."""

    dim: int
    memory: int
    numbers: int
    lanes: int


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
