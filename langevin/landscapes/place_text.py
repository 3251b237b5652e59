"""A point as readable text."""

from __future__ import annotations

from langevin.types import FloatArray

#: Number of coordinates of a point that a message shows.
SHOWN = 4


def place_text(point: FloatArray) -> str:
    """The first coordinates of a point (dim,), as text."""
    shown = ", ".join(f"{number:.4g}" for number in point[:SHOWN])
    return f"({shown}{', ...' if point.size > SHOWN else ''})"
