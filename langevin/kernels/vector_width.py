"""Ask LLVM for its widest vectors in one function, and leave the reader's own compilations alone.

On processors where wide vectors once lowered the clock, LLVM uses half of AVX-512 unless a function carries
the attribute "prefer-vector-width". Measured here, it makes noise 1.5 times cheaper; it changes no bit.
"""

from __future__ import annotations

from typing import Any

from numba import types
from numba.extending import intrinsic, overload


def widest_vectors() -> None:
    """Mark the compiled function in which this call stands; in pure Python do nothing."""


@intrinsic
def _mark(typing_context: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        # llvmlite's own `add` knows enumerated attributes only; a string attribute is printed as it stands
        set.add(builder.function.attributes, '"prefer-vector-width"="512"')
        return context.get_dummy_value()

    return types.none(), generate


@overload(widest_vectors, inline="always")
def _widest_vectors() -> Any:
    return lambda: _mark()
