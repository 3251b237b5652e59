"""Comparisons as plain tuples."""

from dataclasses import astuple


def rows_of(comparisons):
    """Tuples of all numbers and texts: NaN in one equals itself, which from Python 3.13 on it does not in a record."""
    return [astuple(row) for row in comparisons]
