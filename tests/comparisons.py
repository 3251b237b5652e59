"""Comparisons as plain tuples."""

from dataclasses import astuple


def rows_of(comparisons):
    """Tuples of all numbers and texts: a NaN in one is equal to itself, which it is not in a record from Python 3.13 on."""
    return [astuple(row) for row in comparisons]
