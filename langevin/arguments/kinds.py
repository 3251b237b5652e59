"""Whether a value is of the kind that an annotation names, and the words for that kind."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from numbers import Integral, Real
from reprlib import Repr
from typing import Any, Union, get_args, get_origin, get_type_hints

import numpy as np

#: Whole numbers from here on are too large for counters and arrays.
LARGEST = 2**64
SHORT = Repr()
SHORT.maxstring = SHORT.maxother = SHORT.maxlong = 60


def described(value: object) -> str:
    """The value in a few words: the value itself if it is short, otherwise its type."""
    if value is None or isinstance(value, bool | int | float | complex | str | bytes | range):
        return (
            SHORT.repr(value)
            if not isinstance(value, int) or abs(value) < LARGEST
            else "a number beyond 2^64"
        )
    if isinstance(value, np.ndarray):
        return f"an array of {value.dtype} of shape {value.shape}"
    return f"something of type {type(value).__name__}"


def misfit(kind: Any, value: object, plain: bool = True) -> str:
    """The words for the kind of an annotation if the value is not of this kind; an empty text if it is.

    Args:
        kind: an evaluated annotation; every value fits an annotation without information, such as Any.
        value: the given value.
        plain: False if numbers, texts and arrays are checked elsewhere, with their ranges.
    """
    origin, parts = _parts(kind)
    if origin in (int, float):
        return _no_number(origin, value) if plain else ""
    if origin in (Union, types.UnionType):
        return _of_none(parts, value, plain)
    if origin in (tuple, list, Sequence):
        return _no_row(origin, parts, value, plain)
    fits, words = _plain(origin)
    return "" if fits(value) or (origin in (str, np.ndarray) and not plain) else words


@cache
def _parts(kind: Any) -> tuple[Any, tuple[Any, ...]]:
    """The parts of an annotation: `Sequence[int]` is (Sequence, (int,))."""
    return get_origin(kind) or kind, get_args(kind)


def _plain(kind: Any) -> tuple[Callable[[object], bool], str]:
    """The test for a kind without parts, and its words."""
    if kind in PLAIN:
        return PLAIN[kind]
    if kind is not Any and isinstance(kind, type) and not getattr(kind, "_is_protocol", False):
        return lambda value: isinstance(value, kind), _named(kind)
    return lambda value: True, ""


def fields_of(record: type) -> Mapping[str, Any]:
    """Annotations of the fields of a record of langevin; none for other classes, or if they cannot be read.

    Arrays are left out: arrays of a run may be in a file, and are read when they are used.
    """
    if not (is_dataclass(record) and record.__module__.startswith("langevin.")):
        return {}
    return _hints(record)


@cache
def _hints(record: Any) -> Mapping[str, Any]:
    try:
        hints = get_type_hints(record)
    except NameError:
        return {}
    known = {field.name: hints[field.name] for field in fields(record)}
    return {name: kind for name, kind in known.items() if get_origin(kind) is not np.ndarray}


def _no_number(kind: Any, value: object) -> str:
    if kind is int:
        whole = isinstance(value, Integral) and not isinstance(value, bool)
        return "" if whole and abs(int(value)) < LARGEST else "a whole number below 2^64"  # type: ignore[call-overload]
    if isinstance(value, bool | np.bool_) or not (isinstance(value, Real) or _is_scalar(value)):
        return "a number"
    try:
        float(value)  # type: ignore[arg-type]
        return ""
    except OverflowError:
        return "a number that a float holds"


def _is_scalar(value: object) -> bool:
    """An array without axes, as NumPy and JAX return them."""
    return getattr(value, "shape", None) == () and np.asarray(value).dtype.kind in "iuf"


def _is_array(value: object) -> bool:
    try:
        return np.asarray(value).dtype.kind in "biuf"
    except (TypeError, ValueError, OverflowError):
        return False


def _of_none(parts: tuple[Any, ...], value: object, plain: bool) -> str:
    if _takes_arrays(parts) and not plain:
        return ""
    if _takes_arrays(parts):
        others = tuple(
            part for part in parts if isinstance(part, type) and part not in (str, bytes, bool, complex)
        )
        return "" if isinstance(value, others) or _is_array(value) else "an array of numbers"
    if not plain and any(part in (int, float, str) for part in parts):
        return ""
    wanted = [misfit(part, value, plain) for part in parts]
    return "" if "" in wanted else " or ".join(dict.fromkeys(wanted))


def _takes_arrays(parts: tuple[Any, ...]) -> bool:
    """Whether this is NumPy's ArrayLike, a long union."""
    return any("_SupportsArray" in str(part) or "_Buffer" in str(part) for part in parts)


def _no_row(origin: Any, parts: tuple[Any, ...], value: object, plain: bool) -> str:
    if isinstance(value, str | bytes) or not isinstance(value, Iterable):
        return "a tuple" if origin is tuple else "a list"
    if not isinstance(value, Sequence | np.ndarray):
        return "a list"
    if origin is tuple and parts and parts[-1] is not Ellipsis:
        if len(value) != len(parts):
            return f"a tuple of {len(parts)}"
        kinds: Iterable[Any] = parts
    else:
        kinds = [parts[0] if parts else Any] * len(value)
    wrong = next(filter(None, (misfit(kind, one, plain) for kind, one in zip(kinds, value))), "")
    return f"a row whose every entry is {wrong}" if wrong else ""


def _named(kind: type) -> str:
    home = kind.__module__.split(".")
    return f"a {'.'.join(home[:2])}.{kind.__name__}" if home[0] == "langevin" else f"a {kind.__name__}"


#: Kinds without parts: test and words.
PLAIN: dict[Any, tuple[Callable[[object], bool], str]] = {
    None: (lambda value: value is None, "None"),
    type(None): (lambda value: value is None, "None"),
    bool: (lambda value: isinstance(value, bool | np.bool_), "True or False"),
    str: (lambda value: isinstance(value, str), "a text"),
    np.ndarray: (_is_array, "an array of numbers"),
    Callable: (callable, "a function"),
    Iterable: (lambda value: isinstance(value, Iterable), "a list"),
    Mapping: (lambda value: isinstance(value, Mapping), "a mapping of names to values"),
}
