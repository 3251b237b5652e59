"""Numbers in sentences and tables."""

from __future__ import annotations

import math
from collections.abc import Iterable

#: Smallest number of independent values with a useful error: Student's 95 % interval of two is 12.7 errors each way.
ENOUGH = 3


def counted(number: int, one: str, many: str | None = None) -> str:
    """A whole number before what it counts: `one` after 1, else `many`, by default `one` with an s.

    Args:
        number: the number.
        one: the noun after 1.
        many: the noun after any other number; `one` with an s if absent.
    """
    return f"{number} {one if number == 1 else many or f'{one}s'}"


def format_mean(value: float, error: float, n: int) -> str:
    """A mean of n independent values with its error, as `format_value`; the value alone if it has no useful error.

    Args:
        value: the mean.
        error: its standard error.
        n: number of values; below `ENOUGH` the error is left out.
    """
    useful = n >= ENOUGH and math.isfinite(error)
    return format_value(value, error) if useful or math.isnan(value) else f"{value:.4g}"


def too_few(counts: Iterable[int]) -> list[str]:
    """A sentence if numbers of fewer than `ENOUGH` networks are shown without an error; else nothing.

    Args:
        counts: numbers of networks behind what is shown.
    """
    few = " and ".join(counted(n, "network") for n in sorted({n for n in counts if 0 < n < ENOUGH}))
    return [f"{few}: no useful error; use `langevin train --seeds 5`"] if few else []


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
