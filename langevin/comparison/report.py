"""Comparisons as a table for readers and as plain values for programs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from langevin.comparison.table import format_percent, format_prediction, format_table
from langevin.measure import confidence_interval
from langevin.types import Comparison, Measurement
from langevin.words import format_value

HEADER = ("theory", "point", "measured", "n", "predicted", "ratio", "z", "verdict", "detectable")
#: Meaning of the last column of a table of verdicts.
DETECTABLE = "detectable: the smallest difference, over the yardstick, that this run would exclude with a power of 80 %"


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


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
