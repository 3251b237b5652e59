"""Kernels of two landscapes that are put together: the parameters are then a pair, one item for each."""

from __future__ import annotations

from typing import Any

from langevin.errors import UsageError
from langevin.kernels.compile import jitable
from langevin.types import Kernel, Landscape


def check_plain(*losses: Landscape) -> None:
    """Refuse landscapes that are not plain losses, without other parts.

    Raises:
        UsageError: one of the landscapes has equations, walls or parts, or no value or gradient.
    """
    for loss in losses:
        if loss.is_surface or loss.is_body or loss.value is None or loss.gradient is None or loss.parts:
            raise UsageError(
                f"{loss.name} is no plain loss",
                "a loss with a value and a gradient, and no residual, walls, field, diffusion or drive",
                "make one by langevin.potentials.potential or from_expression",
            )


def targets_of_first(landscape: Landscape) -> Any:
    """The target of the first landscape, or its targets, which take the pair."""
    if isinstance(landscape.target, tuple):
        return tuple(of_first(target) for target in landscape.target)
    return of_first(landscape.target)


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
