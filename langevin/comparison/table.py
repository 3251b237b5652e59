"""Plain-text tables and numbers with as many digits as their errors allow."""

from __future__ import annotations

import math
from collections.abc import Sequence

from langevin.types import Measurement, Prediction
from langevin.words import format_value

#: Largest length of the rule under the last column; its texts may be longer.
LONGEST_RULE = 100


def format_measurement(measured: Measurement) -> str:
    """A measured number with its standard error, as `format_value` writes them.

    Args:
        measured: the measurement.
    """
    return format_value(measured.value, measured.error)


def format_measured(measured: Measurement) -> str:
    """The same with the number of walkers, replicas or networks: `1.234 +- 0.012 (n = 100)`.

    Args:
        measured: the measurement.
    """
    return f"{format_measurement(measured)} (n = {measured.n})"


def format_number(value: float) -> str:
    """A plain number with four digits; `-` for None."""
    return "-" if math.isnan(value) else f"{value:.4g}"


def format_prediction(predicted: Prediction) -> str:
    """A prediction with its remainder, if it has one; `-` if it is out of range.

    Args:
        predicted: the prediction.
    """
    return str(predicted) if predicted.in_range and math.isfinite(predicted.value) else "-"


def format_percent(share: float) -> str:
    """`8.9 %`, `220 %`; `-` for nan.

    Args:
        share: the fraction, 1 for 100 %.
    """
    if not math.isfinite(share):
        return "-"
    return f"{100 * share:.2g} %" if share < 1.0 else f"{100 * share:.0f} %"


def format_table(header: Sequence[str], rows: Sequence[Sequence[str | float | None]]) -> str:
    """Aligned columns under a header with a rule; numbers are aligned to the right, texts to the left.

    Control characters are replaced by `?`, because the text may come from a file.

    Args:
        header: names of the columns.
        rows: the cells of each row.
    """
    texts = [[_cell(cell) for cell in row] for row in rows]
    right = [all(not isinstance(row[i], str) for row in rows) for i in range(len(header))]
    widths = [max(len(row[i]) for row in [list(header), *texts]) for i in range(len(header))]
    rules = ["-" * width for width in widths]
    rules[-1] = rules[-1][:LONGEST_RULE]
    ruled = [list(header), rules, *texts]
    lines = [
        "  ".join(
            cell.rjust(width) if flag else cell.ljust(width)
            for cell, width, flag in zip(row, widths, right, strict=True)
        )
        for row in ruled
    ]
    return "\n".join(line.rstrip() for line in lines)


def _cell(cell: str | float | None) -> str:
    if cell is None:
        return "-"
    text = str(cell) if isinstance(cell, str | int) else format_number(cell)
    return "".join(letter if letter.isprintable() else "?" for letter in text)
