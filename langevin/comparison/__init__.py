"""Measured numbers compared with predictions, with a verdict by stated rules (`langevin.comparison.verdict`)."""

from langevin.arguments import check_calls_of
from langevin.comparison.report import (
    DETECTABLE,
    comparison_record,
    comparison_table,
    format_measured,
    format_measurement,
    format_percent,
    format_prediction,
    format_table,
    measurement_record,
)
from langevin.comparison.verdict import compare, compare_all, overall
from langevin.comparison.without_prefactor import (
    BALLISTIC,
    DIFFUSIVE,
    Premise,
    compare_exponents,
    difference_curve,
    neighbour_differences,
)
from langevin.words import format_value

__all__ = [
    "BALLISTIC",
    "DETECTABLE",
    "DIFFUSIVE",
    "Premise",
    "compare",
    "compare_all",
    "compare_exponents",
    "comparison_record",
    "comparison_table",
    "difference_curve",
    "format_measured",
    "format_measurement",
    "format_percent",
    "format_prediction",
    "format_table",
    "format_value",
    "measurement_record",
    "neighbour_differences",
    "overall",
]

check_calls_of(__name__)
