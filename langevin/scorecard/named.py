"""The theories of the delay by name, from the package, from plugins, and from a user's file."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable
from numbers import Real
from pathlib import Path
from typing import Any

from langevin.errors import UsageError
from langevin.registry import entries, entry
from langevin.registry.by_module import module_here
from langevin.types import Constant, DelayTheory, WhetherTheory


def named_theories(own: Iterable[str] = ()) -> tuple[dict[str, DelayTheory], dict[str, WhetherTheory]]:
    """Theories of the time of generalising, and theories of whether a network generalises, by name.

    Args:
        own: Further theories: a file `NAME.py` with one or more theories below this folder, or `module:name`. A
            theory has the name of its variable in both cases, so that it occurs once in the tables.

    Raises:
        UsageError: there is no such file or name, it fails, it holds no theory, its name is taken, or a field of it has
            another type.
    """
    found: dict[str, Any] = entries("delays")
    for name in own:
        for key, theory in _own(name).items():
            if found.get(key, theory) is not theory:
                raise UsageError(
                    f"{name} has a theory {key}, as another", "one theory of each name", "rename yours"
                )
            found[key] = theory
    for name, theory in found.items():
        _check(name, theory)
    return (
        {name: one for name, one in found.items() if isinstance(one, DelayTheory)},
        {name: one for name, one in found.items() if isinstance(one, WhetherTheory)},
    )


def _check(name: str, theory: DelayTheory | WhetherTheory) -> None:
    """Refuse a theory with functions that cannot be called, or with invalid constants."""
    if not isinstance(theory, DelayTheory | WhetherTheory):
        raise UsageError(
            f"{name} is not a theory of the delay",
            "it must be a DelayTheory or a WhetherTheory",
            "docs/delays.md shows one",
        )
    if not callable(theory.predict) or not (theory.applies is None or callable(theory.applies)):
        raise UsageError(
            f"`predict` or `applies` of {name} cannot be called", "functions", "docs/delays.md shows one"
        )
    _check_arguments(f"`predict` of {name}", theory.predict, "predict(seen, constants)", 2)
    if theory.applies is not None:
        _check_arguments(f"`applies` of {name}", theory.applies, "applies(seen)", 1)
    constants = theory.constants
    if not isinstance(constants, tuple) or not all(isinstance(one, Constant) for one in constants):
        raise UsageError(
            f"the constants of {name} are not constants of langevin",
            "a tuple of `Constant`",
            "write (Constant(...),)",
        )
    if len({one.name for one in constants}) < len(constants):
        raise UsageError(
            f"two constants of {name} have one name", "a name of its own for each", "rename one of them"
        )
    for one in constants:
        if not all(isinstance(value, Real) for value in (one.start, one.low, one.high)):
            raise UsageError(
                f"the constant {one.name} of {name} is not made of numbers", "start, low and high are numbers"
            )
        if not (math.isfinite(one.start) and one.low <= one.start <= one.high):
            raise UsageError(
                f"the constant {one.name} of {name} starts at {one.start:g}",
                f"a number from {one.low:g} to {one.high:g}, its low and high",
                "choose another start",
            )


def _check_arguments(what: str, function: Callable[..., Any], form: str, count: int) -> None:
    """Refuse a function that cannot be called with this number of arguments: the call would fail in langevin."""
    try:
        inspect.signature(function).bind(*range(count))
    except TypeError as error:
        raise UsageError(
            f"{what} cannot be called as {form}: {error}", "a function of these arguments", f"define {form}"
        ) from error
    except ValueError:  # some compiled functions have no signature
        return


def _own(name: str) -> dict[str, Any]:
    if name not in entries("delays") and Path(f"{name}.py").is_file():
        raise UsageError(
            f"{name} is no theory, but {name}.py is a file", "FILE.py or MODULE:NAME", f"write {name}.py"
        )
    if not name.endswith(".py"):
        return {name.rpartition(":")[2].replace("_", "-"): entry("delays", name)}
    path = Path(name)
    if not all(part.isidentifier() for part in path.with_suffix("").parts):
        raise UsageError(
            f"{name} is not a Python file below the working directory",
            "a name such as mine.py or folder/mine.py",
            "change to the folder of the file, or copy the file here",
        )
    module = module_here(
        ".".join(path.with_suffix("").parts), f"there is no file {name}: name one that is in this folder"
    )
    theories = {
        key.replace("_", "-"): value
        for key, value in vars(module).items()
        if isinstance(value, DelayTheory | WhetherTheory)
    }
    if not theories:
        raise UsageError(
            f"{name} holds no theory",
            "it must define a DelayTheory or a WhetherTheory",
            "docs/delays.md shows one",
        )
    return theories
