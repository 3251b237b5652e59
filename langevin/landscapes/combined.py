"""Kernels of two landscapes that are put together: the parameters are then a pair, one item for each."""

from __future__ import annotations

from typing import Any

from langevin.kernels.compile import jitable
from langevin.types import Kernel


def of_first(kernel: Kernel | None) -> Any:
    """A kernel (x, out, parameters) of the first landscape, which takes the pair; None stays None."""
    if kernel is None:
        return None
    inner = jitable(kernel)

    def first(x, out, parameters):
        inner(x, out, parameters[0])

    return first


def of_second(kernel: Kernel | None) -> Any:
    """A kernel (x, out, parameters) of the second landscape, which takes the pair; None stays None."""
    if kernel is None:
        return None
    inner = jitable(kernel)

    def second(x, out, parameters):
        inner(x, out, parameters[1])

    return second
