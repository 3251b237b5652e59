"""A function in jax.numpy as scalar operations: its jaxpr, carried out on names.

There are three kinds of steps. JAX computes steps that depend on no coordinate once. JAX carries out steps that only
move entries (slices, reshapes, stacks ...) on numbers that stand for the entries. All other steps are arithmetic, entry
by entry. `ARITHMETIC` and `_special` support about forty primitives of it; other primitives are refused by name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from langevin.errors import UsageError
from langevin.formulas.lines import Lines, Name

#: Primitives that move entries, and change none.
MOVES = frozenset({
    "broadcast_in_dim", "concatenate", "dynamic_slice", "dynamic_update_slice", "expand_dims", "gather", "pad",
    "reshape", "rev", "slice", "split", "squeeze", "stack", "transpose",
})  # fmt: skip
#: Moving primitives with places among their arguments, and the number of the first such argument.
PLACES = {"dynamic_slice": 1, "dynamic_update_slice": 2, "gather": 1}
#: Primitives of entries, by the name of the operation in `lines.OPERATIONS`.
ARITHMETIC = {name: name for name in (
    "abs", "acos", "add", "and", "asin", "atan", "atan2", "cos", "cosh", "div", "eq", "erf", "exp", "expm1", "floor",
    "ge", "gt", "le", "log", "log1p", "lt", "max", "min", "mul", "ne", "neg", "not", "or", "pow", "sign", "sin", "sinh",
    "sqrt", "sub", "tan", "tanh",
)} | {"add_any": "add"}  # fmt: skip
#: Primitives that return their input.
SAME = frozenset({"convert_element_type", "copy", "copy_p", "reduce_precision", "stop_gradient"})
REDUCTIONS = {"reduce_sum": "add", "reduce_prod": "mul", "reduce_max": "max", "reduce_min": "min"}
#: Primitives of entries that are several operations.
COMPOSED: dict[str, Callable[..., Any]] = {
    "select_n": lambda apply, which, no, yes: apply("choose", which, yes, no),
    "clamp": lambda apply, low, x, high: apply("min", apply("max", x, low), high),
    "square": lambda apply, x: apply("mul", x, x),
    "one_minus_square": lambda apply, x: apply("sub", 1.0, apply("mul", x, x)),
    "rsqrt": lambda apply, x: apply("div", 1.0, apply("sqrt", x)),
    "logistic": lambda apply, x: apply("div", 1.0, apply("add", 1.0, apply("exp", apply("neg", x)))),
    "is_finite": lambda apply, x: apply("eq", apply("sub", x, x), 0.0),
}
#: Places to recognise exp(-x^2), the derivative of erf, which JAX from 0.12 on computes by splitting the bits of x.
TRIED = (-2.1, -0.4, 0.3, 1.7)
#: Largest whole exponent that is written as products.
LARGEST_POWER = 64


def traced(
    function: Callable[..., Any], lines: Lines, shapes: Sequence[tuple[int, ...]], names: Sequence[Any]
) -> Any:
    """The result of a function for names instead of numbers.

    Args:
        function: in jax.numpy, of arrays of these shapes.
        lines: collects its operations.
        shapes: of its arguments.
        names: an array of names for each argument.

    Returns:
        Arrays (objects) of names and numbers, one for each array that the function returns.

    Raises:
        UsageError: it uses a primitive that kernels do not support, or control flow that depends on a coordinate.
    """
    import jax

    with jax.enable_x64(True):
        try:
            closed = jax.make_jaxpr(function)(*(np.zeros(shape) for shape in shapes))
        except (jax.errors.JAXTypeError, jax.errors.JAXIndexError) as error:
            raise UsageError(
                f"JAX cannot trace the function: {str(error).strip().splitlines()[0]}",
                "a function of jax.numpy without Python branches on its values",
                "use jnp.where",
            ) from error
        return _carried_out(closed.jaxpr, closed.consts, lines, [np.asarray(one, object) for one in names])


def _carried_out(jaxpr: Any, constants: Sequence[Any], lines: Lines, arguments: Sequence[Any]) -> list[Any]:
    known: dict[Any, Any] = dict(zip(jaxpr.constvars, constants, strict=True))
    known.update(zip(jaxpr.invars, arguments, strict=True))

    def read(variable: Any) -> Any:
        return variable.val if hasattr(variable, "val") else known[variable]

    for equation in jaxpr.eqns:
        made = _step(equation, [read(variable) for variable in equation.invars], lines)
        known.update(zip(equation.outvars, made, strict=True))
    return [np.asarray(read(variable)) for variable in jaxpr.outvars]


def _step(equation: Any, values: list[Any], lines: Lines) -> list[Any]:
    """The results of one equation."""
    name = equation.primitive.name
    inner = equation.params.get("jaxpr", equation.params.get("call_jaxpr"))
    if name == "custom_jvp_call" and _is_gaussian(inner):
        return [_each(lambda x: lines.apply("exp", lines.apply("neg", lines.apply("mul", x, x))), *values)]
    if inner is not None and name not in ("while", "scan", "cond"):
        closed = hasattr(inner, "consts")
        return _carried_out(inner.jaxpr if closed else inner, inner.consts if closed else (), lines, values)
    if not any(_symbolic(value) for value in values):
        made = equation.primitive.bind(*values, **equation.params)
        return list(made) if equation.primitive.multiple_results else [made]
    if name in MOVES:
        return _moved(equation, values)
    if name in ARITHMETIC:
        return [_each(lambda *row: lines.apply(ARITHMETIC[name], *row), *values)]
    return [_special(name, equation.params, values, lines)]


def _is_gaussian(closed: Any) -> bool:
    """Whether a jaxpr of one argument is exp(-x^2), by its values at some places."""
    from jax.extend.core import jaxpr_as_fun

    if len(closed.in_avals) != 1 or len(closed.out_avals) != 1:
        return False
    shape, function = closed.in_avals[0].shape, jaxpr_as_fun(closed)
    values = [float(np.ravel(function(np.full(shape, place))[0])[0]) for place in TRIED]
    return np.allclose(values, np.exp(-np.square(TRIED)), rtol=1e-12, atol=0.0)


def _symbolic(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.dtype == object


def _each(function: Callable[..., Any], *values: Any) -> Any:
    """A function of each entry, the entries of a scalar repeated."""
    rows = np.broadcast_arrays(*(np.asarray(value, object) for value in values))
    made = np.empty(rows[0].shape, object)
    for place in np.ndindex(made.shape):
        made[place] = function(*(_plain(row[place]) for row in rows))
    return made


def _plain(entry: Any) -> Any:
    """An entry as a name or a Python number."""
    return entry if isinstance(entry, Name | bool | int | float) else np.asarray(entry).item()


def _moved(equation: Any, values: list[Any]) -> list[Any]:
    """Let JAX move numbers that stand for the entries of the symbolic values. Starts and indices are plain numbers."""
    entries: list[Any] = []

    def numbered(value: Any) -> Any:
        flat = [_plain(entry) for entry in np.asarray(value, object).ravel()]
        entries.extend(flat)
        return np.arange(len(entries) - len(flat), len(entries)).reshape(np.shape(value))

    first = PLACES.get(equation.primitive.name, len(values))
    if any(_symbolic(value) for value in values[first:]):
        raise _refused(f"{equation.primitive.name} at a place that depends on a coordinate")
    given = [*map(numbered, values[:first]), *values[first:]]
    made = equation.primitive.bind(*given, **equation.params)
    found = made if equation.primitive.multiple_results else [made]
    return [_each(lambda place: entries[place], np.asarray(one)) for one in found]


def _special(name: str, params: dict[str, Any], values: list[Any], lines: Lines) -> Any:
    """What the primitives make that are neither moves nor one operation of entries.

    Raises:
        UsageError: no kernel is written of this primitive.
    """
    if name in SAME:
        return values[0]
    if name in REDUCTIONS:
        return _reduced(REDUCTIONS[name], values[0], params["axes"], lines)
    if name == "dot_general":
        return _contracted(params["dimension_numbers"], *values)
    if name == "integer_pow":
        return _each(lambda x: _power(x, params["y"], lines), values[0])
    if name not in COMPOSED:
        raise _refused(name)
    return _each(partial(COMPOSED[name], lines.apply), *values)


def _refused(name: str) -> UsageError:
    return UsageError(
        f"no kernel is written of {name}",
        "sums, products, powers, elementary functions, jnp.where, indexing at fixed places",
        "write the kernels by hand: langevin.potentials.potential, langevin.manifolds.constraint",
    )


def _power(x: Any, exponent: int, lines: Lines) -> Any:
    """x to a whole power, by squarings."""
    if abs(exponent) > LARGEST_POWER:
        return lines.apply("pow", x, float(exponent))
    made, square, left = 1.0, x, abs(exponent)
    while left:
        if left & 1:
            made = lines.apply("mul", made, square)
        left >>= 1
        square = lines.apply("mul", square, square) if left else square
    return made if exponent >= 0 else lines.apply("div", 1.0, made)


def _reduced(operation: str, value: Any, axes: Sequence[int], lines: Lines) -> Any:
    kept = [axis for axis in range(value.ndim) if axis not in axes]
    rows = np.transpose(value, [*kept, *axes]).reshape([value.shape[axis] for axis in kept] + [-1])
    made = np.empty(rows.shape[:-1], object)
    for place in np.ndindex(made.shape):
        first, *rest = rows[place]
        for one in rest:
            first = lines.apply(operation, first, one)
        made[place] = first
    return made


def _contracted(numbers: Any, first: Any, second: Any) -> Any:
    """The contraction of two arrays; axes that are in both come first in what is made, as JAX has it."""
    (left, right), (batch_left, batch_right) = numbers
    letters = iter(range(100))
    ones = [next(letters) for _ in range(np.ndim(first))]
    others = [next(letters) for _ in range(np.ndim(second))]
    for pair in (zip(left, right, strict=True), zip(batch_left, batch_right, strict=True)):
        for a, b in pair:
            others[b] = ones[a]
    batch = [ones[a] for a in batch_left]
    summed = {ones[a] for a in left}
    free = [axis for axis in [*ones, *others] if axis not in summed and axis not in batch]
    made = np.einsum(
        np.asarray(first, object), ones, np.asarray(second, object), others, [*batch, *free], optimize=False
    )
    return np.asarray(made, object)
