"""Coordinates and parameters of a formula, as names and as numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from langevin.errors import UsageError, unfit
from langevin.formulas.lines import Lines, Name
from langevin.formulas.parsing import Expression


def inputs_of(lines: Lines, dim: int, names: Sequence[str]) -> list[Any]:
    """The names of the coordinates, an array (dim,), and of each parameter, as kernels have them."""
    x = np.array([Name(f"x{i}", lines) for i in range(dim)], object)
    return [x, *(Name(name, lines) for name in names)]


def called(function: Callable[..., Any], names: Sequence[str], x: Any, *numbers: Any) -> Any:
    """function(x, name=number, ...)."""
    return function(x, **dict(zip(names, numbers, strict=True)))


def checked(parameters: Mapping[str, float]) -> tuple[float, ...]:
    """The parameters as numbers.

    Raises:
        UsageError: one is no finite number.
    """
    for name, value in parameters.items():
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float | np.number)
            or not math.isfinite(value)
        ):
            raise unfit(name, "must be a finite number", f"{value!r}")
    return tuple(float(value) for value in parameters.values())


def values_of(read: Expression, parameters: Mapping[str, float]) -> tuple[float, ...]:
    """The numbers of an expression's parameters, in their order.

    Raises:
        UsageError: one is missing, unknown or no finite number.
    """
    missing = [name for name in read.parameters if name not in parameters]
    unknown = [name for name in parameters if name not in read.parameters]
    if missing or unknown:
        words = f"has no value for {', '.join(missing)}" if missing else f"does not name {', '.join(unknown)}"
        known = ", ".join(read.parameters) or "none"
        raise UsageError(
            f"the formula {read.text!r} {words}",
            f"its parameters are {known}",
            "give each a number: NAME=VALUE, after -p, or after -f for a field",
        )
    return checked({name: parameters[name] for name in read.parameters})
