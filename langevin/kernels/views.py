"""Views into an array (rows, lanes), divided as the rows were declared.

When compiled, they are pointers into the array without reference counting (see `borrow`): nothing is sliced, and
nothing is checked. The caller must make the array from the same declaration, so that it has enough rows.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from itertools import accumulate
from typing import Any

import numpy as np
from numba.core import types
from numba.core.errors import TypingError
from numba.extending import lower_builtin, type_callable
from numba.np.arrayobj import make_array, populate_array

from langevin.types import Rows


@cache
def views_of(rows: Rows) -> Callable[[Any], tuple[Any, ...]]:
    """The function `views(work)` for steps: views into work (rows, lanes) in the order of the declaration.

    In plain Python it raises an IndexError if `work` has fewer rows.
    """
    shapes = rows.shapes
    starts = tuple(accumulate((math.prod(shape) for shape in shapes), initial=0))

    def views(work: Any) -> tuple[Any, ...]:
        if work.shape[0] < starts[-1]:
            raise IndexError(f"{starts[-1]} rows are declared, the array has {work.shape[0]}")
        plain = np.asarray(work)
        return tuple(
            plain[begin : begin + math.prod(shape)].reshape(*shape, work.shape[1])
            for begin, shape in zip(starts[:-1], shapes, strict=True)
        )

    _teach(views, shapes, starts)
    return views


def _teach(views: Callable[..., Any], shapes: tuple[tuple[int, ...], ...], starts: tuple[int, ...]) -> None:
    """Register the types and the instructions of `views` with Numba; an overload would be one more function."""

    def kinds_in(work: Any) -> list[Any]:
        return [types.Array(work.dtype, len(shape) + 1, "C", readonly=not work.mutable) for shape in shapes]

    # Numba reads the names of these parameters.
    @type_callable(views)
    def typed(context):
        def typer(work):
            if not isinstance(work, types.Array) or work.layout != "C" or work.ndim != 2:
                raise TypingError(f"rows are cut from a contiguous array (rows, lanes), got {work}")
            return types.containers.Tuple(kinds_in(work))

        return typer

    @lower_builtin(views, types.Array)
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        (work,) = signature.args
        whole = make_array(work)(context, builder, arguments[0])
        lanes = builder.extract_value(whole.shape, 1)
        row = builder.extract_value(whole.strides, 0)
        parts = []
        for kind, shape, start in zip(kinds_in(work), shapes, starts[:-1], strict=True):
            lent = make_array(kind)(context, builder)
            sizes = [context.get_constant(types.intp, size) for size in shape]
            below = [math.prod(shape[place + 1 :]) for place in range(len(shape))]
            strides = [builder.mul(row, context.get_constant(types.intp, rows)) for rows in below]
            data = builder.gep(whole.data, [builder.mul(lanes, context.get_constant(types.intp, start))])
            populate_array(
                lent, data=data, shape=[*sizes, lanes], strides=[*strides, whole.itemsize], itemsize=whole.itemsize,
                meminfo=None, parent=None,
            )  # fmt: skip
            parts.append(lent._getvalue())
        return context.make_tuple(builder, signature.return_type, parts)
