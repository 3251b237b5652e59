"""Comparisons as plain tuples."""

from dataclasses import astuple


def rows_of(comparisons):
    """Tuples of all numbers and texts: in a tuple NaN equals itself, but in a record not since Python 3.13."""
    return [astuple(row) for row in comparisons]
