"""Block kernels: make them from a function of one walker, and call them, compiled, for many points at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from langevin.kernels.compile import compile_driver, jitable


def lanewise(function: Callable[..., None]) -> Callable[..., None]:
    """Turn f(x, out, lane, parameters), which handles one walker, into a block kernel f(x, out, parameters).

    The function reads x[i, lane] and writes out[lane] (value) or out[i, lane] (gradient, residual), or
    out[a, i, lane] (Jacobian).

    Args:
        function: a function of one walker, which writes its result into `out`.
    """
    one = jitable(function)

    def block(x, out, parameters):
        for lane in range(x.shape[1]):
            one(x, out, lane, parameters)

    return block


def apply_to(kernel: Callable[..., None], *arguments: Any) -> None:
    """Call `kernel(x, out, parameters)`, or `kernel(x, parameters)` in place, in compiled code."""
    build = build_in_place if len(arguments) == 2 else build_values
    driver = compile_driver(build, (kernel,), arguments)
    driver(np.full(1, -1), np.int64(0), np.int64(1), *arguments)


def build_values(kernel: Callable[..., None], stamp: int) -> Callable[..., None]:
    """The driver, a closure over a kernel that writes into `out`."""
    function = jitable(kernel)

    def values(report, first, last, x, out, parameters):
        report[0] = stamp
        if first < last:
            function(x, out, parameters)

    return values


def build_in_place(kernel: Callable[..., None], stamp: int) -> Callable[..., None]:
    """The driver, a closure over a kernel that changes x."""
    function = jitable(kernel)

    def changed(report, first, last, x, parameters):
        report[0] = stamp
        if first < last:
            function(x, parameters)

    return changed
