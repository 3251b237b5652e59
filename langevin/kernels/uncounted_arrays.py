"""Arrays without reference counting, for the innermost loops.

Numba counts references to every view that a compiled function makes, with two atomic instructions each: with
a few views a step that is half the cost of a step in one dimension. A borrowed array has no counter, and
nor have the views of it; its owner must keep it alive. In pure Python it is the array itself.
"""

from __future__ import annotations

from typing import Any

from numba.core import cgutils, types
from numba.core.errors import TypingError
from numba.extending import intrinsic, overload
from numba.np.arrayobj import make_array, populate_array


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
