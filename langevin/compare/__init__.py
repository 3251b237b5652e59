"""Measured numbers beside predicted ones, with a verdict by stated rules (`langevin.compare.verdict`)."""

from langevin.compare.exponents import BALLISTIC, DIFFUSIVE, compare_exponents
from langevin.compare.report import comparison_record, comparison_table, measurement_record
from langevin.compare.slopes import difference_curve, neighbour_differences
from langevin.compare.table import format_table, format_value
from langevin.compare.verdict import compare, compare_all, overall

__all__ = [
    "BALLISTIC",
    "DIFFUSIVE",
    "compare",
    "compare_all",
    "compare_exponents",
    "comparison_record",
    "comparison_table",
    "difference_curve",
    "format_table",
    "format_value",
    "measurement_record",
    "neighbour_differences",
    "overall",
]
