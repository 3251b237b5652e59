"""Numbers in sentences."""

from __future__ import annotations


def counted(number: int, one: str, many: str | None = None) -> str:
    """A whole number before what it counts: `one` after 1, else `many`, by default `one` with an s."""
    return f"{number} {one if number == 1 else many or f'{one}s'}"
