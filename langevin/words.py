"""Numbers in sentences and tables."""

from __future__ import annotations

import math


def counted(number: int, one: str, many: str | None = None) -> str:
    """A whole number before what it counts: `one` after 1, else `many`, by default `one` with an s."""
    return f"{number} {one if number == 1 else many or f'{one}s'}"


def format_value(value: float, error: float) -> str:
    """`1.234 +- 0.012`: the error with two digits, the value with as many decimals; `-` for no value.

    Args:
        value: the number.
        error: its standard error.
    """
    if math.isnan(value):
        return "-"
    if not (math.isfinite(value) and math.isfinite(error)) or error <= 0:
        return f"{value:.6g} +- {error:g}"
    digits = 1 - math.floor(math.log10(float(f"{error:.1e}")))
    largest = max(abs(value), error)
    if 1e-3 <= largest < 1e6:
        return f"{round(value, digits):.{max(digits, 0)}f} +- {round(error, digits):.{max(digits, 0)}f}"
    power = math.floor(math.log10(largest))
    decimals = max(digits + power, 0)
    return f"({value / 10.0**power:.{decimals}f} +- {error / 10.0**power:.{decimals}f})e{power:+03d}"
