"""A public function with a check of its arguments."""

from __future__ import annotations

import inspect
import math
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, wraps
from typing import Any

from langevin.arguments.kinds import described, fields_of, misfit
from langevin.arguments.own_failure import is_own
from langevin.errors import LangevinError, NumericalError, UsageError, unfit

#: Errors of code that receives a value of a shape or kind that it cannot process.
UNABLE = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError)
#: Packages whose functions check numbers, texts and arrays themselves, with their ranges.
THEIR_OWN = ("langevin.ensemble", "langevin.integrators")
#: Packages whose functions accept nan.
TELLING = ("langevin.comparison",)
_CHECKED: dict[Callable[..., Any], Callable[..., Any]] = {}


def check_calls_of(package: str, check: Callable[[object], None] | None = None) -> None:
    """Add an argument check to the exported functions of a package; inside the package they are called without it.

    `check` refuses values of the right kind that no function of the package can process.

    Args:
        package: dotted name of the package.
        check: refuses values of the right kind that no function of the package can process; None for no such check.
    """
    module = sys.modules[package]
    for name in module.__all__:
        item = vars(module).get(name)
        if inspect.isfunction(item):
            setattr(module, name, with_checks(item, package, check))


def with_checks(
    function: Callable[..., Any], package: str, check: Callable[[object], None] | None = None
) -> Callable[..., Any]:
    """The function with a check: before a call, arguments are compared with the kinds of its signature.

    Args:
        function: a public function.
        package: the package that exports it, for `help`.
        check: refuses further values of arguments.

    Raises:
        UsageError: an argument is missing, superfluous or of another kind, or the function cannot process it.
        NumericalError: the memory or the range of floats is not sufficient.
    """
    if function in _CHECKED:
        return _CHECKED[function]
    plain = not function.__module__.startswith(THEIR_OWN)
    remedy = f"see help({package}.{function.__name__})"

    @wraps(function)
    def checked(*arguments: Any, **named: Any) -> Any:
        with one_sentence_failures(function.__name__, remedy):
            bound = _bound(function, arguments, named, remedy)
            _check(function, bound, remedy, plain)
            if check is not None:
                for value in bound.values():
                    check(value)
            found = function(*arguments, **named)
            if package not in TELLING:
                _refuse_nan(bound, remedy)
            return found

    _CHECKED[function] = checked
    return checked


@contextmanager
def one_sentence_failures(name: str, remedy: str) -> Iterator[None]:
    """Report a failure inside the block in one sentence; the cause stays chained to the error.

    Args:
        name: of the function in the sentence.
        remedy: end of the sentence.
    """
    try:
        yield
    except LangevinError as error:
        error.remedy = error.remedy or remedy
        raise
    except MemoryError as error:
        raise NumericalError(f"{name} needs more memory than there is", remedy="ask for less") from error
    except UNABLE as error:
        if is_own(error):
            raise  # a function that was passed in raised it: its author must see the error
        first = str(error).strip().partition("\n")[0]
        raise UsageError(
            f"{name} cannot work with these arguments: {type(error).__name__}: {first}",
            "their kinds, shapes and ranges must fit one another",
            remedy,
        ) from error


@cache
def _signature(function: Callable[..., Any]) -> inspect.Signature:
    """The signature; annotations are evaluated if possible."""
    try:
        return inspect.signature(function, eval_str=True)
    except NameError:
        return inspect.signature(function)


def _bound(
    function: Callable[..., Any], arguments: tuple[Any, ...], named: dict[str, Any], remedy: str
) -> dict[str, Any]:
    """The arguments by their names, without those of * and **, which have no kinds."""
    signature = _signature(function)
    try:
        bound = signature.bind(*arguments, **named).arguments
    except TypeError as error:
        raise UsageError(
            f"{function.__name__}: {error}", f"it takes ({', '.join(signature.parameters)})", remedy
        ) from None
    kinds = {name: parameter.kind for name, parameter in signature.parameters.items()}
    loose = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return {name: value for name, value in bound.items() if kinds[name] not in loose}


def _check(function: Callable[..., Any], bound: dict[str, Any], remedy: str, plain: bool) -> None:
    """Refuse an argument, or a field of a record, whose kind differs from its annotation."""
    parameters = _signature(function).parameters
    for name, value in bound.items():
        _refuse(name, misfit(parameters[name].annotation, value, plain), value, remedy)
        for field, kind in fields_of(type(value)).items():
            inner = getattr(value, field)
            _refuse(f"{name}.{field}", misfit(kind, inner, plain), inner, remedy)


def _refuse_nan(bound: dict[str, Any], remedy: str) -> None:
    """Refuse nan, if the function itself did not refuse it by its range."""
    for name, value in bound.items():
        if isinstance(value, float) and math.isnan(value):
            raise unfit(name, "must be a number", "nan", remedy)


def _refuse(name: str, wanted: str, value: object, remedy: str) -> None:
    if wanted:
        raise unfit(name, f"must be {wanted}", described(value), remedy)
