"""Straight-line code of scalars: operations on names and numbers, each distinct one written once."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from langevin.errors import UsageError

#: Most operations that kernels of one landscape may have: a compiler needs minutes for more.
MOST = 20_000


@dataclass(frozen=True)
class Operation:
    """How an operation is written, and its function of plain numbers."""

    text: str
    of_numbers: Callable[..., Any]


OPERATIONS = {
    "add": Operation("{} + {}", operator.add),
    "sub": Operation("{} - {}", operator.sub),
    "mul": Operation("{} * {}", operator.mul),
    "div": Operation("{} / {}", np.divide),
    "pow": Operation("{} ** {}", np.power),
    "neg": Operation("-{}", operator.neg),
    "abs": Operation("abs({})", abs),
    "exp": Operation("np.exp({})", np.exp),
    "expm1": Operation("np.expm1({})", np.expm1),
    "log": Operation("np.log({})", np.log),
    "log1p": Operation("np.log1p({})", np.log1p),
    "sqrt": Operation("np.sqrt({})", np.sqrt),
    "sin": Operation("np.sin({})", np.sin),
    "cos": Operation("np.cos({})", np.cos),
    "tan": Operation("np.tan({})", np.tan),
    "asin": Operation("np.arcsin({})", np.arcsin),
    "acos": Operation("np.arccos({})", np.arccos),
    "atan": Operation("np.arctan({})", np.arctan),
    "atan2": Operation("np.arctan2({}, {})", np.arctan2),
    "sinh": Operation("np.sinh({})", np.sinh),
    "cosh": Operation("np.cosh({})", np.cosh),
    "tanh": Operation("np.tanh({})", np.tanh),
    "sign": Operation("np.sign({})", np.sign),
    "floor": Operation("np.floor({})", np.floor),
    "erf": Operation("math.erf({})", math.erf),
    "max": Operation("({0} if {0} > {1} else {1})", max),
    "min": Operation("({0} if {0} < {1} else {1})", min),
    "gt": Operation("{} > {}", operator.gt),
    "ge": Operation("{} >= {}", operator.ge),
    "lt": Operation("{} < {}", operator.lt),
    "le": Operation("{} <= {}", operator.le),
    "eq": Operation("{} == {}", operator.eq),
    "ne": Operation("{} != {}", operator.ne),
    "and": Operation("({} and {})", operator.and_),
    "or": Operation("({} or {})", operator.or_),
    "not": Operation("(not {})", operator.not_),
    "choose": Operation("({1} if {0} else {2})", lambda condition, yes, no: yes if condition else no),
}
#: Operations whose result, bits included, does not depend on the order of the two values.
COMMUTE = frozenset({"add", "mul"})


@dataclass(frozen=True, eq=False)
class Name:
    """A scalar that is known by a name only; sums and products of it are written down."""

    text: str
    lines: Lines

    def __add__(self, other: Any) -> Any:
        """The sum, as a new name."""
        return self.lines.apply("add", self, other)

    def __radd__(self, other: Any) -> Any:
        """The sum, as a new name."""
        return self.lines.apply("add", other, self)

    def __mul__(self, other: Any) -> Any:
        """The product, as a new name."""
        return self.lines.apply("mul", self, other)

    def __rmul__(self, other: Any) -> Any:
        """The product, as a new name."""
        return self.lines.apply("mul", other, self)


@dataclass
class Lines:
    """Assignments by the name that each makes: its text, and the names that it uses."""

    made: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    known: dict[str, Name] = field(default_factory=dict)

    def apply(self, operation: str, *values: Any) -> Any:
        """The result of an operation: a number if all values are numbers, else a name.

        Args:
            operation: name of the operation, one of `OPERATIONS`.
            values: numbers or names.

        Raises:
            UsageError: there are too many operations.
        """
        if not any(isinstance(value, Name) for value in values):
            with np.errstate(all="ignore"):
                return OPERATIONS[operation].of_numbers(*values)
        simple = _simplified(operation, values)
        if simple is not None:
            return self.apply(*simple) if isinstance(simple, tuple) else simple
        if operation in COMMUTE:
            values = tuple(sorted(values, key=text_of))
        text = OPERATIONS[operation].text.format(*(_text(value) for value in values))
        if text not in self.known:
            if len(self.made) == MOST:
                raise UsageError(
                    f"the formula and its derivatives have more than {MOST} operations",
                    f"at most {MOST} operations on single numbers",
                    "write its kernels by hand, with loops",
                )
            name = Name(f"v{len(self.made)}", self)
            uses = tuple(value.text for value in values if isinstance(value, Name))
            self.made[name.text], self.known[text] = (text, uses), name
        return self.known[text]

    def needed(self, values: Iterable[Any]) -> list[str]:
        """The assignments that values need, as text, in an order in which they can be carried out."""
        todo = [value.text for value in values if isinstance(value, Name)]
        wanted = set()
        while todo:
            name = todo.pop()
            if name in self.made and name not in wanted:
                wanted.add(name)
                todo.extend(self.made[name][1])
        return [f"{name} = {text}" for name, (text, _) in self.made.items() if name in wanted]


def text_of(value: Any) -> str:
    """A name or a number as code."""
    if isinstance(value, Name):
        return value.text
    return repr(float(value)) if math.isfinite(value) else f"np.{float(value)}".replace("np.-", "-np.")


def _text(value: Any) -> str:
    """The same as an operand: a negative number is in brackets."""
    text = text_of(value) if not isinstance(value, bool | np.bool_) else str(bool(value))
    return f"({text})" if text.startswith("-") else text


def _is(value: Any, number: float) -> bool:
    return not isinstance(value, Name) and bool(value == number)


def _simplified(operation: str, values: tuple[Any, ...]) -> Any:
    """A value that is the same, or another operation with its values; None if the operation stays."""
    first, *rest = values
    if operation == "choose" and not isinstance(first, Name):
        return rest[0] if first else rest[1]
    if operation in ("add", "sub") and (_is(first, 0.0) or _is(rest[0], 0.0)):
        other = rest[0] if _is(first, 0.0) else first
        return ("neg", other) if operation == "sub" and other is rest[0] else other
    if operation == "mul":
        return _product(first, rest[0])
    return first if operation == "div" and _is(rest[0], 1.0) else None


def _product(first: Any, second: Any) -> Any:
    """The simpler form of a product with 0, 1 or -1, None for any other."""
    for one, other in ((first, second), (second, first)):
        if _is(one, 0.0):
            return 0.0
        if _is(one, 1.0):
            return other
        if _is(one, -1.0):
            return "neg", other
    return None
