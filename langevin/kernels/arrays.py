"""Functions on NumPy arrays with the names and meanings of those in `lanes`, so a formula can call either."""

from __future__ import annotations

from typing import Any

import numpy as np


def low_words(longs: Any) -> Any:
    """The lower 32 bits of uint64 integers, as int32."""
    return np.asarray(longs).astype(np.uint32).view(np.int32)


def number(words: Any) -> Any:
    """Integers as float32 numbers, rounded to the nearest."""
    return words.astype(np.float32)


def as_word(numbers: Any) -> Any:
    """The bits of float32 numbers as integers."""
    return numbers.view(np.int32)


def as_number(words: Any) -> Any:
    """The float32 numbers that have these bits."""
    return words.view(np.float32)


def multiply_add(a: Any, b: Any, c: Any) -> Any:
    """a b + c of float32 numbers; rounded twice if the exact sum has more than 53 bits."""
    return np.float32(np.float64(a) * np.float64(b) + np.float64(c))


def square_root(numbers: Any) -> Any:
    """Square roots of float32 numbers, rounded once."""
    return np.sqrt(numbers)
