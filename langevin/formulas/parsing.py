"""Read an expression such as (x**2 - 1)**2 + a*y**2 as a function in jax.numpy.

Python's module `ast` parses the text. Only a short list of nodes is allowed, and nothing is evaluated as code. Kernels
of a formula get its coordinates and parameters as names. Runs get its parameters as numbers.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from langevin.errors import UsageError, unfit
from langevin.formulas.lines import Lines, Name

#: Letters and parts of an expression, the largest exponent and the largest number.
LONGEST, MOST, LARGEST_EXPONENT, LARGEST = 4000, 1000, 64, 1e300
COORDINATES = "x", "y", "z"
CONSTANTS = {"pi": math.pi, "e": math.e}
FUNCTIONS = {
    "exp": "exp", "log": "log", "sqrt": "sqrt", "sin": "sin", "cos": "cos", "tan": "tan", "sinh": "sinh",
    "cosh": "cosh", "tanh": "tanh", "abs": "abs", "sign": "sign", "asin": "arcsin", "acos": "arccos", "atan": "arctan",
    "min": "minimum", "max": "maximum",
}  # fmt: skip
OPERATORS = {ast.Add: "add", ast.Sub: "subtract", ast.Mult: "multiply", ast.Div: "divide", ast.Pow: "power"}
ALLOWED = (
    "numbers, coordinates (x, y, z or x1, x2 ...), names of parameters, + - * / **, and "
    f"{', '.join(sorted(FUNCTIONS))}"
)


@dataclass(frozen=True)
class Expression:
    """What was read: the text, the coordinates and parameters that it names, and its value at a place.

    `value(x, parameters)` takes x of shape (dim,) and the numbers of `parameters` in order, as arrays of JAX.
    """

    text: str
    dim: int
    parameters: tuple[str, ...]
    value: Callable[..., Any]


def expression(text: str) -> Expression:
    """Read an expression.

    Raises:
        UsageError: it is too long, no expression, or holds what is not allowed.
    """
    if not isinstance(text, str) or not text.strip() or len(text) > LONGEST:
        raise UsageError(
            "this is not an expression", f"a text of 1 to {LONGEST} letters", "write one, such as x**2 + y**2"
        )
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise UsageError(
            f"{text!r} cannot be read as an expression", ALLOWED, "check brackets and signs"
        ) from error
    nodes = list(ast.walk(tree))
    if len(nodes) > MOST:
        raise UsageError(
            f"the expression has {len(nodes)} parts", f"at most {MOST}", "write the kernels by hand"
        )
    for node in nodes:
        _check(node)
    called = [node.func for node in nodes if isinstance(node, ast.Call)]
    names = {node.id for node in nodes if isinstance(node, ast.Name) and node not in called} - set(CONSTANTS)
    places = {name: place for name in names if (place := place_of(name)) is not None}
    if not places:
        raise UsageError(f"{text!r} names no coordinate", ALLOWED, "use x, or x and y")
    if len(set(places.values())) < len(places):
        raise UsageError(
            f"{text!r} names one coordinate in two ways", "x, y, z or x1, x2 ...", "use one of these"
        )
    parameters = tuple(sorted(names - set(places)))

    def value(x: Any, numbers: Any) -> Any:
        known = {name: x[place] for name, place in places.items()} | dict(
            zip(parameters, numbers, strict=True)
        )
        return _value(tree, known)

    return Expression(text.strip(), 1 + max(places.values()), parameters, value)


def place_of(name: str) -> int | None:
    """The place of a coordinate, None for a name of something else."""
    if name in COORDINATES:
        return COORDINATES.index(name)
    numbered = re.fullmatch(r"x([1-9][0-9]{0,2})", name)
    return int(numbered.group(1)) - 1 if numbered else None


def _check(node: ast.AST) -> None:
    """Refuse a part that no expression may have."""
    if isinstance(node, ast.Constant):
        if not abs(_number(node)) <= LARGEST:
            raise UsageError(f"{node.value!r} is no number of an expression", ALLOWED)
    elif isinstance(node, ast.Call):
        _check_call(node)
    elif isinstance(node, ast.BinOp):
        if type(node.op) not in OPERATORS:
            raise UsageError(
                f"the expression holds {type(node.op).__name__}", ALLOWED, "a power is written **"
            )
        if isinstance(node.op, ast.Pow):
            _check_exponent(node.right)
    elif not isinstance(node, ast.Name | ast.UnaryOp | ast.USub | ast.UAdd | ast.Load | ast.operator):
        raise UsageError(f"the expression holds {type(node).__name__}", ALLOWED)


def _check_call(node: ast.Call) -> None:
    name = node.func.id if isinstance(node.func, ast.Name) else "something"
    wanted = 2 if name in ("min", "max") else 1
    if name not in FUNCTIONS:
        raise UsageError(f"the expression calls {name}", ALLOWED)
    if node.keywords or len(node.args) != wanted:
        raise UsageError(f"{name} is given {len(node.args)} arguments", f"{wanted}")


def _check_exponent(node: ast.AST) -> None:
    """An exponent is a number of modest size: a power of a power could take too long to compute."""
    inner = node.operand if isinstance(node, ast.UnaryOp) else node
    if not (isinstance(inner, ast.Constant) and abs(_number(inner)) <= LARGEST_EXPONENT):
        raise UsageError(
            "an exponent is not a number, or is too large",
            f"a number of at most {LARGEST_EXPONENT}",
            "otherwise write exp(a * log(x))",
        )


def _number(node: ast.Constant) -> float:
    """The number of a constant, NaN for a text or a truth value."""
    value = node.value
    return value if isinstance(value, int | float) and not isinstance(value, bool) else math.nan


def _value(node: ast.AST, known: Mapping[str, Any]) -> Any:
    """The value of a part, with these values of the names."""
    import jax.numpy as jnp

    if isinstance(node, ast.Constant):
        return float(_number(node))
    if isinstance(node, ast.Name):
        return known[node.id] if node.id in known else CONSTANTS[node.id]
    if isinstance(node, ast.UnaryOp):
        inner = _value(node.operand, known)
        return -inner if isinstance(node.op, ast.USub) else inner
    if isinstance(node, ast.Call):
        assert isinstance(node.func, ast.Name)
        return getattr(jnp, FUNCTIONS[node.func.id])(*(_value(one, known) for one in node.args))
    assert isinstance(node, ast.BinOp)
    first, second = _value(node.left, known), _value(node.right, known)
    if isinstance(node.op, ast.Pow) and float(second).is_integer():
        return first ** int(second)  # products instead of logarithms, also below zero
    return getattr(jnp, OPERATORS[type(node.op)])(first, second)


def inputs_of(lines: Lines, dim: int, names: Sequence[str]) -> list[Any]:
    """The names of the coordinates, an array (dim,), and of each parameter, as kernels have them.

    Args:
        lines: collects the lines of the kernel.
        dim: number of coordinates.
        names: of the parameters.
    """
    x = np.array([Name(f"x{i}", lines) for i in range(dim)], object)
    return [x, *(Name(name, lines) for name in names)]


def called(function: Callable[..., Any], names: Sequence[str], x: Any, *numbers: Any) -> Any:
    """function(x, name=number, ...).

    Args:
        function: of x and numbers.
        names: of the numbers.
        x: first argument.
        numbers: one for each name.
    """
    return function(x, **dict(zip(names, numbers, strict=True)))


def checked(parameters: Mapping[str, float]) -> tuple[float, ...]:
    """The parameters as numbers.

    Raises:
        UsageError: one is no finite number.
    """
    for name, value in parameters.items():
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float | np.number)
            or not math.isfinite(value)
        ):
            raise unfit(name, "must be a finite number", f"{value!r}")
    return tuple(float(value) for value in parameters.values())


def values_of(read: Expression, parameters: Mapping[str, float]) -> tuple[float, ...]:
    """The numbers of an expression's parameters, in their order.

    Args:
        read: the expression.
        parameters: value of each parameter.

    Raises:
        UsageError: one is missing, unknown or no finite number.
    """
    missing = [name for name in read.parameters if name not in parameters]
    unknown = [name for name in parameters if name not in read.parameters]
    if missing or unknown:
        words = f"has no value for {', '.join(missing)}" if missing else f"does not name {', '.join(unknown)}"
        known = ", ".join(read.parameters) or "none"
        raise UsageError(
            f"the formula {read.text!r} {words}",
            f"its parameters are {known}",
            "give each a number: NAME=VALUE, after -p, or after -f for a field",
        )
    return checked({name: parameters[name] for name in read.parameters})
