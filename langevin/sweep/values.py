"""The values in a text: one value, a list, a grid or a range of whole numbers."""

from __future__ import annotations

import math

from langevin.errors import UsageError, unfit

#: Largest number of values of one axis.
MOST_VALUES = 100_000
#: Digits of the largest whole number of a range.
MOST_DIGITS = 30
#: Digits of a number of a grid: enough to distinguish neighbours, and few enough to write 0.3, not 0.30000000000000004.
DIGITS = 12
#: Forms of a text of several numbers, for help and messages.
FORMS = "a,b,c or lin:a:b:n or log:a:b:n or, of whole numbers, a:b[:step] without b"


def values_of(name: str, text: str, most: int = MOST_VALUES) -> tuple[str, ...]:
    """The values in a text of numbers, each as a text; a text of another form is one value.

        values_of("temperature", "log:0.01:1:3")    ('0.01', '0.1', '1')

    Args:
        name: name of the setting, for messages.
        text: one value, `a,b,c`, `lin:a:b:n`, `log:a:b:n` (n values, both ends among them), or `a:b[:step]` (whole
            numbers, b not among them).
        most: largest number of values.

    Raises:
        UsageError: a grid or a range has no values or too many.
    """
    kind, colon, rest = text.partition(":")
    if colon and kind in {"lin", "log"}:
        return _grid(name, kind, rest, most)
    if colon and all(_is_whole(part) for part in text.split(":")):
        return _range(name, text, most)
    return _list(name, text, most)


def names_of(name: str, text: str) -> tuple[str, ...]:
    """The names between commas in a text; one may be `module:name`.

    Args:
        name: of the setting, for messages.
        text: the names.

    Raises:
        UsageError: a name is empty, or there are too many.
    """
    return _list(name, text, MOST_VALUES)


def _list(name: str, text: str, most: int) -> tuple[str, ...]:
    values = tuple(part.strip() for part in text.split(","))
    if len(values) > 1 and "" in values:
        raise unfit(name, "takes no empty value in a list", f"{text!r}")
    _check_few(name, len(values), most)
    return values


def _range(name: str, text: str, most: int) -> tuple[str, ...]:
    parts = text.split(":")
    if len(max(parts, key=len)) > MOST_DIGITS:
        raise unfit(
            name, f"takes whole numbers of at most {MOST_DIGITS} digits", f"{text[:MOST_DIGITS]!r}..."
        )
    bounds = [int(part) for part in parts]
    if len(bounds) > 3 or (len(bounds) == 3 and bounds[2] == 0):
        raise unfit(name, f"takes {FORMS}", f"{text!r}")
    found = range(*bounds)
    if not found:
        raise unfit(name, "takes a range a:b[:step] that has values", f"{text!r}")
    if found[most:]:
        raise UsageError(f"{name} has more than {most} values", f"at most {most} values", "take larger steps")
    return tuple(str(value) for value in found)


def _grid(name: str, kind: str, rest: str, most: int) -> tuple[str, ...]:
    parts = rest.split(":")
    try:
        low, high = (float(part) for part in parts[:2])
        count = int(parts[2])
    except (ValueError, IndexError):
        raise unfit(name, f"takes {FORMS}", f"{kind}:{rest!r}") from None
    bounded = math.isfinite(low) and math.isfinite(high) and (kind == "lin" or min(low, high) > 0.0)
    if len(parts) != 3 or not bounded or count < 2:
        raise unfit(
            name, f"takes {kind}:a:b:n with n of 2 or more, and finite a and b"
            + (" above 0" if kind == "log" else ""), f"'{kind}:{rest}'",
        )  # fmt: skip
    _check_few(name, count, most)
    shares = [place / (count - 1) for place in range(count)]
    if kind == "lin":
        inner = [low + share * (high - low) for share in shares]
    else:
        inner = [low * (high / low) ** share for share in shares]
    return tuple(_short(value) for value in (low, *inner[1:-1], high))


def _check_few(name: str, count: int, most: int) -> None:
    if count > most:
        raise UsageError(f"{name} has {count} values", f"at most {most} values", "take fewer")


def _short(value: float) -> str:
    """A number with the digits that it needs, at most `DIGITS`."""
    return f"{value:.{DIGITS}g}"


def _is_whole(text: str) -> bool:
    return text.isascii() and text.removeprefix("-").isdigit()
