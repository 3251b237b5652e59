"""Rows of an array (rows, lanes), declared by name and shape: the declaration gives their number and their views."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from langevin.errors import unfit


@dataclass(frozen=True, init=False)
class Rows:
    """What a step works with in addition to its state, in the order of the declaration.

    `Rows(kick=3, matrix=(2, 2), clock=())` declares the views kick (3, lanes), matrix (2, 2, lanes) and clock (lanes,).
    They take 3 + 4 + 1 rows; `kernels.views` cuts them.
    """

    names: tuple[str, ...]
    shapes: tuple[tuple[int, ...], ...]

    def __init__(self, **shapes: int | tuple[int, ...]) -> None:
        """Declare rows: the number of rows of a view, or the shape of the view without its lanes.

        Raises:
            UsageError: a shape contains something other than whole numbers of at least 0.
        """
        whole = tuple(_shape(name, shape) for name, shape in shapes.items())
        object.__setattr__(self, "names", tuple(shapes))
        object.__setattr__(self, "shapes", whole)

    @property
    def count(self) -> int:
        """Total number of rows of all views."""
        return sum(math.prod(shape) for shape in self.shapes)


def _shape(name: str, given: Any) -> tuple[int, ...]:
    shape: tuple[Any, ...] = given if isinstance(given, tuple) else (given,)
    if not all(isinstance(size, int) and size >= 0 for size in shape):
        raise unfit(f"rows {name}", "must be a whole number of at least 0, or a tuple of such", f"{given!r}")
    return tuple(int(size) for size in shape)
