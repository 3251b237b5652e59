"""Numbers and comparisons as text for readers, with as many digits as errors allow, and as values for programs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from langevin.measure import confidence_interval
from langevin.types import Comparison, Measurement, Prediction
from langevin.words import format_value

HEADER = ("theory", "point", "measured", "n", "predicted", "ratio", "z", "verdict", "detectable")
#: Meaning of the last column of a table of verdicts.
DETECTABLE = "detectable: the smallest relative difference that this run would exclude with a power of 80 %"

#: Largest length of the rule under the last column; its texts may be longer.
LONGEST_RULE = 100


def comparison_table(comparisons: Sequence[Comparison]) -> str:
    """Table with one comparison in each line; below it the notes of the measurements, each once.

    Args:
        comparisons: the comparisons.
    """
    rows = [
        (
            row.theory,
            row.point,
            format_value(row.measured.value, row.measured.error),
            row.measured.n,
            format_prediction(row.predicted),
            row.ratio,
            row.z,
            row.verdict,
            format_percent(row.detectable),
        )
        for row in comparisons
    ]
    return "\n".join([format_table(HEADER, rows), DETECTABLE, *notes(comparisons)])


def notes(comparisons: Sequence[Comparison]) -> list[str]:
    """`point: note`, each note once, in the order of the comparisons."""
    lines = (f"  at {row.point:g}: {row.measured.note}" for row in comparisons if row.measured.note)
    return [
        "".join(letter if letter.isprintable() else "?" for letter in line) for line in dict.fromkeys(lines)
    ]


def measurement_record(measurement: Measurement, level: float = 0.95) -> dict[str, Any]:
    """A measurement and its confidence interval as JSON values; null if a number is not finite.

    Args:
        measurement: the measurement.
        level: probability of the interval.
    """
    low, high = confidence_interval(measurement, level) if measurement.n > 1 else (math.nan, math.nan)
    return {
        "value": _finite(measurement.value),
        "error": _finite(measurement.error),
        "step_error": _finite(measurement.step_error),
        "interval": [_finite(low), _finite(high)],
        "interval_level": level,
        "n": measurement.n,
        "estimator": measurement.estimator,
        "mixed": measurement.mixed,
        "note": measurement.note,
    }


def comparison_record(comparison: Comparison) -> dict[str, Any]:
    """A comparison as JSON values; null if a number is not finite.

    Args:
        comparison: the comparison.
    """
    return {
        "theory": comparison.theory,
        "quantity": comparison.quantity,
        "point": comparison.point,
        "measured": measurement_record(comparison.measured),
        "predicted": _finite(comparison.predicted.value),
        "remainder": _finite(comparison.predicted.remainder),
        "in_range": comparison.predicted.in_range,
        "z": _finite(comparison.z),
        "ratio": _finite(comparison.ratio),
        "verdict": comparison.verdict,
        "detectable": _finite(comparison.detectable),
    }


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


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _cell(cell: str | float | None) -> str:
    if cell is None:
        return "-"
    text = str(cell) if isinstance(cell, str | int) else format_number(cell)
    return "".join(letter if letter.isprintable() else "?" for letter in text)
